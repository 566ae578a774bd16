"""What goes into operations and comes out of them: parameters, bodies, headers.

Each has its *pointer* in the document, and *schema_pointer*, that of its schema: not always the one
followed by "/schema".
"""

from dataclasses import field
from typing import Any

from tally.json_schema.schema import Schema
from tally.pact import ProviderState
from tally.values import dataclass


@dataclass(frozen=True)
class Parameter:
    """A value in the path, the query string, a header or a cookie.

    *location* is "path", "query", "header" or "cookie", or "channel" for a part of a channel's address.
    *style* and *explode* are OpenAPI's, and say how lists and objects are written. *examples* by name; None
    is the name of the example that has none.
    *shared* says that it was declared for all operations of its path. *may_be_empty* allows a query to say
    nothing but its name, whatever the schema says.
    """

    name: str
    location: str
    required: bool = False
    schema: Schema = True
    style: str = "simple"
    explode: bool = False
    examples: "dict[str | None, NamedValue]" = field(default_factory=dict)
    shared: bool = False
    pointer: str = ""
    schema_pointer: str = ""
    may_be_empty: bool = False


@dataclass(frozen=True)
class NamedValue:
    """The value of an example, and the provider states that it needs."""

    value: Any
    states: tuple[ProviderState, ...] = ()


@dataclass(frozen=True)
class PartEncoding:
    """How one property of a form, or one part of a multipart body, is written (OpenAPI, "Encoding Object").

    None says nothing, so the default of its type holds.
    """

    content_type: str | None = None
    style: str | None = None
    explode: bool | None = None
    allow_reserved: bool = False
    headers: "tuple[Header, ...]" = ()


@dataclass(frozen=True)
class MediaType:
    """What a body with this media type looks like; *content_type* may be a range such as "application/*".

    *encoding* is by property. *items* is what each item of a sequence such as JSON Lines looks like, and is
    None for other bodies (OpenAPI 3.2, `itemSchema`).
    """

    content_type: str
    schema: Schema = True
    examples: dict[str | None, NamedValue] = field(default_factory=dict)
    encoding: dict[str, PartEncoding] = field(default_factory=dict)
    items: Schema | None = None
    pointer: str = ""
    schema_pointer: str = ""


@dataclass(frozen=True)
class RequestBody:
    """The body of a request, by media type."""

    content: tuple[MediaType, ...]
    required: bool = False
    pointer: str = ""


@dataclass(frozen=True)
class Header:
    """A header of a response, or of a part of a body."""

    name: str
    schema: Schema = True
    required: bool = False
    explode: bool = False
    pointer: str = ""
    schema_pointer: str = ""
