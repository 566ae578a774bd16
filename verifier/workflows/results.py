"""What came of the steps of a workflow."""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from tally.values import dataclass
from tally.workflows.model import Step, Workflow
from verifier.results.result import Received, Sent


class Outcome(Enum):
    """How a step or a workflow counts."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"
    NOT_RUN = "not-run"


class StepFailure(Enum):
    """Why a step did not pass."""

    CHECK = "check"
    TIMEOUT = "timeout"
    NO_ANSWER = "no-answer"
    UNREACHABLE = "unreachable"
    CIRCUIT_OPEN = "circuit-open"
    NO_VALUE = "no-value"
    PROVIDER_STATE = "provider-state"
    CALLED_WORKFLOW = "called-workflow"
    ENDED = "ended"


_NOT_CHECKED = frozenset(
    {StepFailure.UNREACHABLE, StepFailure.CIRCUIT_OPEN, StepFailure.PROVIDER_STATE, StepFailure.ENDED}
)


@dataclass(frozen=True)
class Check:
    """One thing that was asked of a step, in words; *got* is what came instead, or what was looked at."""

    text: str
    passed: bool
    got: str = ""


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """The result of a step, of its last attempt. *phase* is "set-up", "execute" or "clean-up".

    *handled*: it failed, and an action of the workflow says how to go on. *missing* is the expression that
    stood for nothing. *skipped* says why a step of the clean-up had nothing to do.
    """

    id: str
    phase: str = "execute"
    service: str | None = None
    operation: str = ""
    checks: tuple[Check, ...] = ()
    failure: StepFailure | None = None
    problem: str | None = None
    missing: str | None = None
    skipped: str | None = None
    sent: Sent | None = None
    received: Received | None = None
    duration_ms: float = 0
    attempts: int = 1
    handled: bool = False
    called: "WorkflowResult | None" = None
    step: Step | None = None

    @property
    def passed(self) -> bool:
        """Whether it did what it was asked."""
        return self.failure is None

    @property
    def outcome(self) -> Outcome:
        """How it counts."""
        if self.failure is None:
            return Outcome.NOT_RUN if self.skipped else Outcome.PASSED
        if self.called and self.failure is StepFailure.CALLED_WORKFLOW:
            return self.called.outcome
        return Outcome.NOT_CHECKED if self.failure in _NOT_CHECKED else Outcome.FAILED

    @property
    def reason(self) -> str:
        """Why it did not pass, in one line."""
        if self.problem:
            return self.problem
        broken = [check for check in self.checks if not check.passed]
        first = next((f"{check.text}{f', but {check.got}' if check.got else ''}" for check in broken), "")
        return f"{first} (and {len(broken) - 1} more)" if len(broken) > 1 else first


@dataclass(frozen=True, kw_only=True)
class WorkflowResult:
    """The result of a workflow; *reason* says why it did not pass, or was not run."""

    workflow: Workflow
    document: str = ""
    outcome: Outcome = Outcome.PASSED
    reason: str = ""
    steps: tuple[StepResult, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    duration_ms: float = 0

    @property
    def passed(self) -> bool:
        """Whether it did everything that it was asked."""
        return self.outcome is Outcome.PASSED
