"""The results of a run: everything that reports show and the broker is sent."""

from collections import Counter
from dataclasses import replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tally.matching import Mismatch
from tally.service_contract.model import HttpOperation
from tally.values import dataclass
from verifier.contracts.cases import AnyCase, Findings
from verifier.contracts.contract import Contract

if TYPE_CHECKING:  # not every run has a service contract
    from verifier.results.coverage import Coverage


class CaseOutcome(Enum):
    """How a case counts in the run."""

    PASSED = "passed"
    FAILED = "failed"
    FLAKY = "flaky"
    PENDING = "pending"
    NOT_CHECKED = "not-checked"


class FailureKind(Enum):
    """Why a case did not pass."""

    MISMATCH = "mismatch"
    TIMEOUT = "timeout"
    NO_ANSWER = "no-answer"
    PROVIDER_STATE = "provider-state"
    MESSAGE = "message"
    UNREACHABLE = "unreachable"
    UNSUPPORTED = "unsupported"
    REQUEST_FILTER = "request-filter"
    NOT_REPLAYED = "not-replayed"


NOT_CHECKED = frozenset(
    {FailureKind.UNREACHABLE, FailureKind.UNSUPPORTED, FailureKind.REQUEST_FILTER, FailureKind.NOT_REPLAYED}
)
"""Failures that say nothing about the provider, because no request reached it."""
NOT_ASKED = NOT_CHECKED | {FailureKind.PROVIDER_STATE}
"""Failures that say nothing about the contract. A provider state that cannot be set up is one of them, but
also a fault of the provider, so the result is still published."""


@dataclass(frozen=True)
class Sent:
    """A request as it was sent; values of headers that may hold credentials are replaced."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Received:
    """A response as it was received; values of headers that may hold credentials are replaced."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Step:
    """One exchange of a workflow, for an operation of a service contract if it is known."""

    operation: HttpOperation | None
    sent: Sent
    received: Received
    duration_ms: float = 0


@dataclass(frozen=True)
class Runs:
    """How often a case passed when it was repeated."""

    passed: int
    total: int


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """The result of one case.

    *problem* is a sentence for the user when there are no mismatches to show. *duration_ms* is the time for
    the request and its response, without the provider states. For a repeated case this is the result of the
    first failed run, or of the first run if all passed; *runs* counts them, and the duration is their mean.
    *steps* are the exchanges of a workflow; the last one is also *sent* and *received*. *of* are the results
    of generated requests that this one stands for; *smallest* is what the smallest of them was made of, found
    with *tried* further requests. *findings* are what is wrong with the answers of a workflow.
    """

    case: AnyCase
    sent: Sent | None = None
    received: Received | None = None
    mismatches: tuple[Mismatch, ...] = ()
    failure: FailureKind | None = None
    problem: str | None = None
    duration_ms: float = 0
    runs: Runs | None = None
    steps: tuple[Step, ...] = ()
    of: "tuple[CaseResult, ...]" = ()
    smallest: Any = None
    tried: int = 0
    findings: Findings = ()

    @property
    def each(self) -> "tuple[CaseResult, ...]":
        """The results that it stands for: itself, unless it is that of several generated requests."""
        return self.of or (self,)

    def at_finding(self, number: int) -> "CaseResult":
        """Return the failure of a workflow that is one of its findings."""
        index, mismatches = self.findings[number]
        step = self.steps[index]
        return replace(
            self,
            sent=step.sent,
            received=step.received,
            mismatches=mismatches,
            failure=FailureKind.MISMATCH,
        )

    @property
    def before(self) -> tuple[Step, ...]:
        """The exchanges of a workflow that came before the one that this result is about."""
        index = next((index for index, step in enumerate(self.steps) if step.sent is self.sent), 0)
        return self.steps[:index]

    @property
    def flaky(self) -> bool:
        """Whether it passed in some of its runs, but not in all."""
        return self.runs is not None and 0 < self.runs.passed < self.runs.total

    @property
    def passed(self) -> bool:
        """Whether the provider kept the contract."""
        return self.failure is None

    @property
    def checked(self) -> bool:
        """Whether it says something about the provider, if only that a state cannot be set up."""
        return self.failure not in NOT_CHECKED

    @property
    def asked(self) -> bool:
        """Whether the request of the contract was sent to the provider."""
        return self.failure not in NOT_ASKED

    @property
    def broken(self) -> bool:
        """Whether the provider broke the contract in a case that is not pending."""
        return self.asked and not self.passed and not self.case.pending


def outcome_of(result: CaseResult, contract: Contract) -> CaseOutcome:
    """Return how the *result* of a case of *contract* counts."""
    if result.passed:
        return CaseOutcome.PASSED
    if contract.pending or result.case.pending:
        return CaseOutcome.PENDING
    if not result.asked:
        return CaseOutcome.NOT_CHECKED
    return CaseOutcome.FLAKY if result.flaky else CaseOutcome.FAILED


@dataclass(frozen=True, kw_only=True)
class ContractResult:
    """The result of one contract; *published* when it was sent to the broker.

    *coverage* is how much of a service contract was seen, *budgets* what came of the limits that it sets.
    """

    contract: Contract
    results: tuple[CaseResult, ...]
    published: bool = False
    coverage: "Coverage | None" = None
    budgets: "tuple[BudgetResult, ...]" = ()

    @property
    def success(self) -> bool:
        """Whether the provider keeps the contract; its pending cases do not count, but it may be pending."""
        return all(result.passed or result.case.pending for result in self.results)

    @property
    def checked(self) -> bool:
        """Whether every case that counts says something about the provider, so that it can be published."""
        return all(result.checked or result.case.pending for result in self.results)

    @property
    def asked(self) -> bool:
        """Whether the request of every case that counts was sent."""
        return all(result.asked or result.case.pending for result in self.results)

    def outcome(self, result: CaseResult) -> CaseOutcome:
        """Return how *result*, which is one of these, counts."""
        return outcome_of(result, self.contract)

    def as_published(self) -> "ContractResult":
        """Return this result, marked as published."""
        return replace(self, published=True)

    @property
    def notices(self) -> tuple[str, ...]:
        """The sentences that the broker wants shown after the verification (reference §6.7)."""
        moment = f"success_{self.success}_published_{self.published}".lower()
        return self.contract.notices_for("after_verification") + self.contract.notices_for(
            f"after_verification:{moment}"
        )


@dataclass(frozen=True)
class BudgetResult:
    """A limit that the user set, and the measured value; None when nothing could be measured.

    *option* is the option that sets the limit; *unit* is the unit of both numbers, such as "ms" or "%". The
    limit is the most that is allowed, unless *at_least* says that it is the least.
    """

    option: str
    name: str
    limit: float
    measured: float | None
    unit: str
    at_least: bool = False

    @property
    def exceeded(self) -> bool:
        """Whether the measured value is above the limit, or below one that is the least."""
        if self.measured is None:
            return False
        return self.measured < self.limit if self.at_least else self.measured > self.limit


@dataclass(frozen=True, kw_only=True, repr=False)
class Report:
    """The result of a run.

    *problems* are errors outside the contracts, such as a result that the broker refused. *warnings* do not
    change the result.
    """

    contracts: tuple[ContractResult, ...]
    budgets: tuple[BudgetResult, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    duration_ms: float = 0

    def __repr__(self) -> str:
        """Return the counts alone, because an assertion about a report shows all of it."""
        counts = ", ".join(f"{self.counts[outcome]} {outcome.value}" for outcome in CaseOutcome)
        problems = "".join(f"; {problem}" for problem in self.problems)
        return f"<Report: {counts}{problems}>"

    @property
    def passed(self) -> bool:
        """Whether every contract was checked and kept, and every budget too."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """0 for passed, 1 for a broken contract or exceeded budget, 2 when something could not be checked."""
        if self.conformance == 1 or any(budget.exceeded for budget in self.budgets):
            return 1
        return 2 if any(budget.measured is None for budget in self.budgets) else self.conformance

    @property
    def conformance(self) -> int:
        """The exit code without the budgets, which say nothing about contracts."""
        counted = [verified for verified in self.contracts if not verified.contract.pending]
        if any(result.broken for verified in counted for result in verified.results):
            return 1
        if self.problems or not all(verified.asked for verified in counted):
            return 2
        return 0

    @cached_property
    def counts(self) -> Counter[CaseOutcome]:
        """The number of cases by outcome; a repeated case is counted once."""
        return Counter(verified.outcome(result) for verified in self.contracts for result in verified.results)
