"""Files of tests that this run did not collect, and whether a test in them may record into a pact."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

import pytest

from consumer_sdk.pact_files.recording import Pair
from consumer_sdk.runs.collection import Pairs, may_record, readable

_OWN_NAMES = ("pact_between", "pact_fixture", "pact_attribute")
_CONFTEST = "conftest.py"


@dataclass(frozen=True)
class Selection:
    """Whether the command selects some of the tests.

    *is_whole* is false when files or parts of them may be left out; *files* are those of which every test was
    collected.
    """

    root: Path
    is_whole: bool
    files: frozenset[str]
    patterns: tuple[str, ...]
    ignored: tuple[str, ...]

    def left_out(self, fixtures: Mapping[str, Pairs], pair: Pair) -> Iterator[str]:
        """Yield the files that were not collected and in which a test may record into the pact."""
        if self.is_whole:
            return
        names = _names(fixtures, pair)
        yield from (name for name, text in self._texts.items() if may_use(text, names))

    def may_record(self, file: str, fixtures: Mapping[str, Pairs], pair: Pair) -> bool:
        """Whether a test in a file, of which none was collected, may record into the pact."""
        path = self.root / file
        return path.is_file() and may_use(readable(path), _names(fixtures, pair))

    @cached_property
    def _texts(self) -> dict[str, str]:
        found = {}
        for path in self._paths():
            name = path.relative_to(self.root).as_posix()
            if path.name == _CONFTEST:
                folder = name.removesuffix(_CONFTEST)
                if any(file.startswith(folder) for file in self.files):
                    continue  # pytest has read it, and knows its fixtures
            elif name in self.files:
                continue
            found[name] = readable(path)
        return found

    def _paths(self) -> Iterator[Path]:
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not self._is_ignored(Path(folder, name)))
            for name in sorted(files):
                if name == _CONFTEST or any(fnmatch(name, pattern) for pattern in self.patterns):
                    yield Path(folder, name)

    def _is_ignored(self, folder: Path) -> bool:
        named = any(fnmatch(folder.name, pattern) for pattern in self.ignored)
        return named or (folder / "pyvenv.cfg").exists()


def _names(fixtures: Mapping[str, Pairs], pair: Pair) -> list[str]:
    return [name for name, pairs in fixtures.items() if may_record(pairs, pair)]


def may_use(text: str, fixtures: list[str]) -> bool:
    """Whether a test module asks for one of these fixtures, or records in another way."""
    if any(name in text for name in _OWN_NAMES):
        return True
    if not fixtures:
        return False
    names = "|".join(map(re.escape, fixtures))
    parameter = rf"def\s+\w+\s*\([^)]*\b(?:{names})\b"
    by_name = rf"""(?:usefixtures|getfixturevalue)\([^)]*["'](?:{names})["']"""
    return bool(re.search(f"{parameter}|{by_name}", text))


def selection(config: pytest.Config, collected: frozenset[str], *, last_failed: bool) -> Selection:
    """Return what the command, the settings and the cache of pytest select."""
    option = config.option
    parts = {argument.partition("::")[0] for argument in config.args if "::" in argument}
    in_parts = {
        path.relative_to(config.rootpath).as_posix()
        for part in parts
        if (path := _resolved(config, part)).is_relative_to(config.rootpath)
    }
    ignores = getattr(option, "ignore", None) or getattr(option, "ignore_glob", None)
    is_whole = not (parts or ignores or last_failed) and _covers_all(config)
    return Selection(
        config.rootpath,
        is_whole,
        frozenset() if last_failed else collected - in_parts,
        tuple(config.getini("python_files")),
        tuple(config.getini("norecursedirs")),
    )


def _covers_all(config: pytest.Config) -> bool:
    """Whether the command names every place of tests that the project has."""
    patterns = config.getini("testpaths")
    wanted = [path for pattern in patterns for path in config.rootpath.glob(pattern)] or [config.rootpath]
    given = [_resolved(config, argument) for argument in config.args]
    return all(any(path.is_relative_to(place) for place in given) for path in wanted)


def _resolved(config: pytest.Config, argument: str) -> Path:
    return Path(os.path.abspath(config.invocation_params.dir / argument))  # noqa: PTH100 - links stay, as in pytest
