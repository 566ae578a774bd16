"""Messages of the provider: fetched from a URL, or returned by functions in this process."""

import base64
from collections.abc import Callable, Mapping
from functools import partial
from time import perf_counter
from typing import Any, Protocol

from tally.errors import InvalidContractError
from tally.pact import Message, read_body
from tally.pact.bodies import NOT_JSON, parse_json
from tally.pact.json_fields import as_object
from tally.pact.message_parts import read_message
from tally.values import dataclass
from verifier.contents.bodies import content_as_json
from verifier.contents.json_values import json_bytes, jsonable, number_without_json
from verifier.contracts.cases import MessageCase
from verifier.contracts.replies import Messages
from verifier.errors import MessageError, UnreachableError
from verifier.provider.provider import received
from verifier.results.result import Received, Sent
from verifier.transport.calls import Call, call_to_the_end
from verifier.transport.redaction import without_credentials
from verifier.transport.transport import HttpRequest, HttpResponse, Transport

METADATA_HEADER = "Pact-Message-Metadata"


@dataclass(frozen=True)
class MessageExchange:
    """The message, or several replies, of one case; *received* is the HTTP response they came in, if any."""

    messages: Messages
    duration_ms: float
    received: Received | None = None


class MessageSource(Protocol):
    """Where messages come from."""

    def sent_for(self, case: MessageCase) -> Sent | None:
        """Return the request for the message of *case*, without credentials; None when none is sent."""

    def fetch(self, case: MessageCase) -> MessageExchange:
        """Return the message of *case*, or all replies to its request.

        Raises MessageError when the provider refuses, another ProviderError when it does not respond.
        """


@dataclass(frozen=True)
class MessageUrl:
    """POST {"description": …, "providerStates": [{"name", "params"}]} to *url*.

    For a reply, "request" holds the message that it answers: {"contents": …, "metadata": {…}}; with "replies"
    0 the provider only takes it. The body of
    the response is the content, with its Content-Type; the metadata is JSON, in Base64, in the header
    Pact-Message-Metadata. When "replies" asks for several, the response is a list of messages, each in the
    form of "request".
    """

    url: str
    transport: Transport
    clock: Callable[[], float] = perf_counter

    def sent_for(self, case: MessageCase) -> Sent:
        """Return the request for the message of *case*, without credentials."""
        request = self._http_request(case)
        return Sent("POST", without_credentials(request.url), request.headers, request.content)

    def fetch(self, case: MessageCase) -> MessageExchange:
        """Return the message, or the replies, that the URL responds with."""
        started = self.clock()
        response = self.transport.send(self._http_request(case))
        duration_ms = (self.clock() - started) * 1000
        if not response.ok:
            raise MessageError(
                f"{without_credentials(self.url)} (--message-url) responded with {response.status} and not "
                f"with the message: {response.text.strip()[:500] or 'no text'}"
            )
        if case.replies == 0:
            return MessageExchange((), duration_ms, received(response))
        messages = (message_of(response),) if case.replies == 1 else replies_of(response)
        return MessageExchange(messages, duration_ms, received(response))

    def _http_request(self, case: MessageCase) -> HttpRequest:
        states = [{"name": state.name, "params": state.params} for state in case.states]
        asked: dict[str, Any] = {"description": case.description, "providerStates": states}
        if case.request:
            asked["request"] = {
                "contents": content_as_json(case.request.body),
                "metadata": jsonable(case.request.metadata),
            }
        if case.replies != 1:
            asked["replies"] = case.replies
        headers = (("Content-Type", "application/json"),)
        return HttpRequest(method="POST", url=self.url, headers=headers, content=json_bytes(asked))


MessageFunction = Callable[..., Any]


@dataclass(frozen=True)
class MessageFunctions:
    """Functions by the description of the message. For a reply, one is called with the request's content.

    A function returns the content (JSON values, text or bytes), a pair of content and metadata, or a Message.
    When the contract wants several replies, it returns a list of these. It may be asynchronous.
    """

    functions: Mapping[str, MessageFunction]
    clock: Callable[[], float] = perf_counter
    call: Call = call_to_the_end

    def sent_for(self, _: MessageCase) -> None:
        """Return None: calling a function sends no request."""

    def fetch(self, case: MessageCase) -> MessageExchange:
        """Return what the function returns; raises MessageError when the function raises anything."""
        # Every message has a function: `check_possible` refuses the run otherwise.
        function = self.functions[case.description]
        arguments = (case.request.body.value,) if case.request else ()
        started = self.clock()
        try:
            made = self.call(partial(function, *arguments))
        except UnreachableError:
            raise
        except (Exception, SystemExit) as error:  # an exit would be that of the whole run
            raise MessageError(
                f"The function for the message {case.description!r} raised {type(error).__name__}: {error}"
            ) from error
        duration_ms = (self.clock() - started) * 1000
        if case.replies == 0:
            return MessageExchange((), duration_ms)
        messages = (message_from(made),) if case.replies == 1 else _replies_from(made, case)
        return MessageExchange(messages, duration_ms)


def _replies_from(made: object, case: MessageCase) -> Messages:
    if isinstance(made, list):
        return tuple(map(message_from, made))
    raise MessageError(
        f"The contract wants {case.replies} replies to {case.description!r}: return a list of them, not "
        f"{type(made).__name__}."
    )


def message_from(made: Any) -> Message:
    """Return what a function returned as a message; raises MessageError when JSON cannot hold its content."""
    if isinstance(made, Message):
        return made
    is_pair = isinstance(made, tuple) and len(made) == 2 and isinstance(made[1], Mapping)  # noqa: PLR2004 - a pair
    content, metadata = made if is_pair else (made, {})
    content_type = metadata.get("contentType")
    if isinstance(content, str | bytes):
        wire = content.encode() if isinstance(content, str) else content
        return Message(read_body(wire, content_type), dict(metadata))
    if number := number_without_json(content):
        raise MessageError(f"The content of the message has {number}, which JSON cannot write.")
    try:
        return Message(read_body(json_bytes(content), content_type or "application/json"), dict(metadata))
    except TypeError as error:
        raise MessageError(f"The content of the message is not JSON: {error}.") from error


def message_of(response: HttpResponse) -> Message:
    """Return the message in *response*; raises MessageError when its metadata cannot be read."""
    content_type = response.header("Content-Type")
    metadata = _metadata(response.header(METADATA_HEADER))
    if content_type and "contentType" not in metadata:
        metadata["contentType"] = content_type
    return Message(read_body(response.content, metadata.get("contentType") or content_type), metadata)


def replies_of(response: HttpResponse) -> Messages:
    """Return the replies in *response*: [{"contents": …, "metadata": {…}}, …]. Raises MessageError."""
    replies = parse_json(response.content)
    if not isinstance(replies, list):
        raise MessageError(
            "The contract wants several replies: respond with a JSON list of "
            f'{{"contents": …, "metadata": {{…}}}}, not {response.text[:100]!r}'
        )
    try:
        return tuple(
            read_message(as_object(reply, f"reply {number}"), f"reply {number}")
            for number, reply in enumerate(replies, 1)
        )
    except InvalidContractError as error:
        raise MessageError(f"A reply cannot be read: {error}") from error


def _metadata(header: str | None) -> dict[str, Any]:
    if not header:
        return {}
    try:
        metadata = parse_json(base64.b64decode(header, validate=True))
    except ValueError:  # of characters beyond ASCII, too
        metadata = NOT_JSON
    if metadata is NOT_JSON:
        raise MessageError(f"The header {METADATA_HEADER} is not JSON in Base64: {header[:100]!r}")
    if not isinstance(metadata, dict):
        raise MessageError(f"The header {METADATA_HEADER} does not hold a JSON object: {header[:100]!r}")
    return metadata
