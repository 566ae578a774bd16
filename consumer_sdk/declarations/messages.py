"""A message that the provider sends."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar

from consumer_sdk.declarations.declaration import Declaration
from consumer_sdk.documents.checks import refuse_contradictions
from consumer_sdk.documents.declared import Body, DeclaredMessage
from consumer_sdk.documents.fields import mapping_of
from consumer_sdk.documents.interactions import MESSAGE
from consumer_sdk.documents.messages import message_document

T = TypeVar("T")


@dataclass(frozen=True)
class Message:
    """A message as the consumer's handler gets it: *content* are the bytes that a queue would deliver."""

    content: bytes
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def json(self) -> Any:
        """Parse the content."""
        return json.loads(self.content)


class Deliver(Protocol):
    """Hand a declared message to a handler; record it when the handler does not raise."""

    def __call__(self, interaction: "MessageDeclaration", handler: Callable[[Message], T]) -> T:
        """Return what the handler returns."""


class MessageDeclaration(Declaration):
    """A message that the provider sends; `handled_by` gives it to the consumer's code."""

    kind = MESSAGE

    def __init__(self, description: str, deliver: Deliver, specification: str = "V4") -> None:
        super().__init__(description, specification)
        self._deliver = deliver
        self.message = DeclaredMessage()

    @property
    def content(self) -> object:
        """The declared content; None when there is none yet."""
        return self.message.content

    @property
    def content_type(self) -> str | None:
        """The type of the content."""
        return self.message.content_type

    @property
    def metadata(self) -> Mapping[str, object]:
        """What travels beside the content."""
        return self.message.metadata

    def with_content(self, content: Body, *, content_type: str | None = None) -> Self:
        """Declare the content: JSON with matchers, text, bytes, or what `consumer_sdk.bodies` makes."""
        self._say(DeclaredMessage(content, content_type, self.metadata))
        return self

    def with_metadata(self, metadata: Mapping[str, object] | None = None, /, **named: object) -> Self:
        """Declare what travels beside the content, such as the topic; values may be matchers.

        `consumer_sdk.metadata` has it for Kafka, SNS, SQS, AMQP and Pub/Sub.
        """
        said = mapping_of(metadata or {}, "metadata")
        message = self.message
        self._say(
            DeclaredMessage(message.content, message.declared_type, {**message.metadata, **said, **named})
        )
        return self

    def handled_by(self, handler: Callable[[Message], T]) -> T:
        """Hand the message to the consumer's *handler*, and return what that returns.

        The message is recorded when the handler does not raise; what it raises fails the test.
        """
        __tracebackhide__ = True
        return self._deliver(self, handler)

    def parts(self, specification: str) -> dict[str, Any]:
        """Return the contents and the metadata."""
        if self.content is None:
            raise self._missing("with_content")
        return message_document(self.message, specification)

    def _say(self, message: DeclaredMessage) -> None:
        refuse_contradictions("message", message_document(message, self.specification), self.specification)
        self.message = message
