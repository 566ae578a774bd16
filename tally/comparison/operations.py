"""The operations of one document with their schemas compiled: once, and only those that are asked for."""

from functools import cached_property

from tally.comparison.routing import Route, Router
from tally.comparison.schemas import CompiledSchema
from tally.json_schema.pointers import pointer
from tally.json_schema.schema import Schema
from tally.service_contract.model import (
    Header,
    HttpOperation,
    MediaType,
    Message,
    MessageOperation,
    OperationResponse,
    Parameter,
    ServiceContract,
)


class CompiledContract:
    """A service contract that pacts are compared with."""

    def __init__(self, contract: ServiceContract, *, with_servers: bool = False) -> None:
        self.contract = contract
        self.router = Router(contract.http_operations, with_servers=with_servers)
        self._operations = {
            id(operation): CompiledOperation(contract, operation) for operation in contract.http_operations
        }
        self._messages: dict[tuple[int, str], CompiledSchema] = {}

    def operation(self, route: Route) -> "CompiledOperation":
        """Return the operation of a route."""
        return self._operations[id(route.operation)]

    @cached_property
    def by_message_operation(self) -> dict[str, MessageOperation]:
        """The operations of messages by their ids."""
        return {operation.id: operation for operation in self.contract.message_operations}

    def payload(self, message: Message) -> CompiledSchema:
        """Return the schema of what a message holds."""
        return self._message(message, message.payload, message.payload_pointer)

    def headers(self, message: Message) -> CompiledSchema:
        """Return the schema of a message's headers."""
        return self._message(message, message.headers, message.headers_pointer)

    def _message(self, message: Message, schema: Schema, start: str) -> CompiledSchema:
        key = (id(message), start)
        if key not in self._messages:
            self._messages[key] = CompiledSchema(self.contract, schema, start)
        return self._messages[key]


class CompiledOperation:
    """One operation over HTTP."""

    def __init__(self, contract: ServiceContract, operation: HttpOperation) -> None:
        self.contract = contract
        self.operation = operation
        self._schemas: dict[int, CompiledSchema] = {}

    @cached_property
    def parameters(self) -> dict[str, tuple[Parameter, ...]]:
        """The parameters by their location."""
        return {
            location: tuple(each for each in self.operation.parameters if each.location == location)
            for location in ("path", "query", "header", "cookie")
        }

    @cached_property
    def contents(self) -> tuple[MediaType, ...]:
        """What all responses may hold, each media type once."""
        found = [content for response in self.operation.responses for content in response.content]
        found += [MediaType(content_type) for content_type in self.operation.produces]
        return tuple({content.content_type: content for content in found}.values())

    @cached_property
    def by_status(self) -> dict[str, OperationResponse]:
        """The responses by their status, in upper case."""
        return {response.status.upper(): response for response in self.operation.responses}

    def response(self, status: int) -> OperationResponse | None:
        """Return what is said about a status, about its class, or about all others."""
        said = self.by_status
        return said.get(str(status)) or said.get(f"{status // 100}XX") or said.get("DEFAULT")

    def parameter(self, parameter: Parameter) -> CompiledSchema:
        """Return the schema of a parameter."""
        return self._compiled(parameter, parameter.schema, parameter.schema_pointer)

    def body(self, content: MediaType) -> CompiledSchema:
        """Return the schema of a body."""
        return self._compiled(content, content.schema, content.schema_pointer)

    def header(self, header: Header) -> CompiledSchema:
        """Return the schema of a header of a response."""
        return self._compiled(header, header.schema, header.schema_pointer)

    @property
    def request_pointer(self) -> str:
        """Where the document describes the body of the request."""
        request = self.operation.request
        return request.pointer if request else self.operation.pointer

    def response_pointer(self, response: OperationResponse) -> str:
        """Return where a response is in the document."""
        return response.pointer or self.operation.pointer + pointer(["responses", response.status])

    def _compiled(self, of: object, schema: Schema, start: str) -> CompiledSchema:
        if id(of) not in self._schemas:
            self._schemas[id(of)] = CompiledSchema(self.contract, schema, start)
        return self._schemas[id(of)]
