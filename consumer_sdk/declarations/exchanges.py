"""A message that the consumer sends, and the replies that it relies on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self, TypeVar

from consumer_sdk.declarations.declaration import Declaration
from consumer_sdk.declarations.messages import Message
from consumer_sdk.documents.checks import refuse_contradictions
from consumer_sdk.documents.declared import Body, DeclaredMessage
from consumer_sdk.documents.interactions import EXCHANGE
from consumer_sdk.documents.messages import message_document

T = TypeVar("T")
Send = Callable[[Message], Sequence[Message]]
"""Takes the message that the consumer sends, and returns the replies."""


class Exchange(Protocol):
    """Let the consumer's code send its message; record the exchange when it was the declared one."""

    def __call__(self, interaction: "ExchangeDeclaration", code: Callable[[Send], T]) -> T:
        """Return what the code returns."""


class ExchangeDeclaration(Declaration):
    """A message with replies (V4); `exchanged_by` lets the consumer's code send it."""

    kind = EXCHANGE

    def __init__(self, description: str, exchange: Exchange, specification: str = "V4") -> None:
        super().__init__(description, specification)
        self._exchange = exchange
        self.request: DeclaredMessage | None = None
        self.replies: list[DeclaredMessage] = []

    def with_request(
        self,
        content: Body,
        metadata: Mapping[str, object] | None = None,
        *,
        content_type: str | None = None,
    ) -> Self:
        """Declare the message that the consumer's code is to send."""
        self.request = self._message("request", content, content_type, metadata)
        return self

    def will_reply_with(
        self,
        content: Body,
        metadata: Mapping[str, object] | None = None,
        *,
        content_type: str | None = None,
    ) -> Self:
        """Declare a reply; call it once for each, in order."""
        self.replies.append(self._message("reply", content, content_type, metadata))
        return self

    def exchanged_by(self, code: Callable[[Send], T]) -> T:
        """Call the consumer's *code* with the function that sends, and return what that returns.

        The exchange is recorded when the code sent the declared message once, and did not raise.
        """
        __tracebackhide__ = True
        return self._exchange(self, code)

    def parts(self, specification: str) -> dict[str, Any]:
        """Return the request and the replies."""
        if self.request is None or not self.replies:
            raise self._missing("with_request" if self.request is None else "will_reply_with")
        return {
            "request": message_document(self.request, specification, received=False),
            "response": [message_document(reply, specification) for reply in self.replies],
        }

    def _message(
        self, part: str, content: object, content_type: str | None, metadata: Mapping[str, object] | None
    ) -> DeclaredMessage:
        message = DeclaredMessage(content, content_type, metadata or {})
        refuse_contradictions(part, message_document(message, self.specification), self.specification)
        return message
