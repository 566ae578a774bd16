"""Examples written to be replayed: of native documents, and `x-contract-examples` in OpenAPI."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tally.errors import InvalidContractError
from tally.pact import Body, Presence, ProviderState
from tally.service_contract.model import (
    Example,
    ExampleRequest,
    ExampleResponse,
    HttpOperation,
    Message,
    MessageExample,
    MessageOperation,
)
from tally.service_contract.parts import DocumentPart

JSON = "application/json"


def states(written: list[Any]) -> tuple[ProviderState, ...]:
    """Return provider states, each written as a name or as {"name", "params"}."""
    return tuple(
        ProviderState(state)
        if isinstance(state, str)
        else ProviderState(state["name"], state.get("params", {}))
        for state in written
    )


def body(holder: dict[str, Any], content_type: str | None) -> Body:
    """Return the `body` of an example's request or response; none when it has no such key."""
    if "body" not in holder:
        return Body()
    return Body(Presence.PRESENT, holder["body"], content_type or JSON)


def http_examples(operation: HttpOperation, holder: DocumentPart, key: str) -> tuple[Example, ...]:
    """Return the examples of *operation* that *holder* has under *key*.

    Raises InvalidContractError for an example of an error that no response reports.
    """
    content = operation.request.content if operation.request else ()
    content_type = content[0].content_type if content else None
    status_of = {response.error: response.status for response in operation.responses}
    return tuple(
        _http_example(part, content_type=content_type, status_of=status_of) for part in holder.items(key)
    )


def _http_example(
    part: DocumentPart, *, content_type: str | None, status_of: Mapping[str | None, str]
) -> Example:
    """Return one example; *content_type* is that of its request's body when it does not say so itself.

    *status_of* is the status of the response that reports each error condition.
    """
    written = part.value
    request, response = written.get("request", {}), written.get("response", {})
    status = response.get("status")
    if "error" in written:
        reported = status_of.get(written["error"])
        if reported is None:
            raise InvalidContractError(f"{part / 'error'}: no response reports {written['error']!r}")
        status = reported if status is None else status
    return Example(
        name=written["name"],
        states=states(written.get("states", [])),
        request=ExampleRequest(
            path=request.get("path", {}),
            query=request.get("query", {}),
            headers=request.get("headers", {}),
            cookies=request.get("cookies", {}),
            body=body(request, request.get("contentType", content_type)),
        ),
        response=ExampleResponse(str(status), body(response, response.get("contentType"))),
        pointer=part.pointer,
        error=written.get("error"),
    )


def with_examples(operation: MessageOperation, holder: DocumentPart, key: str) -> MessageOperation:
    """Return *operation* with the examples that *holder* has under *key*, each at the message that it is of.

    Raises InvalidContractError for one of a message that the operation does not have.
    """
    messages = {message.name: message for message in operation.messages}
    for part in holder.items(key):
        message = _message_of(part, "message", messages)
        reply = None
        if "reply" in part.value:
            replies = {message.name: message for message in operation.replies}
            answered = part.part("reply")
            reply = _message_example(answered, part.value["name"], _message_of(answered, "message", replies))
        example = replace(_message_example(part, part.value["name"], message), reply=reply)
        messages[message.name] = replace(message, examples=(*messages[message.name].examples, example))
    return replace(operation, messages=tuple(messages.values()))


def _message_of(example: DocumentPart, key: str, messages: dict[str, Message]) -> Message:
    name = example.value.get(key)
    if name is None and len(messages) == 1:
        return next(iter(messages.values()))
    if name not in messages:
        known = ", ".join(messages) or "none"
        problem = "say which message this is" if name is None else f"there is no message {name!r} here"
        raise InvalidContractError(f"{example / key if name else example.pointer}: {problem} ({known})")
    return messages[name]


def _message_example(part: DocumentPart, name: str, message: Message) -> MessageExample:
    written = part.value
    payload = Body()
    if "payload" in written:
        payload = Body(Presence.PRESENT, written["payload"], message.content_type or JSON)
    return MessageExample(
        name,
        payload,
        written.get("headers", {}),
        states(written.get("states", [])),
        pointer=part.pointer,
        message=message.name,
    )
