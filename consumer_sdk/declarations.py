"""What a test declares: a request with its response, or a message. Pure values, without pact-python."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar

from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import Matcher, example_of

T = TypeVar("T")

Value = str | int | float | Matcher
"""What may stand for one header or one query value: numbers are sent as text."""

Fields = Mapping[str, Value | Sequence[Value]]
"""Headers or query values by name; a list is a name that occurs several times."""


@dataclass(frozen=True)
class DeclaredPart:
    """The headers and the body of a request or a response."""

    headers: Fields = field(default_factory=dict)
    body: object = None

    @property
    def content_type(self) -> str | None:
        """The type of the body: what the headers say, otherwise what its Python type suggests."""
        for name, value in self.headers.items():
            if name.lower() == "content-type":
                return str(example_of(value))
        return default_content_type(self.body)


def default_content_type(body: object) -> str | None:
    """Return the media type of a body that none is declared for."""
    if body is None:
        return None
    if isinstance(body, bytes):
        return "application/octet-stream"
    return "text/plain" if isinstance(body, str) else "application/json"


@dataclass(frozen=True)
class DeclaredRequest(DeclaredPart):
    """What the consumer's code is to send."""

    method: str = "GET"
    path: str | Matcher = "/"
    query: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class DeclaredResponse(DeclaredPart):
    """What the mock server answers."""

    status: int = 200


@dataclass(frozen=True)
class Message:
    """A message as the consumer's handler gets it: *content* are the bytes that a queue would deliver."""

    content: bytes
    metadata: Mapping[str, Any]

    def json(self) -> Any:
        """Parse the content."""
        return json.loads(self.content)


class Declaration:
    """What requests and messages have in common: a description, and the states of the provider."""

    def __init__(self, description: str) -> None:
        if not description:
            raise DeclarationError(
                "An interaction needs a description: what the consumer asks for, in words."
            )
        self.description = description
        self.states: list[tuple[str, dict[str, object]]] = []

    def given(self, state: str, parameters: Mapping[str, object] | None = None, /, **named: object) -> Self:
        """Add a state that the provider must be in, with its parameters; call it once for each state.

        Parameters whose names are no Python names go into the mapping.
        """
        self.states.append((state, {**(parameters or {}), **named}))
        return self


class HttpDeclaration(Declaration):
    """A request and its response; `Recorder.serve` serves it."""

    request: DeclaredRequest | None = None
    response: DeclaredResponse | None = None

    def with_request(
        self,
        method: str,
        path: str | Matcher,
        *,
        query: Fields | None = None,
        headers: Fields | None = None,
        body: object = None,
    ) -> Self:
        """Declare what the consumer's code is to send.

        It may send further headers, but no further query values and nothing more in the body.
        A *body* is bytes, text, or JSON with matchers; None says nothing about it.
        """
        self.request = DeclaredRequest(headers or {}, body, method.upper(), path, query or {})
        return self

    def will_respond_with(self, status: int, *, headers: Fields | None = None, body: object = None) -> Self:
        """Declare the response: what the consumer relies on, no more."""
        self.response = DeclaredResponse(headers or {}, body, status)
        return self


class Deliver(Protocol):
    """Hand a declared message to a handler; record it when the handler does not raise."""

    def __call__(self, interaction: "MessageDeclaration", handler: Callable[[Message], T]) -> T:
        """Return what the handler returns."""


class MessageDeclaration(Declaration):
    """A message that the provider sends; `handled_by` gives it to the consumer's code."""

    def __init__(self, description: str, deliver: Deliver) -> None:
        super().__init__(description)
        self._deliver = deliver
        self.content: object = None
        self.content_type: str | None = None
        self.metadata: Mapping[str, object] = {}

    def with_content(self, content: object, *, content_type: str | None = None) -> Self:
        """Declare the content: bytes, text, or JSON with matchers."""
        self.content = content
        self.content_type = content_type or default_content_type(content)
        return self

    def with_metadata(self, metadata: Mapping[str, object] | None = None, /, **named: object) -> Self:
        """Declare what travels beside the content, such as the topic; values may be matchers."""
        self.metadata = {**(metadata or {}), **named}
        return self

    def handled_by(self, handler: Callable[[Message], T]) -> T:
        """Hand the message to the consumer's *handler*, and return what that returns.

        The message is recorded when the handler does not raise; what it raises fails the test.
        """
        __tracebackhide__ = True
        return self._deliver(self, handler)
