"""The budgets that a service contract sets: measured after its cases, and apart from what they say."""

from collections.abc import Iterator
from math import ceil

from tally.service_contract.model import Budget, HttpOperation, ServiceContract
from verifier.contracts.cases import Case, MessageCase
from verifier.generation.settings import EXAMPLES, Generation
from verifier.replay.concurrency import READS
from verifier.replay.replayer import Replayer
from verifier.results.result import BudgetResult, CaseResult, ContractResult
from verifier.results.statistics import percentile

FROM = "service contract"
"""Where these limits come from, as reports say it."""


def is_repeatable(operation: HttpOperation, generation: Generation) -> bool:
    """Whether requests may be sent many times: those that read, or all where more is sent anyway."""
    return operation.method in READS or set(generation.phases) != {EXAMPLES}


def not_measured(contract: ServiceContract, generation: Generation) -> tuple[str, ...]:
    """Return warnings about the budgets that are not measured."""
    left_out = [
        each.title for each in contract.http_operations if each.budget and not is_repeatable(each, generation)
    ]
    if not left_out:
        return ()
    why = "that repeats requests which write, so it needs --phases examples,valid."
    return (f"The budget of {', '.join(left_out)} is not measured: {why}",)


def measured(verified: ContractResult, replayer: Replayer, generation: Generation) -> Iterator[BudgetResult]:
    """Yield what each operation with a budget takes, over so many requests as it says, after one more."""
    contract = verified.contract.service_contract
    for operation in contract.operations if contract else ():
        if operation.budget is None:
            continue
        if isinstance(operation, HttpOperation) and not is_repeatable(operation, generation):
            continue
        case = _case(verified, operation.id)
        results = _repeated(case, operation.budget.samples, replayer) if case else []
        yield from _results(operation.title, operation.budget, results)


def _case(verified: ContractResult, operation: str) -> Case | MessageCase | None:
    """Return what was answered with a success: an example, or else a generated request."""
    for result in (each for folded in verified.results for each in folded.each):
        case = result.case
        if not isinstance(case, Case | MessageCase) or not case.operation or case.operation.id != operation:
            continue
        status = result.received.status if result.received else 0
        if result.passed and (isinstance(case, MessageCase) or 200 <= status < 300):  # noqa: PLR2004 - a success
            return case
    return None


def _repeated(case: Case | MessageCase, samples: int, replayer: Replayer) -> list[CaseResult]:
    replayer.replay_one(case)  # so that caches and connections are there
    results = (replayer.replay_one(case) for _ in range(samples))
    return [result for result in results if result.passed]


def _results(title: str, budget: Budget, results: list[CaseResult]) -> Iterator[BudgetResult]:
    if budget.p95_ms is not None:
        times = sorted(result.duration_ms for result in results)
        name = f"95th percentile of {title} over {ceil(budget.samples)} requests"
        yield BudgetResult(FROM, name, budget.p95_ms, percentile(times, 95), "ms")
    if budget.max_bytes is not None:
        sizes = [len(result.received.body) for result in results if result.received]
        name = f"largest answer of {title}"
        yield BudgetResult(FROM, name, budget.max_bytes, max(sizes, default=None), "bytes")
