"""What a test declares of a request, a response or a message: frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from consumer_sdk.match import Matcher, example_of
from tally.pact.bodies import is_about_type

Text = str | int | float | Decimal
"""What is written as text in a path, a header or a query: numbers and booleans as JSON writes them."""
Value = Text | Matcher[Text | Sequence[Text]]
"""What may stand for one header or one query value."""
Fields = Mapping[str, Value | Sequence[Value]]
"""Headers or query values by name; a list is a name that occurs several times."""


@dataclass(frozen=True)
class Content:
    """A body that is not JSON, with its rules by path expression; made by `consumer_sdk.bodies`.

    *type_rule*, if any, is the matcher for its Content-Type.
    """

    value: str | bytes
    content_type: str
    rules: Mapping[str, object] = field(default_factory=dict)
    type_rule: Matcher[str] | None = None


Json = bool | int | float | Decimal | str | Matcher[Any] | Sequence[object] | Mapping[str, object] | None
"""A value of JSON, with matchers; what is inside is checked when it is declared."""
Body = Json | bytes | Content


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
                said = example_of(value)
                return str(said[0] if isinstance(said, list) and said else said)
        return default_content_type(self.body)


def default_content_type(body: object) -> str | None:
    """Return the media type of a body that none is declared for."""
    if body is None:
        return None
    if isinstance(body, Content):
        return body.content_type
    if isinstance(body, Matcher):
        if body.rule == "contentType":
            return str(body.attributes["value"])
        return "application/octet-stream" if isinstance(body.example, bytes) else "application/json"
    if isinstance(body, bytes):
        return "application/octet-stream"
    return "text/plain" if isinstance(body, str) else "application/json"


@dataclass(frozen=True)
class DeclaredRequest(DeclaredPart):
    """What the consumer's code is to send."""

    method: str = "GET"
    path: str | Matcher[str] = "/"
    query: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class DeclaredResponse(DeclaredPart):
    """What the provider answers."""

    status: int | Matcher[int] = 200


@dataclass(frozen=True)
class DeclaredMessage:
    """The content of a message, and what travels beside it; *declared_type* is said apart from both."""

    content: object = None
    declared_type: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)

    @property
    def content_type(self) -> str | None:
        """What is said, also by the metadata, or else what the Python type of the content suggests."""
        in_metadata = (str(example_of(value)) for name, value in self.metadata.items() if is_about_type(name))
        return self.declared_type or next(in_metadata, None) or default_content_type(self.content)
