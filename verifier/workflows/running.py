"""A workflow executed: steps in their order, what follows each, retries, and the clean-up at the end."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tally.workflows.binding import BoundDocument
from tally.workflows.criteria import all_hold
from tally.workflows.expressions import Exchanged, NoValueError, Scope, WorkflowValues
from tally.workflows.model import Action, ActionType, SourceState, Step, Workflow, WorkflowReference
from tally.workflows.templates import existing, filled
from verifier.errors import ProviderError
from verifier.workflows.inputs import InputsError, complete_inputs
from verifier.workflows.means import EndedError, Means, TimeLimits
from verifier.workflows.results import Check, Outcome, StepFailure, StepResult, WorkflowResult
from verifier.workflows.steps import Attempt, Call, attempted, criteria_checks
from verifier.workflows.waiting import wait_before

_MOST_STEPS = 1000
_MOST_CALLS = 20
_MOST_WITH_CALLED = 10_000


def execute(
    bound: BoundDocument, workflow: Workflow, means: Means, inputs: Mapping[str, Any]
) -> tuple[WorkflowResult, tuple[StepResult, ...]]:
    """Execute *workflow* and clean up, also after an interrupt; return its result and the clean-up's."""
    execution = Execution(bound, workflow, means)
    try:
        result = execution.run(inputs)
    except BaseException:
        execution.clean_up()
        raise
    return result, execution.clean_up()


class Execution:
    """One execution of *workflow*. `run` executes its steps, `clean_up` what has to follow in any case."""

    def __init__(
        self,
        bound: BoundDocument,
        workflow: Workflow,
        means: Means,
        called_by: "Execution | None" = None,
    ) -> None:
        self._bound = bound
        self._workflow = workflow
        self._means = means
        self.depth: int = called_by.depth + 1 if called_by else 0
        self.begun: Counter[str] = called_by.begun if called_by else Counter()
        self.limits: TimeLimits = TimeLimits(means, workflow.timeout, called_by.limits if called_by else None)
        self._inputs: dict[str, Any] = {}
        self._outputs: dict[str, dict[str, Any]] = {}
        self._called: dict[str, WorkflowValues] = {}
        self._executed: list[Execution] = []
        self._states: list[SourceState] = []
        self._results: list[StepResult] = []
        self.last: Exchanged | None = None
        """The last exchange: what $statusCode is for the one who called the workflow."""

    def run(self, inputs: Mapping[str, Any]) -> WorkflowResult:
        """Set the provider states up, and execute the steps."""
        started = self._means.clock()
        outcome, reason = Outcome.PASSED, ""
        try:
            self._inputs = dict(inputs)
            self._set_up()
            self._inputs = complete_inputs(self._workflow, self._inputs)
            self._go_through()
        except InputsError as error:
            outcome, reason = Outcome.NOT_CHECKED, str(error)
        except EndedError as end:
            outcome, reason = end.outcome, str(end)
        outputs = existing(self._workflow.outputs, self._scope())
        values = WorkflowValues(inputs=self._inputs, outputs=outputs)
        self._means.ended[self._bound.name, self._workflow.id] = values
        return WorkflowResult(
            workflow=self._workflow,
            document=self._bound.name,
            outcome=outcome,
            reason=reason,
            steps=tuple(self._results),
            inputs=self._inputs,
            outputs=outputs,
            duration_ms=(self._means.clock() - started) * 1000,
        )

    def clean_up(self) -> tuple[StepResult, ...]:
        """Execute the clean-up of this workflow, then of those that it called, the last one first.

        A step that fails does not keep the others from being executed.
        """
        self.limits = self.limits.of_clean_up()
        self._results = []
        for step in self._workflow.cleanup:
            self._clean(step)
        found = list(self._results)
        for execution in reversed(self._executed):
            found += execution.clean_up()
        for needed in reversed(self._states):
            found.append(self._change(needed, "teardown"))
            self._means.step_ended(self._workflow, found[-1])
        return tuple(found)

    # Set-up

    def _set_up(self) -> None:
        for needed in self._workflow.states:
            result = self._change(needed, "setup")
            self._add(result)
            if not result.passed:
                raise EndedError(result.outcome, f"{result.id}: {result.reason}")
            self._states.append(needed)

    def _change(self, needed: SourceState, action: Any) -> StepResult:
        state = needed.state
        phase = "set-up" if action == "setup" else "clean-up"
        result = StepResult(id=f"state {state.name}", phase=phase, service=needed.source)
        changer = self._means.services[needed.source].states
        if changer is None:
            url = f"--state-change-url {needed.source}=URL"
            problem = f"the service {needed.source} has to be brought into this state: give {url}"
            return replace(result, failure=StepFailure.PROVIDER_STATE, problem=problem)
        started = self._means.clock()
        try:
            values = changer.change(state, action)
        except ProviderError as error:
            return replace(result, failure=StepFailure.PROVIDER_STATE, problem=str(error))
        if action == "setup":
            self._inputs = {**values, **self._inputs}
        return replace(result, duration_ms=(self._means.clock() - started) * 1000)

    # Steps

    def _go_through(self) -> None:
        steps = self._workflow.steps
        at = executed = 0
        while at < len(steps):
            executed += 1
            if executed > _MOST_STEPS:
                reason = f"More than {_MOST_STEPS:,} steps were executed: its actions go in a circle."
                raise EndedError(Outcome.FAILED, reason)
            result, action = self._step(steps[at])
            if not result.passed and (action is None or action.type is not ActionType.GOTO):
                raise EndedError(result.outcome, f"{result.id}: {result.reason}")
            if action is None:
                at += 1
            elif action.type is ActionType.END:
                return
            elif action.step:
                at = next(index for index, step in enumerate(steps) if step.id == action.step)
            elif action.workflow:
                self._transfer(action.workflow)
                return

    def _transfer(self, reference: WorkflowReference) -> None:
        called = self._call(reference, self._inputs)
        if not called.passed:
            raise EndedError(called.outcome, f"{called.workflow.id}: {called.reason}")

    def _step(self, step: Step, *, phase: str = "execute") -> tuple[StepResult, Action | None]:
        """Execute *step* with its retries; return its result, and the action that follows."""
        retries: Counter[str] = Counter()
        self.limits.check()
        self._count(phase)
        attempts, attempt = 0, None
        action: Action | None = None
        try:
            while True:
                attempts += 1
                attempt = self._attempt(step)
                action = self._action_after(step, attempt, retries)
                if action is None or action.type is not ActionType.RETRY:
                    break
                headers = attempt.exchanged.response_headers if attempt.exchanged else {}
                self.limits.wait(wait_before(action, retries[action.name], headers))
                retries[action.name] += 1
                self._before_retry(action)
        finally:
            if attempt is not None:
                handled = action is not None and action.type is ActionType.GOTO and not attempt.result.passed
                result = replace(attempt.result, attempts=attempts, handled=handled, phase=phase)
                self._add(self._without_what_was_not_made(result) if phase == "clean-up" else result)
        return result, action

    def _count(self, phase: str) -> None:
        """Refuse to go on for ever: calls and retries that are nested multiply."""
        self.begun[phase] += 1
        if self.begun[phase] > _MOST_WITH_CALLED:
            reason = f"More than {_MOST_WITH_CALLED:,} steps were executed, with those of called workflows."
            raise EndedError(Outcome.FAILED, reason)

    def _attempt(self, step: Step) -> Attempt:
        if isinstance(step.target, WorkflowReference):
            return self._attempt_of_call(step, step.target)
        bound = self._bound.operations[step.pointer]
        left = self.limits.left()
        seconds = step.timeout or self._means.timeout
        call = Call(
            workflow=self._workflow,
            step=step,
            bound=bound,
            service=self._means.services[bound.source],
            seconds=seconds,
            timeout=seconds if left is None else min(seconds, max(left, 0.001)),
            fail_fast=not self.limits.is_cleaning,
        )
        attempt = self._in_time(attempted(call, self._scope()), call)
        self.last = attempt.exchanged
        if attempt.exchanged:
            # Also after a failure: the clean-up needs to know what was made.
            self._outputs[step.id] = existing(step.outputs, self._scope(attempt.exchanged))
        return attempt

    def _in_time(self, attempt: Attempt, call: Call) -> Attempt:
        """Say of an attempt without an answer whose time was over: its own, the workflow's or the run's."""
        result = attempt.result
        if result.failure is not StepFailure.TIMEOUT:
            return attempt
        if call.timeout == call.seconds:
            problem = f"{result.service} did not answer within {call.seconds:g} s"
            return replace(attempt, result=replace(result, problem=problem))
        end = self.limits.end()
        failure = StepFailure.TIMEOUT if end.outcome is Outcome.FAILED else StepFailure.ENDED
        problem = f"{result.service} had not answered: {end}"
        return replace(attempt, result=replace(result, problem=problem, failure=failure))

    def _attempt_of_call(self, step: Step, target: WorkflowReference) -> Attempt:
        blank = StepResult(id=step.id, operation=f"workflow {target.id}", step=step)
        given = [it for it in (*self._workflow.parameters, *step.parameters) if it.location is None]
        try:
            inputs = {it.name: filled(it.value, self._scope()) for it in given}
        except NoValueError as missing:
            problem = f"Not called: {missing} stands for nothing"
            return Attempt(replace(blank, failure=StepFailure.NO_VALUE, problem=problem))
        called = self._call(target, inputs)
        self.last = self._executed[-1].last
        scope = replace(self._scope(self.last), outputs=called.outputs)
        self._outputs[step.id] = existing(step.outputs, scope) if step.outputs else dict(called.outputs)
        text = f"the workflow {target.id} passes"
        checks = (Check(text, called.passed, called.reason), *criteria_checks(step.criteria, scope))
        failure = None if all(check.passed for check in checks) else StepFailure.CHECK
        return Attempt(
            replace(
                blank,
                called=called,
                checks=checks,
                failure=failure if called.passed else StepFailure.CALLED_WORKFLOW,
                duration_ms=called.duration_ms,
            )
        )

    def _call(self, reference: WorkflowReference, inputs: Mapping[str, Any]) -> WorkflowResult:
        if self.depth >= _MOST_CALLS:
            reason = f"Workflows call each other more than {_MOST_CALLS} levels deep."
            raise EndedError(Outcome.FAILED, reason)
        bound = self._bound.others[reference.source] if reference.source else self._bound
        workflow = bound.document.workflow(reference.id)
        if workflow is None:
            raise AssertionError("references are checked before anything is executed")
        execution = Execution(bound, workflow, self._means, self)
        self._executed.append(execution)
        result = execution.run(inputs)
        name = f"{reference.source}.{reference.id}" if reference.source else reference.id
        self._called[name] = WorkflowValues(inputs=result.inputs, outputs=result.outputs)
        return result

    # What follows a step

    def _action_after(self, step: Step, attempt: Attempt, retries: Counter[str]) -> Action | None:
        """Return the first action whose criteria hold; a retry only while it has attempts left."""
        passed = attempt.result.passed
        own, inherited = (
            (step.on_success, self._workflow.on_success)
            if passed
            else (step.on_failure, self._workflow.on_failure)
        )
        names = {action.name for action in own}
        scope = self._scope(attempt.exchanged)
        for action in (*own, *(each for each in inherited if each.name not in names)):
            used_up = action.type is ActionType.RETRY and retries[action.name] >= action.retry_limit
            if not used_up and all_hold(action.criteria, scope):
                return action
        return None

    def _before_retry(self, action: Action) -> None:
        if action.workflow:
            self._call(action.workflow, self._inputs)
        elif action.step and (step := self._workflow.step(action.step)):
            self.depth += 1
            if self.depth >= _MOST_CALLS:
                raise EndedError(Outcome.FAILED, "The steps that precede retries go in a circle.")
            self._step(step)
            self.depth -= 1

    def _clean(self, step: Step) -> None:
        try:
            result, _ = self._step(step, phase="clean-up")
        except EndedError as end:
            result = StepResult(id=step.id, phase="clean-up", failure=StepFailure.ENDED, problem=str(end))
            self._add(result)

    def _without_what_was_not_made(self, result: StepResult) -> StepResult:
        """Return a result of the clean-up; there is nothing to do where a step did not get its answer."""
        made = [f"$steps.{name}." for name in self._outputs]
        missing = result.missing
        if missing is None or not missing.startswith("$steps.") or missing.startswith(tuple(made)):
            return result
        skipped = f"There is nothing to clean up: {missing} stands for nothing"
        return replace(result, failure=None, problem=None, missing=None, skipped=skipped)

    def _add(self, result: StepResult) -> None:
        self._results.append(result)
        self._means.step_ended(self._workflow, result)

    def _scope(self, exchanged: Exchanged | None = None) -> Scope:
        ended = dict(self._means.ended)
        workflows = {
            name: values for (document, name), values in ended.items() if document == self._bound.name
        }
        for source, other in self._bound.others.items():
            theirs = {name: values for (document, name), values in ended.items() if document == other.name}
            workflows |= {f"{source}.{name}": values for name, values in theirs.items()}
        return Scope(
            inputs=self._inputs,
            steps=self._outputs,
            workflows={**workflows, **self._called},
            sources={source.name: source.url for source in self._bound.document.sources},
            parameters=self._bound.document.parameters,
            exchanged=exchanged,
        )
