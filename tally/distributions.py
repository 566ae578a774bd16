"""What the installed distributions say of themselves: entry points and versions.

The standard library answers that too, but loading its part for it takes longer than all else that a command
of `tally` does before it asks a broker.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import CodeType, FunctionType
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

    def docstring(self) -> str | None:
        """Return the docstring, without importing the module; None when that is not installed."""
        functions = _functions(self.module)
        if functions is None:
            return None
        code = functions.get(self.attribute)
        return FunctionType(code, {}).__doc__ or "" if code else ""


def entry_points(group: str) -> dict[str, EntryPoint]:
    """Return what the distributions on the path of Python offer, by name; what comes first there wins."""
    found: dict[str, EntryPoint] = {}
    for folder in _folders():
        with suppress(OSError), open(f"{folder}/entry_points.txt", encoding="utf-8") as file:
            for point in _in(file.read(), group):
                found.setdefault(point.name, point)
    return found or _found_by_python(group)


def version(distribution: str) -> str:
    """Return the version of an installed distribution; its name has neither dashes nor dots."""
    for folder in _folders():
        name, _, found = os.path.basename(folder).removesuffix(".dist-info").partition("-")
        if name == distribution:
            return found
    from importlib import metadata  # noqa: PLC0415 - see above

    return metadata.version(distribution)


def _folders() -> Iterator[str]:
    """Return the folder of each distribution, in the order of Python's path; it may have no entry points."""
    for place in sys.path:
        with suppress(OSError):  # such as an archive, or nothing at all
            names = sorted(os.listdir(place or "."))
            yield from (f"{place or '.'}/{name}" for name in names if name.endswith(".dist-info"))


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


@cache
def _functions(module: str) -> dict[str, CodeType] | None:
    """Return the code of the functions of a module, from what is compiled; None when it is not installed."""
    try:
        spec = find_spec(module)
    except ImportError:
        spec = None
    code_of = getattr(spec and spec.loader, "get_code", None)
    if code_of is None:
        return None
    code = code_of(module)
    parts = code.co_consts if code else ()
    return {part.co_name: part for part in parts if isinstance(part, CodeType) and not part.co_freevars}
