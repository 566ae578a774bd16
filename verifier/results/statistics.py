"""Durations and errors of a run. Pure; times are in milliseconds."""

from collections.abc import Iterable, Sequence
from math import ceil

from tally.values import dataclass
from verifier.results.result import CaseResult, ContractResult, FailureKind

NOT_ANSWERED = frozenset({FailureKind.TIMEOUT, FailureKind.NO_ANSWER, FailureKind.MESSAGE})
_SERVER_ERROR = 500


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Counts and percentiles of a run; a percentile is None when there was no response.

    *asked* counts the cases whose request was sent, *answered* those with a response. *errors* are cases
    without a response, or with a status of 500 and above that the contract does not expect.
    """

    asked: int
    answered: int
    errors: int
    p50: float | None
    p95: float | None
    p99: float | None

    @property
    def error_rate(self) -> float | None:
        """Errors as a percentage of *asked*; None when it is 0."""
        return 100 * self.errors / self.asked if self.asked else None


def statistics(contracts: Iterable[ContractResult]) -> Statistics:
    """Return the statistics of a run."""
    results = [each for verified in contracts for result in verified.results for each in result.each]
    asked = [result for result in results if result.asked]
    times = durations(results)
    return Statistics(
        asked=len(asked),
        answered=len(times),
        errors=sum(_is_error(result) for result in asked),
        p50=percentile(times, 50),
        p95=percentile(times, 95),
        p99=percentile(times, 99),
    )


def durations(results: Iterable[CaseResult]) -> list[float]:
    """Return the durations of the cases with a response, shortest first."""
    return sorted(result.duration_ms for result in results if result.received)


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the percentile of *ordered* by the nearest-rank method; None for an empty list."""
    return ordered[ceil(len(ordered) * percent / 100) - 1] if ordered else None


def slowest(contracts: Iterable[ContractResult], most: int) -> list[tuple[ContractResult, CaseResult]]:
    """Return the *most* slowest cases with a response, slowest first."""
    answered = [
        (verified, each)
        for verified in contracts
        for result in verified.results
        for each in result.each
        if each.received
    ]
    return sorted(answered, key=lambda pair: pair[1].duration_ms, reverse=True)[:most]


def _is_error(result: CaseResult) -> bool:
    if result.failure in NOT_ANSWERED:
        return True
    status = result.received.status if result.received else 0
    return status >= _SERVER_ERROR and any(mismatch.kind == "status" for mismatch in result.mismatches)
