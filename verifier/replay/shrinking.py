"""Making failures small: what is left out or simplified in a request, as long as it fails in the same way."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tally.json_schema.shapes import same
from tally.json_schema.smaller import smaller_values
from verifier.contracts.cases import Case
from verifier.generation.differences import Place, at, different_places, with_usual
from verifier.results.folding import generated_of, same_failure
from verifier.results.result import CaseResult

_MOST_REQUESTS = 40
_MOST_VALUES = 600
_MOST_CAUSES = 6
_LONG_TEXT = 30
_LARGE_NUMBER = 2**31

Replay = Callable[[Case], CaseResult]


class Shrinking:
    """Shrinks failures with at most so many *requests* in all; the same failures always shrink alike."""

    def __init__(self, replay: Replay, requests: int = 600) -> None:
        self._replay = replay
        self._left = requests

    def by_cause(self, group: Sequence[CaseResult]) -> list[list[CaseResult]]:
        """Return the failures of valid requests apart that have different causes; the first has that alone.

        Two requests of one operation may be answered with 500 for reasons that have nothing to do with each
        other: they differ from the usual request, which passes, at different places.
        """
        unusual = {id(result): _unusual(result) for result in group}
        if not all(unusual.values()):
            return [list(group)]
        causes: list[tuple[frozenset[object], list[CaseResult]]] = []
        for result in sorted(group, key=lambda each: len(unusual[id(each)])):
            known = [results for cause, results in causes if cause <= unusual[id(result)].keys()]
            if not known and len(causes) < _MOST_CAUSES:
                cause = self._cause(result, unusual[id(result)])
                known = [results for other, results in causes if other == cause]
                if not known:
                    causes.append((cause, []))
                    known = [causes[-1][1]]
            (known or [causes[0][1]])[0].append(result)
        return [results for _, results in causes]

    def _cause(self, result: CaseResult, unusual: dict[object, Place]) -> frozenset[object]:
        """Return what is unusual, and without which the request does not fail."""
        generated = generated_of(result)
        if generated is None or generated.smaller is None:
            return frozenset(unusual)
        value, kept = generated.value, []
        for key, place in reversed(unusual.items()):
            other = with_usual(generated.usual, value, place)
            case = generated.smaller(other) if self._left > 0 else None
            self._left -= case is not None
            if case is not None and same_failure(self._replay(case)) == same_failure(result):
                value = other
            else:
                kept.append(key)
        return frozenset(kept)

    def smallest(self, result: CaseResult) -> CaseResult:
        """Return the failure with the smallest request; *result* itself when there is no smaller one."""
        tried = 0
        seen: set[str] = set()
        best = result
        looking = True
        while looking and tried < _MOST_REQUESTS:
            looking = False
            for case in _smaller_cases(best, seen):
                if self._left <= 0 or tried >= _MOST_REQUESTS:
                    break
                tried, self._left = tried + 1, self._left - 1
                found = self._replay(case)
                if same_failure(found) == same_failure(result):
                    best, looking = found, True
                    break
        return replace(best, case=result.case, smallest=_value(best), tried=tried)


def _unusual(result: CaseResult) -> dict[object, Place]:
    """Return where the request is unusual, by the place and what kind of value is there."""
    generated = generated_of(result)
    if generated is None or generated.value is None or generated.usual is None:
        return {}
    places = different_places(generated.usual, generated.value)
    return {(place, _kind(at(generated.value, place))): place for place in places}


def _kind(value: object) -> object:
    if isinstance(value, str):
        return "text", value.isascii(), not value, len(value) > _LONG_TEXT
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number", value < 0, abs(value) >= _LARGE_NUMBER
    return type(value).__name__


def _value(result: CaseResult) -> object:
    generated = result.case.generated if isinstance(result.case, Case) else None
    return generated.value if generated else None


def _smaller_cases(result: CaseResult, seen: set[str]) -> "list[Case]":
    """Return the cases of simpler values that have not been looked at."""
    generated = result.case.generated if isinstance(result.case, Case) else None
    if generated is None or generated.smaller is None or generated.value is None:
        return []
    found: list[Case] = []
    for value in smaller_values(generated.value):
        key = same(value)
        if len(seen) > _MOST_VALUES:
            break
        if key in seen:
            continue
        seen.add(key)
        case = generated.smaller(value)
        if case is not None:
            found.append(case)
    return found
