"""One attempt of a step that calls an operation: ask, and check the answer."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from tally.pact import Presence, Response
from tally.values import dataclass
from tally.workflows.binding import BoundOperation
from tally.workflows.criteria import judged
from tally.workflows.expressions import NO_VALUE, Exchanged, NoValueError, Scope
from tally.workflows.model import Criterion, CriterionType, Step, Workflow
from verifier.provider.provider import Exchange, sent
from verifier.transport.transport import HttpRequest
from verifier.workflows.requests import PayloadError, StepRequest, step_request
from verifier.workflows.results import Check, StepFailure, StepResult
from verifier.workflows.services import Service, StepError

_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class Attempt:
    """The result of one attempt, and what was exchanged in it, if anything was."""

    result: StepResult
    exchanged: Exchanged | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """A step that calls an operation of a service.

    *seconds* is the time for an answer, *timeout* what the workflow and the run leave of it.
    """

    workflow: Workflow
    step: Step
    bound: BoundOperation
    service: Service
    seconds: float = 30
    timeout: float | None = None
    fail_fast: bool = True


def attempted(call: Call, scope: Scope) -> Attempt:
    """Send the request of the step once, and check the answer."""
    operation = call.bound.operation
    blank = StepResult(id=call.step.id, service=call.service.name, operation=operation.title, step=call.step)
    try:
        request = step_request(call.workflow, call.step, operation, scope)
        outgoing = call.service.client.http_request(request.request)
    except NoValueError as missing:
        problem = f"Not sent: {missing} stands for nothing"
        return Attempt(replace(blank, failure=StepFailure.NO_VALUE, problem=problem, missing=str(missing)))
    except PayloadError as error:
        return Attempt(replace(blank, failure=StepFailure.NO_VALUE, problem=f"Not sent: {error}"))
    try:
        exchange = call.service.ask(
            outgoing,
            step=f"{call.workflow.id}/{call.step.id}",
            timeout=call.timeout,
            fail_fast=call.fail_fast,
        )
    except StepError as error:
        asked = None if error.failure is StepFailure.CIRCUIT_OPEN else sent(outgoing)
        advice = f". Start it, or check --source {call.service.name}=URL"
        problem = f"{error}{advice if error.failure is StepFailure.UNREACHABLE else ''}"
        return Attempt(replace(blank, failure=error.failure, problem=problem, sent=asked))
    exchanged = _exchanged(outgoing, request, exchange)
    checks = tuple(_checks(call, exchange.response, replace(scope, exchanged=exchanged)))
    result = replace(
        blank,
        checks=checks,
        failure=None if all(check.passed for check in checks) else StepFailure.CHECK,
        sent=sent(outgoing),
        received=exchange.received,
        duration_ms=exchange.duration_ms,
    )
    return Attempt(result, exchanged)


def criteria_checks(criteria: Iterable[Criterion], scope: Scope) -> Iterator[Check]:
    """Yield the check of each criterion."""
    for verdict in judged(criteria, scope):
        yield Check(_text_of(verdict.criterion), verdict.holds, verdict.got)


def _checks(call: Call, response: Response, scope: Scope) -> Iterator[Check]:
    """Yield what the step asks for, or else a documented success, and then what the contract says."""
    status = response.status or 0
    if call.step.criteria:
        yield from criteria_checks(call.step.criteria, scope)
    else:
        text = "the status is a documented success (the step has no successCriteria)"
        yield Check(text, status in _SUCCESS, f"the status is {status}")
    mismatches = call.service.check_of(call.bound.operation)(response)
    for mismatch in mismatches:
        yield Check(f"the answer is as the contract of {call.service.name} says", False, mismatch.message)  # noqa: FBT003 - the result
    if not mismatches:
        yield Check(f"the answer is as the contract of {call.service.name} says for {status}", True)  # noqa: FBT003 - ditto


def _text_of(criterion: Criterion) -> str:
    if criterion.type is CriterionType.SIMPLE:
        return criterion.condition
    return f"{criterion.context} fits the {criterion.type.value} {criterion.condition}"


def _exchanged(outgoing: HttpRequest, request: StepRequest, exchange: Exchange) -> Exchanged:
    response = exchange.response
    return Exchanged(
        url=outgoing.url,
        method=outgoing.method,
        status=response.status or 0,
        request_headers={name.lower(): value for name, value in outgoing.headers},
        query=request.query,
        path=request.path,
        request_body=request.body,
        response_headers={name.lower(): ", ".join(values) for name, values in response.headers.items()},
        response_body=_body_of(response),
    )


def _body_of(response: Response) -> Any:
    """Return the body as JSON, or as text; nothing where there is none."""
    body = response.body
    if body.presence is Presence.NULL:
        return None
    if body.presence is not Presence.PRESENT:
        return NO_VALUE
    return body.value.decode(errors="replace") if isinstance(body.value, bytes) else body.value
