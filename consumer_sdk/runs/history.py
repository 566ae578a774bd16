"""Which tests recorded what in earlier runs, kept in pytest's cache.

It adds to what is said, and to the tests that may record. No interaction is dropped because of it, and runs
without it (a fresh clone, no cache) end in the same files.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from consumer_sdk.pact_files.recordings import Recorded

_KEY = "tallystick/recorded"


class History:
    """What the cache has for the pact files of one directory."""

    def __init__(self, config: pytest.Config, pact_dir: Path) -> None:
        self._cache: Any = getattr(config, "cache", None)
        self._key = f"{_KEY}/{sha256(str(pact_dir.resolve()).encode()).hexdigest()[:16]}"
        found = self._cache.get(self._key, {}) if self._cache else {}
        self._found: dict[str, dict[str, Any]] = found if isinstance(found, dict) else {}

    def places(self, file: str) -> Mapping[str, str]:
        """Return where each interaction of a pact file was recorded, by its identity."""
        return {identity: ", ".join(known["places"]) for identity, known in self._of(file).items()}

    def tests(self, file: str) -> frozenset[str]:
        """Return the ids of the tests that recorded into a pact file."""
        return frozenset(test for known in self._of(file).values() for test in known["tests"])

    def keep(self, file: str, recorded: Sequence[Recorded], *, kept: bool) -> None:
        """Remember what this run recorded, beside what was *kept*."""
        before = self._of(file) if kept else {}
        now = dict(before)
        for each in recorded:
            known = before.get(each.recording.identity, {"tests": []})
            now[each.recording.identity] = {
                "places": list(each.places),
                "tests": sorted({*known["tests"], *each.tests}),
            }
        self._found = {**self._found, file: now}
        if self._cache:
            self._cache.set(self._key, self._found)

    def _of(self, file: str) -> dict[str, dict[str, list[str]]]:
        found = self._found.get(file)
        known = found.items() if isinstance(found, dict) else ()
        return {
            identity: each
            for identity, each in known
            if isinstance(each, dict) and {"places", "tests"} <= each.keys()
        }
