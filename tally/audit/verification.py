"""Verify an audit log: every hash is computed again from what was read, and the first difference is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from tally.audit.age import Kept, Removal
from tally.audit.hashing import BEFORE_THE_FIRST, canonical_entry, entry_hash, seal_hash
from tally.audit.sealed import Sealed
from tally.values import dataclass


class ProblemKind(StrEnum):
    """What is wrong."""

    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    SWAPPED = "swapped"
    SEAL_CHANGED = "seal-changed"
    SEAL_REMOVED = "seal-removed"
    END_REMOVED = "end-removed"


@dataclass(frozen=True)
class Problem:
    """The first difference: in which seal, and of which entry if it is of one."""

    kind: ProblemKind
    text: str
    seal: int
    uuid: str | None = None


@dataclass(frozen=True)
class Verification:
    """What was verified: up to the seal *newest* with its *hash*; *problem* is what is wrong first."""

    seals: int
    entries: int
    removed: int
    """How many of the seals have no entries any more, because of their age as is said."""
    removed_entries: int
    """How many entries those seals had, as they say themselves: nothing proves it."""
    newest: int
    hash: str
    problem: Problem | None = None


def verify(
    seals: Iterable[Sealed],
    *,
    noted: str | None = None,
    earlier: Iterable[Sealed] = (),
    kept: Kept | None = None,
) -> Verification:
    """Verify the seals of a log, all from the first on, in their order.

    *noted* is the hash of a seal that was noted earlier, *earlier* an earlier export. Without either, nobody
    notices when the newest seals are gone. Without *kept*, no entry may have been removed because of its
    age. Only one seal, and one of *earlier*, is in memory at a time.
    """
    run = _Run(noted, iter(earlier), kept)
    for sealed in seals:
        problem = run.problem_of(sealed)
        if problem:
            return run.result(problem)
    return run.result(run.problem_at_the_end())


class _Run:
    def __init__(self, noted: str | None, earlier: Iterator[Sealed], kept: Kept | None) -> None:
        self._noted = noted.lower() if noted else None
        self._earlier = earlier
        self._expected = next(earlier, None)
        self._seals = self._entries = 0
        self._removal = Removal(kept)
        self._hash = BEFORE_THE_FIRST.hex()

    def result(self, problem: Problem | None) -> Verification:
        removal = self._removal
        return Verification(
            self._seals, self._entries, removal.seals, removal.entries, self._seals, self._hash, problem
        )

    def problem_of(self, sealed: Sealed) -> Problem | None:
        """Return what is wrong with the next seal."""
        earlier = self._expected
        problem = self._problem_of_place(sealed) or self._problem_of_contents(sealed, earlier)
        if problem:
            return problem
        self._seals += 1
        self._entries += len(sealed.entries)
        self._hash = sealed.hash
        if self._noted == sealed.hash:
            self._noted = None
        return None

    def problem_at_the_end(self) -> Problem | None:
        """Return what is missing after the last seal."""
        last = f"the last seal is {self._seals}" if self._seals else "there is no seal"
        if self._expected is not None:
            text = f"Seal {self._expected.number} of the earlier export is gone, with all after it: {last}."
            return Problem(ProblemKind.END_REMOVED, text, self._expected.number)
        if self._noted is not None:
            text = f"No seal has the hash {self._noted}: {last}. The newest seals were removed, or made anew."
            return Problem(ProblemKind.END_REMOVED, text, self._seals + 1)
        if objection := self._removal.objection():
            return Problem(ProblemKind.REMOVED, objection, self._removal.seals)
        return None

    def _problem_of_place(self, sealed: Sealed) -> Problem | None:
        number = self._seals + 1
        if sealed.number != number:
            gone = f"Seal {number} is" if sealed.number == number + 1 else f"Seals {number} and more are"
            text = f"{gone} missing: after seal {number - 1} comes seal {sealed.number}."
            return Problem(ProblemKind.SEAL_REMOVED, text, number)
        if self._expected and (problem := _difference(self._expected, sealed)):
            return problem
        if self._expected:
            self._expected = next(self._earlier, None)
        if sealed.previous != self._hash:
            text = f"Seal {number} does not follow seal {number - 1}: one of the two was changed."
            return Problem(ProblemKind.SEAL_CHANGED, text, number)
        return None

    def _problem_of_contents(self, sealed: Sealed, earlier: Sealed | None) -> Problem | None:
        number = sealed.number
        if sealed.is_removed:
            return self._problem_of_removal(sealed, earlier)
        found = seal_hash(bytes.fromhex(self._hash), (bytes.fromhex(each) for _, each in sealed.hashes))
        if found.hex() != sealed.hash or len(sealed.hashes) != sealed.count:
            text = f"Seal {number} was changed: its hash is not that of its entries."
            return Problem(ProblemKind.SEAL_CHANGED, text, number)
        problem = _problem_of_entries(sealed)
        if problem is None:
            self._removal.leave(sealed)
        return problem

    def _problem_of_removal(self, sealed: Sealed, earlier: Sealed | None) -> Problem | None:
        number = sealed.number
        if self._removal.seals < self._seals:
            text = (
                f"The entries of seal {number} were removed, but older ones were not: this was no clean-up."
            )
            return Problem(ProblemKind.REMOVED, text, number)
        if sealed.entries:
            uuid = str(sealed.entries[0]["uuid"])
            text = f"Entry {uuid} is in seal {number}, whose entries were removed because of their age."
            return Problem(ProblemKind.ADDED, text, number, uuid)
        if young := self._removal.add(sealed, earlier):
            text = (
                f"Entry {young} in seal {number} of the earlier export was removed, and is not known to be "
                "as old as the entries that --months lets go."
            )
            return Problem(ProblemKind.REMOVED, text, number, young)
        return None


def _problem_of_entries(sealed: Sealed) -> Problem | None:
    """Compare what is there with what was sealed, entry by entry."""
    number, there = sealed.number, {str(entry["uuid"]): entry for entry in sealed.entries}
    sealed_uuids = dict(sealed.hashes)
    order = [str(entry["uuid"]) for entry in sealed.entries]
    for place, (uuid, expected) in enumerate(sealed.hashes):
        if uuid not in there:
            return _missing(number, uuid, order[place : place + 1], sealed_uuids)
        if entry_hash(canonical_entry(there[uuid])).hex() != expected:
            text = f"Entry {uuid} in seal {number} was changed. It now says: {_in_words(there[uuid])}."
            return Problem(ProblemKind.CHANGED, text, number, uuid)
    for uuid, times in Counter(order).items():
        if uuid not in sealed_uuids or times > 1:
            text = f"Entry {uuid} was added to seal {number} later. It says: {_in_words(there[uuid])}."
            return Problem(ProblemKind.ADDED, text, number, uuid)
    for uuid, other in zip(sealed_uuids, order, strict=True):
        if uuid != other:
            text = f"Entry {uuid} in seal {number} was swapped: entry {other} is in its place."
            return Problem(ProblemKind.SWAPPED, text, number, uuid)
    return None


def _missing(number: int, uuid: str, in_place: Sequence[str], sealed_uuids: Collection[str]) -> Problem:
    if in_place and in_place[0] not in sealed_uuids:
        text = f"Entry {uuid} in seal {number} was swapped: entry {in_place[0]} is in its place."
        return Problem(ProblemKind.SWAPPED, text, number, uuid)
    return Problem(ProblemKind.REMOVED, f"Entry {uuid} in seal {number} was removed.", number, uuid)


def _difference(earlier: Sealed, now: Sealed) -> Problem | None:
    """Return how a seal differs from the same one in an earlier export."""
    number = now.number
    if earlier.number != number:
        text = f"The earlier export is not whole: seal {number} is not in its place."
        return Problem(ProblemKind.SEAL_REMOVED, text, number)
    if earlier.hash == now.hash:
        return None
    hashes = dict(now.hashes)
    for uuid, expected in earlier.hashes:
        if uuid not in hashes:
            text = f"Entry {uuid} in seal {number} of the earlier export was removed, and its seal made anew."
            return Problem(ProblemKind.REMOVED, text, number, uuid)
        if hashes[uuid] != expected:
            text = f"Entry {uuid} in seal {number} is not as in the earlier export: it was sealed anew."
            return Problem(ProblemKind.CHANGED, text, number, uuid)
    text = f"Seal {number} has another hash than in the earlier export."
    return Problem(ProblemKind.SEAL_CHANGED, text, number)


def _in_words(entry: Mapping[str, Any]) -> str:
    actor, subject = entry.get("actor") or {}, entry.get("subject") or {}
    return (
        f"{entry.get('at')}, {actor.get('name')}, {entry.get('action')} {subject.get('kind')} "
        f"{subject.get('name')}, {entry.get('outcome')}"
    )
