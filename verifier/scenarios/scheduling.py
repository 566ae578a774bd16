"""Workflows executed at once, as far as they do not wait for each other, and cleaned up in any case."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from tally.workflows.model import Priority
from verifier.scenarios.plan import Key, Plan, Planned
from verifier.scenarios.report import ExecutedWorkflow
from verifier.workflows.means import Means
from verifier.workflows.results import Outcome, StepFailure, StepResult, WorkflowResult
from verifier.workflows.running import Execution

_WAIT = 1.0
_Task = tuple[str, Key]
"""What is done with a workflow: it is "run", or what it left behind is "clean"ed up."""


class Schedule:
    """Executes the workflows of *plan*, at most *concurrency* at once.

    A critical workflow that fails keeps those that have not begun from beginning. The clean-up of a workflow
    waits for the workflows that depend on it, and for their clean-ups. An interrupt (Ctrl-C) lets running
    steps end and cleans up; a second one ends the clean-ups, too.
    """

    def __init__(
        self,
        plan: Plan,
        means: Means,
        inputs: Callable[[Planned], Mapping[str, Any]],
        *,
        concurrency: int,
        ended: Callable[[ExecutedWorkflow], None] = lambda _executed: None,
    ) -> None:
        self._plan = {each.key: each for each in plan.workflows}
        self._means = means
        self._inputs = inputs
        self._concurrency = concurrency
        self._ended = ended
        self._dependents: dict[Key, list[Key]] = {key: [] for key in self._plan}
        for each in plan.workflows:
            for needed in each.needs:
                self._dependents[needed].append(each.key)
        self._executions: dict[Key, Execution] = {}
        self._results: dict[Key, WorkflowResult] = {}
        self._cleaned: dict[Key, tuple[StepResult, ...]] = {}
        self._running: set[_Task] = set()
        self._made: dict[_Task, Any] = {}
        self._news: SimpleQueue[None] = SimpleQueue()
        self._stopped: str | None = None
        self.interrupted = False

    def run(self) -> tuple[ExecutedWorkflow, ...]:
        """Return every workflow of the plan, in its order."""
        while True:
            try:
                self._go_on()
                break
            except KeyboardInterrupt:
                self._interrupt()
        return tuple(self._executed(key) for key in self._plan)

    def _go_on(self) -> None:
        while len(self._cleaned) < len(self._plan):
            self._leave_out()
            self._begin_what_can()
            for task in [task for task in self._running if task in self._made]:
                self._take(*task)
            if self._running and not any(task in self._made for task in self._running):
                # An interrupt may come just after the news was taken, so these are no more than news.
                with suppress(Empty):
                    self._news.get(timeout=_WAIT)

    def _interrupt(self) -> None:
        if self._means.stop_cleaning.is_set():
            raise KeyboardInterrupt
        if self.interrupted:
            self._means.stop_cleaning.set()
        self.interrupted = True
        self._means.stop.set()
        self._stopped = self._stopped or "The run was interrupted."

    def _leave_out(self) -> None:
        """Mark what cannot begin any more as not run; it is clean, as nothing was done."""
        for key, each in self._plan.items():
            if key in self._results or ("run", key) in self._running:
                continue
            broken = next((self._results[need] for need in each.needs if self._is_broken(need)), None)
            reason = f"It depends on {broken.workflow.id}, which did not pass." if broken else self._stopped
            if reason:
                result = WorkflowResult(
                    workflow=each.workflow, document=each.bound.name, outcome=Outcome.NOT_RUN, reason=reason
                )
                self._results[key] = result
                self._finish(key, ())

    def _is_broken(self, key: Key) -> bool:
        return key in self._results and not self._results[key].passed

    def _begin_what_can(self) -> None:
        for key in self._plan:
            if len(self._running) >= self._concurrency:
                return
            if self._can_be_cleaned(key):
                self._begin("clean", key)
        for key in self._plan:
            if len(self._running) >= self._concurrency:
                return
            if self._can_begin(key):
                self._begin("run", key)

    def _can_begin(self, key: Key) -> bool:
        if key in self._results or ("run", key) in self._running:
            return False
        each = self._plan[key]
        critical = [it.key for it in self._plan.values() if it.priority is Priority.CRITICAL]
        is_first = each.priority is Priority.CRITICAL or all(it in self._results for it in critical)
        return is_first and all(need in self._results for need in each.needs)

    def _can_be_cleaned(self, key: Key) -> bool:
        if key not in self._results or key in self._cleaned or ("clean", key) in self._running:
            return False
        return all(dependent in self._cleaned for dependent in self._dependents[key])

    def _begin(self, what: str, key: Key) -> None:
        self._running.add((what, key))
        work = self._run if what == "run" else self._clean
        Thread(target=self._work, args=(what, key, work), daemon=True).start()

    def _work(self, what: str, key: Key, work: Callable[[Key], Any]) -> None:
        try:
            self._made[what, key] = work(key)
        except BaseException as error:  # noqa: BLE001 - said in the report, and the others go on
            self._made[what, key] = error
        self._news.put(None)

    def _run(self, key: Key) -> WorkflowResult:
        each = self._plan[key]
        self._executions[key] = Execution(each.bound, each.workflow, self._means)
        return self._executions[key].run(self._inputs(each))

    def _clean(self, key: Key) -> tuple[StepResult, ...]:
        return self._executions[key].clean_up()

    def _take(self, what: str, key: Key) -> None:
        made, each = self._made[what, key], self._plan[key]
        problem = f"an unexpected {type(made).__name__}: {made}" if isinstance(made, BaseException) else ""
        if what == "clean":
            failed = StepResult(id="clean-up", phase="clean-up", failure=StepFailure.ENDED, problem=problem)
            self._finish(key, (failed,) if problem else made)
        else:
            unknown = WorkflowResult(
                workflow=each.workflow, document=each.bound.name, outcome=Outcome.NOT_CHECKED, reason=problem
            )
            self._results[key] = unknown if problem else made
            if each.priority is Priority.CRITICAL and not self._results[key].passed:
                self._stopped = self._stopped or f"The critical workflow {each.workflow.id} did not pass."
        self._running.discard((what, key))

    def _finish(self, key: Key, cleaned: tuple[StepResult, ...]) -> None:
        self._cleaned[key] = cleaned
        self._ended(self._executed(key))

    def _executed(self, key: Key) -> ExecutedWorkflow:
        return ExecutedWorkflow(
            result=self._results[key], cleanup=self._cleaned[key], tags=self._plan[key].workflow.tags
        )
