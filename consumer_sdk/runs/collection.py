"""Which of the collected tests may record into which pacts, as values that a worker can send."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from consumer_sdk.pact_files.recording import Pair

FIXTURE = "pact_between"
Pairs = frozenset[Pair] | None
"""None stands for pairs that are known only when the test runs."""
NO_PAIRS: Pairs = frozenset()
_ASKED = re.compile(r"""getfixturevalue\(\s*["'](\w+)["']""")


@dataclass(frozen=True)
class Collection:
    """What pytest collected.

    *tests* are those that may record, with the pairs; also those that are not to be run. *fixtures* are those
    by which a test may record. *files* were collected; of those in *skipped* no test was, as they say.
    """

    tests: Mapping[str, Pairs] = field(default_factory=dict)
    fixtures: Mapping[str, Pairs] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()

    def sent(self) -> dict[str, Any]:
        """Return the values in types that pytest-xdist can send."""
        return {
            "tests": {name: _listed(pairs) for name, pairs in self.tests.items()},
            "fixtures": {name: _listed(pairs) for name, pairs in self.fixtures.items()},
            "files": sorted(self.files),
            "skipped": sorted(self.skipped),
        }


def received(sent: Mapping[str, Any]) -> Collection:
    """Return what a worker has sent."""
    return Collection(
        {name: _pairs(pairs) for name, pairs in sent["tests"].items()},
        {name: _pairs(pairs) for name, pairs in sent["fixtures"].items()},
        frozenset(sent["files"]),
        frozenset(sent["skipped"]),
    )


def joined(collections: Iterable[Collection]) -> Collection:
    """Return what several workers collected; each of them collects everything."""
    tests: dict[str, Pairs] = {}
    fixtures: dict[str, Pairs] = {}
    files: set[str] = set()
    skipped: set[str] = set()
    for each in collections:
        tests = either(tests, each.tests)
        fixtures = either(fixtures, each.fixtures)
        files |= each.files
        skipped |= each.skipped
    return Collection(tests, fixtures, frozenset(files), frozenset(skipped))


def collection(
    items: Iterable[pytest.Item], opened: Mapping[str, set[Pair]], files: Mapping[str, str]
) -> Collection:
    """Return what pytest collected: *items*, and *files* with how that ended.

    *opened* are the pairs of tests that ran, whatever their fixtures say.
    """
    tests: dict[str, Pairs] = {name: frozenset(pairs) for name, pairs in opened.items()}
    fixtures: dict[str, Pairs] = {}
    for item in items:
        found, pairs = _fixtures_of(item)
        if found or pairs is None:
            tests.setdefault(item.nodeid, pairs)
            fixtures |= found
    for test, pairs in _asking_by_name(items, {FIXTURE: None, **fixtures}):
        tests.setdefault(test, pairs)
    return Collection(
        tests,
        fixtures,
        frozenset(files),
        frozenset(name for name, outcome in files.items() if outcome == "skipped"),
    )


def either(one: Mapping[str, Pairs], other: Mapping[str, Pairs]) -> dict[str, Pairs]:
    """Return the pairs that one of both knows; those that one does not know stay unknown."""
    found = dict(one)
    for name, pairs in other.items():
        known = found.get(name, NO_PAIRS)
        found[name] = None if known is None or pairs is None else known | pairs
    return found


def may_record(pairs: Pairs, pair: Pair) -> bool:
    """Whether a test with these pairs may record into the pact of *pair*."""
    return pairs is None or pair in pairs


def _asking_by_name(
    items: Iterable[pytest.Item], fixtures: Mapping[str, Pairs]
) -> Iterator[tuple[str, Pairs]]:
    """Yield the tests of modules in which one of the fixtures is asked for while a test runs."""
    by_path: dict[Path, list[pytest.Item]] = {}
    for item in items:
        by_path.setdefault(item.path, []).append(item)
    for path, tests in by_path.items():
        names = set(_ASKED.findall(readable(path))) & fixtures.keys()
        pairs = _all(fixtures[name] for name in names)
        yield from ((test.nodeid, pairs) for test in tests if names)


def readable(path: Path) -> str:
    """Return the text of a module; what cannot be read, pytest could not run either."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _fixtures_of(item: pytest.Item) -> tuple[dict[str, Pairs], Pairs]:
    """Return the fixtures by which a test may record, and the pairs of all of them."""
    if FIXTURE not in getattr(item, "fixturenames", ()):
        return {}, NO_PAIRS
    info: Any = getattr(item, "_fixtureinfo", None)
    if info is None:
        return {}, None
    found: dict[str, Pairs] = {FIXTURE: None}
    waiting = {name: definitions for name, definitions in info.name2fixturedefs.items() if name != FIXTURE}
    while leading := [name for name, each in waiting.items() if _arguments(each) & found.keys()]:
        for name in leading:
            found[name] = _pairs_of(waiting.pop(name), found, item)
    del found[FIXTURE]
    return found, None if FIXTURE in info.argnames else _all(found.values())


def _arguments(definitions: Iterable[Any]) -> set[str]:
    return {name for definition in definitions for name in definition.argnames}


def _pairs_of(definitions: Iterable[Any], known: Mapping[str, Pairs], item: pytest.Item) -> Pairs:
    """Return the pairs of a fixture: those that it declares, or those of the fixtures that it asks for."""
    pairs = []
    for definition in definitions:
        declared = getattr(definition.func, "pact_pairs", None)
        if declared:
            pairs.append(declared(getattr(item, "cls", None)))
        else:
            pairs += [known[name] for name in definition.argnames if name in known]
    return _all(pairs)


def _all(several: Iterable[Pairs]) -> Pairs:
    found: frozenset[Pair] = frozenset()
    for pairs in several:
        if pairs is None:
            return None
        found |= pairs
    return found


def _listed(pairs: Pairs) -> list[list[str]] | None:
    return None if pairs is None else sorted(list(pair) for pair in pairs)


def _pairs(sent: list[list[str]] | None) -> Pairs:
    return None if sent is None else frozenset((consumer, provider) for consumer, provider in sent)
