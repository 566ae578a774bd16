"""What installed distributions offer under a name, read from their metadata.

`importlib.metadata` says the same, but it loads a library for mail, which takes longer than `tally` has for
a light command. It is asked where distributions are not folders.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

_LINE = re.compile(r"([^=#]+?)\s*=\s*([\w.]+)\s*:\s*([\w.]+)")


class EntryPoint(NamedTuple):
    """An attribute of a module, by a name."""

    name: str
    module: str
    attr: str

    def load(self) -> Any:
        """Import the module, and return the attribute."""
        return reduce(getattr, self.attr.split("."), import_module(self.module))


def entry_points(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of *group* by their names."""
    found = {
        each[1]: EntryPoint(*each.groups())
        for text in _texts()
        for line in text.partition(f"[{group}]")[2].partition("\n[")[0].splitlines()
        if (each := _LINE.match(line.strip()))
    }
    return found or _found_by_library(group)


def _texts() -> Iterator[str]:
    """Yield the list of each distribution that has one; of two with the same name, the first on the path."""
    seen: set[str] = set()
    for folder, name in _places():
        distribution = name.partition("-")[0].lower().replace(".", "_")
        with suppress(OSError):  # most have none
            text = Path(folder, name, "entry_points.txt").read_text(encoding="utf-8")
            if distribution not in seen:
                yield text
            seen.add(distribution)


def _places() -> Iterator[tuple[str, str]]:
    """Yield each folder of the path, with the name of one of metadata in it."""
    for folder in sys.path:
        names: list[str] = []
        with suppress(OSError):  # a part of the path may be missing, or no folder
            names = os.listdir(folder or ".")  # noqa: PTH208 - a path for each of hundreds takes its time
        yield from ((folder, name) for name in names if name.endswith((".dist-info", ".egg-info")))


def _found_by_library(group: str) -> dict[str, EntryPoint]:
    from importlib import metadata  # noqa: PLC0415 - slow to load, and hardly ever needed

    return {
        each.name: EntryPoint(each.name, each.module, each.attr)
        for each in metadata.entry_points(group=group)
    }
