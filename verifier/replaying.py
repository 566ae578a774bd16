"""Replay cases: set up the states, ask the provider, hand its answer to the case's check."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from verifier.cases import AnyCase, Case, MessageCase, UnsupportedCase
from verifier.errors import (
    MessageError,
    NoAnswerError,
    ProviderError,
    ProviderTimeoutError,
    StateChangeError,
    UnreachableError,
)
from verifier.messages import MessageSource
from verifier.results import Failure, Result
from verifier.sending import Provider
from verifier.state_values import with_state_values
from verifier.states import StateChanges

FAILURES: dict[type[ProviderError], Failure] = {
    UnreachableError: Failure.UNREACHABLE,
    ProviderTimeoutError: Failure.TIMEOUT,
    NoAnswerError: Failure.NO_ANSWER,
    StateChangeError: Failure.PROVIDER_STATE,
    MessageError: Failure.MESSAGE,
}


@dataclass(frozen=True)
class Target:
    """What is verified: where requests, provider states and messages are asked for."""

    provider: Provider
    states: StateChanges
    messages: MessageSource | None = None


def replay(cases: Iterable[AnyCase], target: Target) -> Iterator[Result]:
    """Yield the result of each case as it ends, in the order of *cases*."""
    for case in cases:
        yield replay_case(case, target)


def replay_case(case: AnyCase, target: Target) -> Result:
    """Return what came of *case*. It depends on its arguments alone, and raises nothing for the provider.

    A provider that cannot be asked, or gives no answer, is a result like any other.
    """
    if isinstance(case, UnsupportedCase):
        return Result(case=case, failure=Failure.UNSUPPORTED, problem=f"It cannot be checked: {case.reason}")
    if isinstance(case, MessageCase):
        return _replay_message(case, target)
    return _replay_request(case, target)


def _replay_request(case: Case, target: Target) -> Result:
    sent = None
    try:
        with target.states.of(case.states) as values:
            request = with_state_values(case.request, values)
            sent = target.provider.sent_by(request)
            exchange = target.provider.send(request)
    except ProviderError as error:
        return Result(case=case, sent=sent, failure=FAILURES[type(error)], problem=str(error))
    mismatches = case.check(exchange.response)
    return Result(
        case=case,
        sent=sent,
        received=exchange.received,
        mismatches=mismatches,
        failure=Failure.MISMATCH if mismatches else None,
        duration_ms=exchange.duration_ms,
    )


def _replay_message(case: MessageCase, target: Target) -> Result:
    if target.messages is None:
        return Result(case=case, failure=Failure.UNSUPPORTED, problem="It needs --message-url.")
    sent = target.messages.sent_for(case)
    try:
        with target.states.of(case.states):
            exchange = target.messages.ask(case)
    except ProviderError as error:
        return Result(case=case, sent=sent, failure=FAILURES[type(error)], problem=str(error))
    mismatches = case.check(exchange.message)
    return Result(
        case=case,
        sent=sent,
        received=exchange.received,
        mismatches=mismatches,
        failure=Failure.MISMATCH if mismatches else None,
        duration_ms=exchange.duration_ms,
    )
