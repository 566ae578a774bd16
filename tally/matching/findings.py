"""What a comparison of two values found: mismatches, each with its place and a sentence."""

from typing import Any

from tally.matching.locations import ValueLocation
from tally.matching.mismatch import Mismatch, first_difference, shown, shown_bytes

Json = Any


class Findings:
    """The mismatches so far; *path* leads to where the comparison is, and whoever compares moves it."""

    def __init__(self, location: ValueLocation) -> None:
        self.mismatches: list[Mismatch] = []
        self.path: list[str | int] = []
        self.location = location
        self._complaints: set[str] = set()

    def report(self, wanted: str, expected: Json, actual: Json) -> None:
        """Report a value that is not as it should be."""
        where = self.location.words(self.path)
        self._add(f"Expected {wanted} {where}, but got {shown(actual)}", expected, actual)

    def report_bytes(self, expected: bytes, actual: bytes) -> None:
        """Report other bytes, and where they begin to differ."""
        at = first_difference(expected, actual)
        wanted, got = shown_bytes(expected, at), shown_bytes(actual, at)
        where = self.location.words(self.path)
        self._add(
            f"Expected {wanted} {where}, but got {got}: they differ from byte {at} on", expected, actual
        )

    def report_size(self, wanted: str, expected: Json, actual: Json) -> None:
        """Report an object or a list that has too few, too many, or should be none."""
        where = self.location.words(self.path)
        self._add(f"Expected {wanted} {where}, but got {len(actual)}: {shown(actual)}", expected, actual)

    def report_missing(self, key: str, expected: Json) -> None:
        """Report a key that is not there."""
        self._report_key(key, f"Expected {shown(expected)}", "the key is missing", expected, None)

    def report_unexpected(self, key: str, actual: Json) -> None:
        """Report a key that should not be there."""
        self._report_key(key, "Expected nothing", f"got {shown(actual)}", None, actual)

    def complain(self, problem: str, expected: Json, actual: Json) -> None:
        """Report a rule that cannot be used: once, not for every value that it is about."""
        if problem in self._complaints:
            return
        self._complaints.add(problem)
        where = self.location.words(self.path)
        self._add(f"Cannot compare what is {where}: {problem}", expected, actual)

    def mark(self) -> tuple[int, frozenset[str]]:
        """Return what `back_to` takes to forget all that is found from here on."""
        return len(self.mismatches), frozenset(self._complaints)

    def back_to(self, mark: tuple[int, frozenset[str]]) -> None:
        """Forget what was found since *mark*."""
        count, complaints = mark
        del self.mismatches[count:]
        self._complaints = set(complaints)

    def _report_key(self, key: str, wanted: str, got: str, expected: Json, actual: Json) -> None:
        self.path.append(key)
        self._add(f"{wanted} {self.location.words(self.path)}, but {got}", expected, actual)
        self.path.pop()

    def _add(self, message: str, expected: Json, actual: Json) -> None:
        path = self.location.path(self.path)
        self.mismatches.append(Mismatch(self.location.kind, path, expected, actual, message))
