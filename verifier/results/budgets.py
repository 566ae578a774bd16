"""Limits on the durations and errors of a run. They say nothing about contracts."""

from tally.values import dataclass
from verifier.results.result import BudgetResult
from verifier.results.statistics import Statistics


@dataclass(frozen=True, kw_only=True)
class Budgets:
    """The limits that the user set; None is no limit. *max_error_rate* is a percentage."""

    max_p95_ms: float | None = None
    max_error_rate: float | None = None


def budget_results(budgets: Budgets, measured: Statistics) -> tuple[BudgetResult, ...]:
    """Return the result for each limit that is set."""
    limits = (
        ("--max-p95", "95th percentile of the durations", budgets.max_p95_ms, measured.p95, "ms"),
        ("--max-error-rate", "error rate", budgets.max_error_rate, measured.error_rate, "%"),
    )
    return tuple(
        BudgetResult(option, name, limit, value, unit)
        for option, name, limit, value, unit in limits
        if limit is not None
    )
