"""What came of a run, as frozen values: reporters and the broker are told from these alone."""

from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum

from tally.matching import Mismatch
from verifier.contracts.cases import AnyCase
from verifier.contracts.contract import Contract


class CaseOutcome(Enum):
    """How one case counts in the run."""

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
"""Failures that say nothing about the provider: nobody came to ask it."""
NOT_ASKED = NOT_CHECKED | {FailureKind.PROVIDER_STATE}
"""Failures that say nothing about the contract. A state that the provider cannot be brought into is its own
fault all the same, so that the broker is told of it."""


@dataclass(frozen=True)
class Sent:
    """A request as it went out; values of headers that may hold credentials are replaced."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Received:
    """An answer as it came in; values of headers that may hold credentials are replaced."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Runs:
    """How often a case passed when it was repeated."""

    passed: int
    total: int


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """What came of one case.

    *problem* is the sentence for the user when there is no comparison to show. *duration_ms* is the time
    that the provider took to answer the case itself, without its provider states. For a case that was
    repeated this is the first run that did not pass, with *runs*, and the mean time of all.
    """

    case: AnyCase
    sent: Sent | None = None
    received: Received | None = None
    mismatches: tuple[Mismatch, ...] = ()
    failure: FailureKind | None = None
    problem: str | None = None
    duration_ms: float = 0
    runs: Runs | None = None

    @property
    def flaky(self) -> bool:
        """Whether it passed in some of its runs only."""
        return self.runs is not None and 0 < self.runs.passed < self.runs.total

    @property
    def passed(self) -> bool:
        """Whether the provider was asked and kept the contract."""
        return self.failure is None

    @property
    def checked(self) -> bool:
        """Whether it says something about the provider, be it that a state cannot be set up."""
        return self.failure not in NOT_CHECKED

    @property
    def asked(self) -> bool:
        """Whether the provider was asked for what the contract says."""
        return self.failure not in NOT_ASKED

    @property
    def broken(self) -> bool:
        """Whether the provider was asked, and broke what is not pending."""
        return self.asked and not self.passed and not self.case.pending


@dataclass(frozen=True, kw_only=True)
class ContractResult:
    """What came of one contract; *published* when the broker was told."""

    contract: Contract
    results: tuple[CaseResult, ...]
    published: bool = False

    @property
    def success(self) -> bool:
        """Whether the provider keeps the contract; pending cases do not count, a pending contract does."""
        return all(result.passed or result.case.pending for result in self.results)

    @property
    def checked(self) -> bool:
        """Whether every case that counts says something about the provider, which the broker can be told."""
        return all(result.checked or result.case.pending for result in self.results)

    @property
    def asked(self) -> bool:
        """Whether the provider was asked for every case that counts."""
        return all(result.asked or result.case.pending for result in self.results)

    def outcome(self, result: CaseResult) -> CaseOutcome:
        """Return how one of these results counts."""
        if result.passed:
            return CaseOutcome.PASSED
        if self.contract.pending or result.case.pending:
            return CaseOutcome.PENDING
        if not result.asked:
            return CaseOutcome.NOT_CHECKED
        return CaseOutcome.FLAKY if result.flaky else CaseOutcome.FAILED

    def as_published(self) -> "ContractResult":
        """Return this result, of which the broker now knows."""
        return replace(self, published=True)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the broker wants said after the verification (reference §6.7)."""
        moment = f"success_{self.success}_published_{self.published}".lower()
        return self.contract.notices_for("after_verification") + self.contract.notices_for(
            f"after_verification:{moment}"
        )


@dataclass(frozen=True)
class BudgetResult:
    """A limit that the user set, and what was measured: None when there was nothing to measure.

    *option* is the one that set it; *unit* is that of both numbers, "ms" or "%".
    """

    option: str
    name: str
    limit: float
    measured: float | None
    unit: str

    @property
    def exceeded(self) -> bool:
        """Whether more was measured than the limit allows."""
        return self.measured is not None and self.measured > self.limit


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of a run.

    *problems* are what went wrong besides the contracts, such as a result that the broker refused;
    *warnings* are what the user should know, and do not count.
    """

    contracts: tuple[ContractResult, ...]
    budgets: tuple[BudgetResult, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    duration_ms: float = 0

    @property
    def passed(self) -> bool:
        """Whether every contract was checked and kept, within the budgets."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """0 passed, 1 a contract is broken or a budget exceeded, 2 something could not be checked."""
        if self.conformance == 1 or any(budget.exceeded for budget in self.budgets):
            return 1
        return 2 if any(budget.measured is None for budget in self.budgets) else self.conformance

    @property
    def conformance(self) -> int:
        """The exit code without the budgets: they never speak for a contract, nor against one."""
        counted = [verified for verified in self.contracts if not verified.contract.pending]
        if any(result.broken for verified in counted for result in verified.results):
            return 1
        if self.problems or not all(verified.asked for verified in counted):
            return 2
        return 0

    @property
    def counts(self) -> Counter[CaseOutcome]:
        """How many cases ended how; each case is counted once."""
        return Counter(verified.outcome(result) for verified in self.contracts for result in verified.results)
