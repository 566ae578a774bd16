"""The report of a run of scenarios: everything that is shown and published."""

from collections.abc import Iterable, Iterator, Sequence

from tally.values import dataclass
from verifier.results.statistics import percentile
from verifier.workflows.results import Outcome, StepResult, WorkflowResult
from verifier.workflows.services import Measured

_MOST_SLOWEST = 3


@dataclass(frozen=True, kw_only=True)
class ExecutedWorkflow:
    """A workflow of the run, with its clean-up, which may be that of workflows that it called, too."""

    result: WorkflowResult
    cleanup: tuple[StepResult, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """How the workflow counts, its clean-up included."""
        outcomes = [self.result.outcome, *(step.outcome for step in self.cleanup if not step.passed)]
        return next((each for each in (Outcome.FAILED, Outcome.NOT_CHECKED) if each in outcomes), outcomes[0])

    @property
    def reason(self) -> str:
        """Why it did not pass."""
        if self.result.reason:
            return self.result.reason
        failed = next((step for step in self.cleanup if not step.passed), None)
        return f"clean-up {failed.id}: {failed.reason}" if failed else ""

    @property
    def all_steps(self) -> tuple[StepResult, ...]:
        """Its steps, those of workflows that it called, and those of the clean-up."""
        return (*_with_called(self.result.steps), *self.cleanup)


@dataclass(frozen=True, kw_only=True)
class ServiceStatistics:
    """What was measured of one service; times are in milliseconds, rates in percent.

    *slowest* are steps with their times. *refused* counts the requests that its circuit kept back.
    """

    name: str
    requests: int
    errors: int
    p50: float | None
    p95: float | None
    slowest: tuple[tuple[str, float], ...]
    circuit_opened: int = 0
    refused: int = 0

    @property
    def error_rate(self) -> float | None:
        """Errors as a percentage of the requests; None without any."""
        return 100 * self.errors / self.requests if self.requests else None


@dataclass(frozen=True, kw_only=True)
class ScenarioReport:
    """The result of a run. *problems* are errors outside the workflows; *warnings* change nothing."""

    title: str
    workflows: tuple[ExecutedWorkflow, ...]
    services: tuple[ServiceStatistics, ...] = ()
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    duration_ms: float = 0
    published: str | None = None

    @property
    def exit_code(self) -> int:
        """0 for passed, 1 when a workflow failed, 2 when something was not checked."""
        outcomes = {each.outcome for each in self.workflows}
        if Outcome.FAILED in outcomes:
            return 1
        return 2 if self.problems or outcomes != {Outcome.PASSED} else 0

    def count(self, outcome: Outcome) -> int:
        """Return how many workflows have this outcome."""
        return sum(each.outcome is outcome for each in self.workflows)


def service_statistics(
    name: str, measured: Sequence[Measured], *, circuit_opened: int, refused: int
) -> ServiceStatistics:
    """Return the statistics of one service from its requests."""
    times = sorted(each.duration_ms for each in measured if each.answered)
    by_time = sorted((each for each in measured if each.answered), key=lambda it: -it.duration_ms)
    return ServiceStatistics(
        name=name,
        requests=len(measured),
        errors=sum(each.failed for each in measured),
        p50=percentile(times, 50),
        p95=percentile(times, 95),
        slowest=tuple((each.step, each.duration_ms) for each in by_time[:_MOST_SLOWEST]),
        circuit_opened=circuit_opened,
        refused=refused,
    )


def _with_called(steps: Iterable[StepResult]) -> Iterator[StepResult]:
    for step in steps:
        yield step
        if step.called:
            yield from _with_called(step.called.steps)
