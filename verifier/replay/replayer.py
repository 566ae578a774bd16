"""Replay cases: set up the provider states, send the request, and check the response."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from random import Random
from typing import Any

from tally.generators.generated_values import message_with_generated_values, with_generated_values
from tally.generators.generator import GeneratorContext
from tally.matching import Mismatch
from tally.values import dataclass
from verifier.contracts.cases import (
    AnyCase,
    ArazzoCase,
    Case,
    Exchanges,
    Findings,
    MessageCase,
    UnsupportedCase,
    WorkflowCase,
)
from verifier.errors import (
    MessageError,
    NoAnswerError,
    ProviderError,
    ProviderTimeoutError,
    RequestFilterError,
    StateChangeError,
    StateRefusedError,
    UnreachableError,
)
from verifier.provider.messages import MessageExchange, MessageSource
from verifier.provider.process import Running
from verifier.provider.provider import Exchange, ProviderClient, sent
from verifier.provider.states import StateChanges
from verifier.replay.concurrency import Pace, Throttle
from verifier.replay.thread_pool import map_in_threads
from verifier.results.result import CaseResult, FailureKind, Received, Sent, Step

FAILURE_KINDS: dict[type[ProviderError], FailureKind] = {
    UnreachableError: FailureKind.UNREACHABLE,
    ProviderTimeoutError: FailureKind.TIMEOUT,
    NoAnswerError: FailureKind.NO_ANSWER,
    StateChangeError: FailureKind.PROVIDER_STATE,
    StateRefusedError: FailureKind.PROVIDER_STATE,
    MessageError: FailureKind.MESSAGE,
    RequestFilterError: FailureKind.REQUEST_FILTER,
}


def _local_time() -> datetime:
    return datetime.now().astimezone()


@dataclass(frozen=True)
class ReplayTarget:
    """Where cases are replayed: the provider, and where its states and messages come from.

    *core* replays cases that need a plugin; with *core_for_all* it replays every case. *running* is the
    process of the provider if it was started for this run. Without *keeps_exchanges*, the result of a pact's
    case that passed has only the status of the answer: nobody will look at the rest, which may be large.
    """

    provider: ProviderClient
    states: StateChanges = field(default_factory=StateChanges)
    messages: MessageSource | None = None
    core: Callable[[AnyCase], CaseResult] | None = None
    core_for_all: bool = False
    running: Running | None = None
    keeps_exchanges: bool = True
    random: Random = field(default_factory=Random)
    now: Callable[[], datetime] = _local_time

    def context(self, values: Mapping[str, Any]) -> GeneratorContext:
        """Return the context for generators, with the *values* that provider states returned."""
        return GeneratorContext(
            random=self.random, now=self.now(), values=values, base_url=self.provider.base_url
        )

    def close_idle(self) -> None:
        """Close idle connections."""
        self.provider.transport.close_idle()


class Replayer:
    """Replay cases against *target*; *pace* says which may run at the same time.

    No case is begun after *deadline*, a time of *clock*.
    """

    def __init__(
        self,
        target: ReplayTarget,
        pace: Pace,
        *,
        deadline: float | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._target = target
        self._pace = pace
        self._deadline = deadline
        self._clock = clock
        self._throttle = Throttle()

    def replay(self, cases: Iterable[AnyCase]) -> Iterator[CaseResult]:
        """Yield the result of each case, in the order of *cases*, as soon as it and those before it are done.

        Successive cases that may run at the same time do; every other case runs alone.
        """
        for together, neighbours in groupby(cases, self._may_be_at_once):
            yield from (self._together if together else self._one_by_one)(neighbours)

    def replay_one(self, case: AnyCase) -> CaseResult:
        """Return the result of one case, replayed alone."""
        return self._replay(case)

    def _may_be_at_once(self, case: AnyCase) -> bool:
        return self._pace.allows(case) and not self._target.states.also_without_states

    def _one_by_one(self, cases: Iterable[AnyCase]) -> Iterator[CaseResult]:
        return map(self._replay, cases)

    def _together(self, cases: Iterable[AnyCase]) -> Iterator[CaseResult]:
        return map_in_threads(self._timed, cases, self._workers, when_done=self._target.close_idle)

    def _timed(self, case: AnyCase) -> CaseResult:
        result = self._replay(case)
        if result.received:
            self._throttle.record(result.duration_ms)
        return result

    def _workers(self) -> int:
        return self._pace.concurrency or self._throttle.workers

    def _replay(self, case: AnyCase) -> CaseResult:
        if self._deadline is not None and self._clock() > self._deadline:
            return not_replayed(case, "The time limit of the run was reached (--total-timeout).")
        return replay_case(case, self._target)


def not_replayed(case: AnyCase, reason: str) -> CaseResult:
    """Return the result of a case that the run left out, for *reason*."""
    return CaseResult(case=case, failure=FailureKind.NOT_REPLAYED, problem=reason)


def replay_case(case: AnyCase, target: ReplayTarget) -> CaseResult:
    """Replay one case and return its result.

    A provider that cannot be reached or gives no answer is a failed result, never an exception.
    """
    if target.core and (target.core_for_all or (isinstance(case, UnsupportedCase) and case.plugin)):
        return target.core(case)
    if isinstance(case, UnsupportedCase):
        return CaseResult(
            case=case, failure=FailureKind.UNSUPPORTED, problem=f"It cannot be checked: {case.reason}"
        )
    if isinstance(case, MessageCase):
        return _replay_message(case, target)
    if isinstance(case, WorkflowCase | ArazzoCase):
        return _replay_steps(case, target)
    result = _replay_request(case, target)
    for other in _others(result):
        again = _replay_request(other, target)
        if not _is_refused(again):
            return again
    return result


def _others(result: CaseResult) -> Iterator[Case]:
    """Yield the same case with other texts, if the answer may be about those that were sent."""
    generated = result.case.generated if isinstance(result.case, Case) else None
    if generated and result.passed and result.received and result.received.status in generated.again_after:
        yield from filter(None, (make() for make in generated.fresh))


def _is_refused(result: CaseResult) -> bool:
    status = result.received.status if result.received else 0
    return result.passed and 400 <= status < 500  # noqa: PLR2004 - the class of refusals


def _replay_request(case: Case, target: ReplayTarget) -> CaseResult:
    asked = None
    try:
        with target.states.of(case.states) as values:
            request = with_generated_values(case.request, partial(target.context, values))
            client = target.provider.without(case.without_headers)
            outgoing = client.http_request(request)
            asked = sent(outgoing)
            exchange = client.send(outgoing)
    except ProviderError as error:
        return CaseResult(case=case, sent=asked, failure=FAILURE_KINDS[type(error)], problem=str(error))
    mismatches = case.check(exchange.response, values)
    if not (mismatches or target.keeps_exchanges or case.operation):
        return CaseResult(
            case=case, received=Received(exchange.received.status), duration_ms=exchange.duration_ms
        )
    return _checked(case, asked, exchange, mismatches)


def _replay_steps(case: WorkflowCase | ArazzoCase, target: ReplayTarget) -> CaseResult:
    if isinstance(case, WorkflowCase):
        return _replay_workflow(case, target)
    from verifier.replay.arazzo import replay_arazzo  # noqa: PLC0415 - few runs have workflows

    return replay_arazzo(case, target.provider, target.states)


def _replay_workflow(case: WorkflowCase, target: ReplayTarget) -> CaseResult:
    steps: list[Step] = []
    asked: list[Sent] = []
    findings: Findings = ()
    failure = problem = None
    try:
        with target.states.of(case.states) as values:
            findings = _exchanged(case.exchanges(values), target, asked, steps)
    except ProviderError as error:
        failure, problem = FAILURE_KINDS[type(error)], str(error)
    duration_ms = sum(step.duration_ms for step in steps)
    result = CaseResult(case=case, duration_ms=duration_ms, steps=tuple(steps), findings=findings)
    if failure:
        return replace(result, sent=asked[-1] if asked else None, failure=failure, problem=problem)
    return (
        result.at_finding(0) if findings else replace(result, received=steps[-1].received if steps else None)
    )


def _exchanged(exchanges: Exchanges, target: ReplayTarget, asked: list[Sent], steps: list[Step]) -> Findings:
    """Send what is asked for until that ends; *asked* and *steps* take what was sent and received."""
    try:
        operation, request = next(exchanges)
        while True:
            outgoing = target.provider.http_request(request)
            asked.append(sent(outgoing))
            exchange = target.provider.send(outgoing)
            steps.append(Step(operation, asked[-1], exchange.received, exchange.duration_ms))
            operation, request = exchanges.send(exchange.response)
    except StopIteration as end:
        found: Findings = end.value
        return found


def _replay_message(case: MessageCase, target: ReplayTarget) -> CaseResult:
    if target.messages is None:
        return CaseResult(case=case, failure=FailureKind.UNSUPPORTED, problem="It needs --message-url.")
    asked = None
    try:
        with target.states.of(case.states) as values:
            filled = _with_values(case, partial(target.context, values))
            asked = target.messages.sent_for(filled)
            exchange = target.messages.fetch(filled)
    except ProviderError as error:
        return CaseResult(case=case, sent=asked, failure=FAILURE_KINDS[type(error)], problem=str(error))
    return _checked(case, asked, exchange, case.check(exchange.messages, values))


def _checked(
    case: AnyCase, asked: Sent | None, exchange: Exchange | MessageExchange, mismatches: tuple[Mismatch, ...]
) -> CaseResult:
    return CaseResult(
        case=case,
        sent=asked,
        received=exchange.received,
        mismatches=mismatches,
        failure=FailureKind.MISMATCH if mismatches else None,
        duration_ms=exchange.duration_ms,
    )


def _with_values(case: MessageCase, context: Callable[[], GeneratorContext]) -> MessageCase:
    if case.request is None:
        return case
    return replace(case, request=message_with_generated_values(case.request, context))
