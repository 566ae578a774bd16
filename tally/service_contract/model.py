"""A service contract as frozen values, whatever the language it was written in."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tally.pact import Body, ProviderState

Schema = dict[str, Any] | bool
"""A JSON Schema 2020-12 that refers to nothing outside itself: what it needs is in its `$defs`."""


class Specification(Enum):
    """The languages that service contracts are written in; the values are what a broker is told."""

    OPENAPI = "openapi"
    NATIVE = "service-contract"


@dataclass(frozen=True)
class Parameter:
    """A value in the path, the query string, a header or a cookie.

    *location* is "path", "query", "header" or "cookie"; *style* and *explode* are OpenAPI's, and say how
    lists and objects are written. *examples* by name; None is the name of the example that has none.
    """

    name: str
    location: str
    required: bool = False
    schema: Schema = True
    style: str = "simple"
    explode: bool = False
    examples: "dict[str | None, NamedValue]" = field(default_factory=dict)


@dataclass(frozen=True)
class NamedValue:
    """The value of an example, and the provider states that it needs."""

    value: Any
    states: tuple[ProviderState, ...] = ()


@dataclass(frozen=True)
class MediaType:
    """What a body with this media type looks like; *content_type* may be a range such as "application/*"."""

    content_type: str
    schema: Schema = True
    examples: dict[str | None, NamedValue] = field(default_factory=dict)


@dataclass(frozen=True)
class RequestBody:
    """The body of a request, by media type."""

    content: tuple[MediaType, ...]
    required: bool = False


@dataclass(frozen=True)
class Header:
    """A header of a response."""

    name: str
    schema: Schema = True
    required: bool = False


@dataclass(frozen=True)
class OperationResponse:
    """An answer that the provider may give; *status* is "201", a class such as "2XX", or "default".

    No *content* says nothing about the body.
    """

    status: str
    content: tuple[MediaType, ...] = ()
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True)
class ExampleRequest:
    """What to send: values by parameter name, not yet written into the path or the query string."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    cookies: dict[str, Any] = field(default_factory=dict)
    body: Body = field(default_factory=Body)


@dataclass(frozen=True)
class ExampleResponse:
    """What to expect: *status* as in OperationResponse; the body is what the answer may look like."""

    status: str
    body: Body = field(default_factory=Body)


@dataclass(frozen=True)
class Example:
    """One exchange that can be replayed. *pointer* is the JSON pointer of where the document gives it.

    *strict* says that the example was written to be replayed, so that its values must satisfy the schemas.
    """

    name: str
    request: ExampleRequest
    response: ExampleResponse
    states: tuple[ProviderState, ...] = ()
    pointer: str = ""
    strict: bool = True


@dataclass(frozen=True)
class Operation:
    """One thing that a service can be asked to do. *kind* is "http"; *path* is a template: "/orders/{id}".

    *id* is unique in the contract. *pointer* is the JSON pointer of the operation in the document.
    """

    id: str
    method: str
    path: str
    kind: str = "http"
    parameters: tuple[Parameter, ...] = ()
    request: RequestBody | None = None
    responses: tuple[OperationResponse, ...] = ()
    examples: tuple[Example, ...] = ()
    pointer: str = ""

    def response(self, status: str) -> OperationResponse | None:
        """Return what is said about *status*; about a number also by its class ("2XX"), or by "default"."""
        said = {response.status.upper(): response for response in self.responses}
        found = said.get(status.upper())
        if found or not status.isdigit():
            return found
        return said.get(f"{status[0]}XX") or said.get("DEFAULT")


@dataclass(frozen=True)
class ServiceContract:
    """What a service promises. *service* and *version* are what the document says, and may be missing."""

    specification: Specification
    operations: tuple[Operation, ...]
    service: str | None = None
    version: str | None = None
