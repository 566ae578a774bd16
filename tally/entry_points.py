"""What the installed distributions offer under a name that is agreed on: a group of entry points.

The standard library answers that too, but loading its part for it takes longer than all else that a command
of `tally` does before it asks a broker.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from tally.values import dataclass


@dataclass(frozen=True)
class EntryPoint:
    """A function, by the names of its module and of itself."""

    name: str
    module: str
    attribute: str

    def load(self) -> Any:
        """Import the module, and return what is named. Raises ImportError and AttributeError."""
        return getattr(import_module(self.module), self.attribute)


def entry_points(group: str) -> dict[str, EntryPoint]:
    """Return what the distributions on the path of Python offer, by name; what comes first there wins."""
    found: dict[str, EntryPoint] = {}
    for folder in map(Path, sys.path):
        for file in sorted(folder.glob("*.dist-info/entry_points.txt")):
            for point in _in(file.read_text("utf-8"), group):
                found.setdefault(point.name, point)
    return found or _found_by_python(group)


def _in(text: str, group: str) -> Iterator[EntryPoint]:
    """Return what a file offers in the group: lines such as `name = module:attribute`."""
    _, _, after = text.partition(f"[{group}]\n")
    for line in after.partition("\n[")[0].splitlines():
        name, _, value = line.partition("=")
        module, _, attribute = value.partition("[")[0].partition(":")
        if attribute.strip():
            yield EntryPoint(name.strip(), module.strip(), attribute.strip())


def _found_by_python(group: str) -> dict[str, EntryPoint]:
    """Return what distributions offer that are no folders, such as those in an archive."""
    from importlib import metadata  # noqa: PLC0415 - see above

    points = metadata.entry_points(group=group)
    return {point.name: EntryPoint(point.name, point.module, point.attr) for point in points}
