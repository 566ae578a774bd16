"""Repeat cases, to find those that pass only sometimes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from verifier.contracts.cases import AnyCase
from verifier.results.result import CaseResult, Runs

Replay = Callable[[Iterable[AnyCase]], Iterator[CaseResult]]


def repeated(cases: Sequence[AnyCase], times: int, replay: Replay) -> Iterator[CaseResult]:
    """Yield one result for each case, after *replay* gave it so many *times*; its order does not matter."""
    if times == 1:
        yield from replay(cases)
        return
    runs: dict[int, list[CaseResult]] = {id(case): [] for case in cases}
    for result in replay([case for case in cases for _ in range(times)]):
        of_case = runs[id(result.case)]
        of_case.append(result)
        if len(of_case) == times:
            yield combined(of_case)


def combined(runs: Sequence[CaseResult]) -> CaseResult:
    """Return the results of one case as one: that of the first run that did not pass, if there is any.

    A run in which the provider could be asked says more than one in which it could not.
    """
    telling = min(runs, key=lambda result: (result.passed, not result.checked))
    passed = sum(result.passed for result in runs)
    durations = [result.duration_ms for result in runs if result.received]
    mean = sum(durations) / len(durations) if durations else 0
    return replace(telling, runs=Runs(passed, len(runs)), duration_ms=mean)
