"""Cases of the messages of a service contract: those that the provider sends, takes, and replies to."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from tally.errors import InvalidContractError
from tally.generators.generated_values import Values
from tally.json_schema.validation import Validator
from tally.json_schema.values import valid_values
from tally.matching import Mismatch
from tally.pact import Body, Presence, ProviderState
from tally.pact import Message as SentMessage
from tally.pact.bodies import is_json, media_type
from tally.service_contract.model import (
    Direction,
    Message,
    MessageExample,
    MessageOperation,
    ServiceContract,
)
from verifier.contracts.cases import AnyCase, Generated, MessageCase, UnsupportedCase
from verifier.contracts.replies import Messages
from verifier.contracts.response_check import path_expression

JSON = "application/json"
Check = Callable[[Messages, Values], tuple[Mismatch, ...]]


def message_cases(contract: ServiceContract) -> tuple[AnyCase, ...]:
    """Return a case for each example of each message, or one for a message without examples.

    The description, by which the provider knows what is asked of it, is the name of the message. *id* is
    "operation/example". A message that the provider sends has to satisfy the schemas of payload and headers;
    one that it takes is handed over, and must be taken; a reply has to satisfy the schemas of replies.
    """
    return tuple(case for operation in contract.message_operations for case in _cases(operation))


def generated_message_cases(contract: ServiceContract, *, seed: int, most: int) -> Iterator[MessageCase]:
    """Yield generated messages for the provider to take, at most so many of each."""
    for operation in contract.message_operations:
        if operation.direction is not Direction.RECEIVED:
            continue
        for message in operation.messages:
            payloads = valid_values(message.payload, seed=seed, most=most)
            for index, payload in enumerate(payloads):
                made = Generated(phase="valid", seed=seed, index=index, value={"payload": payload})
                yield _handed_over(operation, message, _made(message, payload), (index, made))


def _cases(operation: MessageOperation) -> Iterator[AnyCase]:
    for message in operation.messages:
        try:
            if operation.direction is Direction.RECEIVED:
                yield from _received(operation, message)
            else:
                yield from _sent(operation, message)
        except InvalidContractError as error:
            yield UnsupportedCase(
                description=message.name, reason=str(error), id=f"{operation.id}/{message.name}"
            )


def _sent(operation: MessageOperation, message: Message) -> Iterator[MessageCase]:
    asked: set[tuple[str, ...]] = set()
    check = _check_of([message])
    for example in message.examples or (None,):
        states = example.states if example else ()
        # Only states tell the provider which of several is meant.
        if (key := tuple(map(repr, states))) in asked:
            continue
        asked.add(key)
        yield MessageCase(
            description=message.name,
            check=check,
            states=states,
            id=f"{operation.id}/{example.name if example else message.name}",
            operation=operation,
        )


def _received(operation: MessageOperation, message: Message) -> Iterator[MessageCase]:
    for example in message.examples:
        content = SentMessage(example.payload, _metadata(message, example.headers))
        yield _handed_over(operation, message, content, (example.name, None), example)
    if not message.examples:
        usual = next(valid_values(message.payload, most=1), None)
        yield _handed_over(operation, message, _made(message, usual), (message.name, None))


def _handed_over(
    operation: MessageOperation,
    message: Message,
    content: SentMessage,
    which: tuple[str | int, Generated | None],
    example: MessageExample | None = None,
) -> MessageCase:
    name, generated = which
    states: tuple[ProviderState, ...] = example.states if example else ()
    return MessageCase(
        description=message.name,
        request=content,
        replies=1 if operation.replies else 0,
        check=_check_of(operation.replies) if operation.replies else _nothing_more,
        states=states,
        id=f"{operation.id}/{'valid/' if generated else ''}{name}",
        operation=operation,
        generated=generated,
    )


def _made(message: Message, payload: Any) -> SentMessage:
    headers: Any = next(valid_values(message.headers, most=1), {}) if message.headers is not True else {}
    body = Body(Presence.PRESENT, payload, message.content_type or JSON)
    return SentMessage(body, _metadata(message, headers if isinstance(headers, dict) else {}))


def _metadata(message: Message, headers: dict[str, Any]) -> dict[str, Any]:
    return {"contentType": message.content_type or JSON, **headers}


def _nothing_more(_: Messages, __: Values) -> tuple[Mismatch, ...]:
    """A message that was taken says nothing."""
    return ()


def _check_of(messages: Sequence[Message]) -> Check:
    """Return the check that a message is one of these. Raises InvalidContractError for an unusable schema."""
    judges = [(each, Validator(each.payload), Validator(each.headers)) for each in messages]
    return partial(_mismatches, judges)


def _mismatches(
    judges: list[tuple[Message, Validator, Validator]], actual: Messages, _: Values
) -> tuple[Mismatch, ...]:
    if not actual:
        return (Mismatch("replies", "", len(judges), 0, "Expected a message, but got none"),)
    found = [tuple(_of_message(actual[0], *judge)) for judge in judges]
    return min(found, key=len)


def _of_message(
    actual: SentMessage, message: Message, payload: Validator, headers: Validator
) -> Iterator[Mismatch]:
    given = actual.metadata.get("contentType")
    if message.content_type and given and media_type(str(given)) != media_type(message.content_type):
        text = f"expected content of type {message.content_type}, got {given}"
        yield Mismatch("metadata", "contentType", message.content_type, given, text)
        return
    if is_json(message.content_type or JSON):
        for problem in payload.problems(actual.body.value):
            place = path_expression(problem.parts)
            yield Mismatch("body", place, problem.keyword, None, problem.message)
    own = {name: value for name, value in actual.metadata.items() if name != "contentType"}
    for problem in headers.problems(own):
        yield Mismatch("metadata", ".".join(map(str, problem.parts)), problem.keyword, None, problem.message)
