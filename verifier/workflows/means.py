"""What workflows are executed with, and when they have to end."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import field

from tally.values import dataclass
from tally.workflows.expressions import WorkflowValues
from tally.workflows.model import Workflow
from verifier.workflows.results import Outcome, StepResult
from verifier.workflows.services import Service

CLEAN_UP_SECONDS = 30.0


class EndedError(Exception):
    """A workflow cannot go on; the text says why."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


@dataclass(frozen=True, kw_only=True)
class Means:
    """What workflows are executed with. Times are in seconds.

    *services* are by the name of their source. *timeout* is for each answer, *deadline* for the whole run, on
    the *clock*. *stop* ends every workflow before its next step, *stop_cleaning* every clean-up. *ended*
    holds the values of workflows that have ended, by document and id. *step_ended* is told of each step.
    """

    services: Mapping[str, Service]
    timeout: float = 30
    deadline: float | None = None
    cleanup_seconds: float = CLEAN_UP_SECONDS
    stop: threading.Event = field(default_factory=threading.Event)
    stop_cleaning: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    ended: dict[tuple[str, str], WorkflowValues] = field(default_factory=dict)
    step_ended: Callable[[Workflow, StepResult], None] = lambda _workflow, _result: None


class TimeLimits:
    """When the steps of a workflow have to end: *seconds* from now, and with what is around it."""

    def __init__(self, means: Means, seconds: float | None, around: "TimeLimits | None" = None) -> None:
        self._means = means
        self.around = around
        self.seconds = seconds
        self.deadline = None if seconds is None else means.clock() + seconds
        self._is_cleaning = around is not None and around.is_cleaning

    def of_clean_up(self) -> "TimeLimits":
        """Return the limits of a clean-up that begins now: nothing but its own time ends it."""
        limits = TimeLimits(self._means, self._means.cleanup_seconds)
        limits._is_cleaning = True
        return limits

    @property
    def is_cleaning(self) -> bool:
        """Whether they are those of a clean-up."""
        return self._is_cleaning

    def check(self, wait: float = 0) -> None:
        """Raise EndedError when nothing may begin any more in *wait* seconds."""
        if self._event.is_set():
            raise EndedError(Outcome.NOT_CHECKED, "The run was interrupted.")
        left = self.left()
        if left is not None and left <= wait:
            raise self.end(wait)

    def wait(self, seconds: float) -> None:
        """Wait, unless the time is over before that, or the run is interrupted. Raises EndedError."""
        self.check(seconds)
        self._event.wait(seconds)
        self.check()

    def left(self) -> float | None:
        """Return the seconds that are left; None when there is no limit."""
        now = self._means.clock()
        whole = None if self._is_cleaning else self._means.deadline
        ends = [deadline for deadline in (self.deadline, whole) if deadline is not None]
        around = self.around.left() if self.around else None
        left = [end - now for end in ends] + ([] if around is None else [around])
        return min(left, default=None)

    @property
    def _event(self) -> threading.Event:
        return self._means.stop_cleaning if self._is_cleaning else self._means.stop

    def end(self, wait: float = 0) -> EndedError:
        """Return which time is over first, or is before the *wait* for another attempt is."""
        waiting = f", and the next attempt would be in {wait:g} s" if wait else ""
        if self._is_cleaning:
            return EndedError(Outcome.NOT_CHECKED, f"The time of the clean-up is over{waiting}.")
        whole = self._means.deadline
        of_run = EndedError(Outcome.NOT_CHECKED, f"The time of the run (--total-timeout) is over{waiting}.")
        ends: list[tuple[float, EndedError]] = [] if whole is None else [(whole, of_run)]
        limits: TimeLimits | None = self
        while limits:
            if limits.deadline is not None:
                text = f"The time of the workflow ({limits.seconds:g} s) is over{waiting}."
                ends.append((limits.deadline, EndedError(Outcome.FAILED, text)))
            limits = limits.around
        return min(ends, key=lambda pair: pair[0])[1]
