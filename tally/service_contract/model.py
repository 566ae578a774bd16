"""A service contract as frozen values, whatever the language it was written in."""

from dataclasses import field
from enum import Enum
from typing import Any

from tally.json_schema.schema import Schema
from tally.pact import Body, ProviderState
from tally.service_contract.promises import (
    Budget,
    ContractState,
    Dependency,
    ErrorCondition,
    Link,
    Security,
    SecurityScheme,
)
from tally.service_contract.shapes import (
    Header,
    MediaType,
    NamedValue,
    Parameter,
    PartEncoding,
    RequestBody,
)
from tally.values import dataclass

__all__ = [
    "Budget",
    "ContractState",
    "Dependency",
    "Direction",
    "ErrorCondition",
    "Example",
    "ExampleRequest",
    "ExampleResponse",
    "Header",
    "HttpOperation",
    "Link",
    "MediaType",
    "Message",
    "MessageExample",
    "MessageOperation",
    "NamedValue",
    "Operation",
    "OperationResponse",
    "Parameter",
    "PartEncoding",
    "RequestBody",
    "Security",
    "SecurityScheme",
    "ServiceContract",
    "Specification",
]


class Specification(Enum):
    """The languages that service contracts are written in; the values are what a broker is told."""

    OPENAPI = "openapi"
    ASYNCAPI = "asyncapi"
    JSON_SCHEMA = "json-schema"
    NATIVE = "service-contract"


class Direction(Enum):
    """Who writes a message, seen from the service whose contract it is."""

    SENT = "sent"
    RECEIVED = "received"
    BOTH = "both"  # a plain schema that does not say; it must stay readable both ways


@dataclass(frozen=True)
class OperationResponse:
    """An answer that the provider may give; *status* is "201", a class such as "2XX", or "default".

    No *content* says nothing about the body. *error* is the name of the error condition that it reports.
    """

    status: str
    content: tuple[MediaType, ...] = ()
    headers: tuple[Header, ...] = ()
    error: str | None = None
    links: tuple[Link, ...] = ()
    pointer: str = ""


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
    *error* is the name of the error condition that it shows.
    """

    name: str
    request: ExampleRequest
    response: ExampleResponse
    states: tuple[ProviderState, ...] = ()
    pointer: str = ""
    strict: bool = True
    error: str | None = None


@dataclass(frozen=True)
class HttpOperation:
    """One request that a service can be sent; *path* is a template: "/orders/{id}".

    *id* is unique in the contract. *pointer* is the JSON pointer of the operation in the document, and
    *document* names that where a contract is made of several. *base_path* is what comes before *path*
    whatever the server ("/v1" of OpenAPI 2, `x-contract-base-path`). *security*
    is None where the document says nothing, and () where nothing is needed. *servers* are what the paths of
    the document's servers begin with ("/v1"). *required* operations must be there in every later version,
    and are said to be needed by the author. *ignores_case* is for services whose paths may be written in
    upper or lower case. *produces* are the media types of all its responses (OpenAPI 2).
    """

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    request: RequestBody | None = None
    responses: tuple[OperationResponse, ...] = ()
    examples: tuple[Example, ...] = ()
    security: Security | None = None
    errors: tuple[ErrorCondition, ...] = ()
    budget: Budget | None = None
    required: bool = False
    deprecated: bool = False
    base_path: str = ""
    servers: tuple[str, ...] = ()
    ignores_case: bool = False
    produces: tuple[str, ...] = ()
    pointer: str = ""
    document: str = ""

    kind = "http"

    @property
    def title(self) -> str:
        """How people name it: "GET /orders/{id}"."""
        return f"{self.method} {self.path}"

    def response(self, status: str) -> OperationResponse | None:
        """Return what is said about *status*; about a number also by its class ("2XX"), or by "default"."""
        said = {response.status.upper(): response for response in self.responses}
        found = said.get(status.upper())
        if found or not status.isdigit():
            return found
        return said.get(f"{status[0]}XX") or said.get("DEFAULT")


@dataclass(frozen=True)
class Message:
    """What is written to a channel. *headers* are one schema: that of an object.

    *error* is the name of the error condition that it reports. The pointers of the schemas may lead to
    traits.
    """

    name: str
    content_type: str | None = None
    payload: Schema = True
    headers: Schema = True
    examples: "tuple[MessageExample, ...]" = ()
    error: str | None = None
    pointer: str = ""
    payload_pointer: str = ""
    headers_pointer: str = ""


@dataclass(frozen=True)
class MessageExample:
    """One message that can be replayed. *message* is the name of what it is of; *strict* as in Example."""

    name: str
    payload: Body = field(default_factory=Body)
    headers: dict[str, Any] = field(default_factory=dict)
    states: tuple[ProviderState, ...] = ()
    reply: "MessageExample | None" = None
    message: str = ""
    pointer: str = ""
    strict: bool = True


@dataclass(frozen=True)
class MessageOperation:
    """Messages that a service sends or receives on a channel; with *replies*, each is answered.

    *channel* is the address, a template such as "orders.{region}.paid" whose parameters have schemas.
    *channel_name* is how the document names the channel. Any one of *messages* may be on the channel. For
    requests and replies, *direction* is that of the request.
    """

    id: str
    direction: Direction
    channel: str
    messages: tuple[Message, ...]
    replies: tuple[Message, ...] = ()
    reply_channel: str | None = None
    parameters: tuple[Parameter, ...] = ()
    security: Security | None = None
    errors: tuple[ErrorCondition, ...] = ()
    budget: Budget | None = None
    required: bool = False
    deprecated: bool = False
    channel_name: str = ""
    pointer: str = ""
    document: str = ""

    @property
    def kind(self) -> str:
        """Either "message" or "request-reply"."""
        return "request-reply" if self.replies else "message"

    @property
    def title(self) -> str:
        """How people name it: "sends orders.paid"."""
        verbs = {Direction.SENT: "sends", Direction.RECEIVED: "receives", Direction.BOTH: "has"}
        return f"{verbs[self.direction]} {self.channel}"

    @property
    def examples(self) -> tuple[MessageExample, ...]:
        """The examples of all its messages."""
        return tuple(example for message in self.messages for example in message.examples)


Operation = HttpOperation | MessageOperation


@dataclass(frozen=True)
class ServiceContract:
    """What a service promises. *service* and *version* are what the document says, and may be missing.

    *role* is "consumer" for a document of what a service sends and needs. *home* is the pointer of where the
    document keeps its schemas ("/components/schemas"). *warnings* are about what the document says in vain.
    """

    specification: Specification
    operations: tuple[Operation, ...]
    service: str | None = None
    version: str | None = None
    dependencies: tuple[Dependency, ...] = ()
    states: tuple[ContractState, ...] = ()
    role: str = "provider"
    home: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def http_operations(self) -> tuple[HttpOperation, ...]:
        """The operations that are asked over HTTP, in the order of the document."""
        return tuple(operation for operation in self.operations if isinstance(operation, HttpOperation))

    @property
    def message_operations(self) -> tuple[MessageOperation, ...]:
        """The operations that are messages, in the order of the document."""
        return tuple(operation for operation in self.operations if isinstance(operation, MessageOperation))
