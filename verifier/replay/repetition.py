"""Repeated replay of a case, to find cases that pass only in some of their runs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from verifier.contracts.cases import AnyCase
from verifier.results.result import CaseResult, Runs

Replay = Callable[[Iterable[AnyCase]], Iterator[CaseResult]]


def repeated(cases: Sequence[AnyCase], times: int, replay: Replay) -> Iterator[CaseResult]:
    """Replay each case so many *times*, and yield one combined result for each; in any order."""
    if times == 1:
        yield from replay(cases)
        return
    # By identity: cases hold dictionaries, so they cannot be hashed.
    runs: dict[int, list[CaseResult]] = {id(case): [] for case in cases}
    for result in replay([case for case in cases for _ in range(times)]):
        of_case = runs[id(result.case)]
        of_case.append(result)
        if len(of_case) == times:
            yield combined(of_case)


def combined(runs: Sequence[CaseResult]) -> CaseResult:
    """Return one result for all runs of a case: the first failed one if there is any, otherwise the first.

    A failed run that reached the provider is preferred to one that did not. The duration is the mean of all.
    """
    first = min(runs, key=lambda result: (result.passed, not result.checked))
    passed = sum(result.passed for result in runs)
    durations = [result.duration_ms for result in runs if result.received]
    mean = sum(durations) / len(durations) if durations else 0
    return replace(first, runs=Runs(passed, len(runs)), duration_ms=mean)
