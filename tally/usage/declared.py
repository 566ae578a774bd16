"""The places that a service contract describes: what can be used, or removed."""

from collections.abc import Iterator, Mapping
from typing import Any

from tally.json_schema.pointers import DEFINITIONS, definition_name
from tally.json_schema.schema import Schema
from tally.pact.path_expressions import Token, Wildcard
from tally.service_contract.model import HttpOperation, Operation, ServiceContract
from tally.usage.places import Part, Place

MOST_PROPERTIES = 2_000
"""Properties of one schema that are listed; those of larger ones are not told apart any further."""
DEEPEST = 12
_BRANCHES = ("allOf", "anyOf", "oneOf")
_CONDITIONS = ("if", "then", "else")


def declared_places(contract: ServiceContract) -> Iterator[Place]:
    """Yield each operation of *contract*, followed by its parts."""
    for operation in contract.operations:
        yield from places_of_operation(operation)


def places_of_operation(operation: Operation) -> Iterator[Place]:
    """Yield the operation, its parameters, what is sent, and each status with its headers and properties."""
    title = operation.title
    yield Place(title)
    if isinstance(operation, HttpOperation):
        yield from _of_http(operation)
        return
    for part, messages in ((Part.PAYLOAD, operation.messages), (Part.REPLY, operation.replies)):
        names = {name: None for message in messages for name in _names(message.headers)}
        if part is Part.PAYLOAD:
            yield from (Place(title, Part.HEADER, name=name) for name in names)
        yield from _properties(Place(title, part, path=()), [message.payload for message in messages])


def _of_http(operation: HttpOperation) -> Iterator[Place]:
    title = operation.title
    for parameter in operation.parameters:
        if parameter.location in {"path", "query", "header", "cookie"}:
            yield Place(title, Part(parameter.location), name=parameter.name)
    if operation.request is not None:
        schemas = [each.schema for each in operation.request.content]
        yield from _properties(Place(title, Part.REQUEST, path=()), schemas)
    for response in operation.responses:
        yield Place(title, Part.RESPONSE, response.status)
        for header in response.headers:
            yield Place(title, Part.HEADER, response.status, header.name)
        schemas = [each.schema for each in response.content]
        yield from _properties(Place(title, Part.RESPONSE, response.status, path=()), schemas)


def _names(schema: Schema) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})


def _properties(root: Place, schemas: list[Schema]) -> Iterator[Place]:
    paths: dict[tuple[Token, ...], None] = {}
    for schema in schemas:
        _walk(schema, (), paths, Definitions(schema))
    for path in paths:
        yield Place(root.operation, root.part, root.status, path=path)


class Definitions:
    """What the references of a schema lead to, and which were followed on the way."""

    def __init__(self, root: Schema, followed: tuple[str, ...] = ()) -> None:
        self._root = root
        self._followed = followed

    def target(self, reference: str) -> Any:
        """Return what a reference leads to; None for one that was followed already, or leads elsewhere."""
        if reference in self._followed or not isinstance(self._root, dict):
            return None
        if reference == "#":
            return self._root
        known = self._root.get("$defs") or {}
        return known.get(definition_name(reference)) if reference.startswith(DEFINITIONS) else None

    def after(self, reference: str) -> "Definitions":
        """Return the same after following a reference."""
        return Definitions(self._root, (*self._followed, reference))


def _walk(
    schema: Any, path: tuple[Token, ...], found: dict[tuple[Token, ...], None], walk: Definitions
) -> None:
    if not isinstance(schema, dict) or len(path) > DEEPEST or len(found) >= MOST_PROPERTIES:
        return
    for step, inner in _steps(schema):
        below = (*path, step)
        found.setdefault(below)
        _walk(inner, below, found, walk)
    for keyword in _BRANCHES:
        for branch in schema.get(keyword) or ():
            _walk(branch, path, found, walk)
    for keyword in _CONDITIONS:
        _walk(schema.get(keyword), path, found, walk)
    reference = schema.get("$ref")
    if isinstance(reference, str):
        _walk(walk.target(reference), path, found, walk.after(reference))


def _steps(schema: Mapping[str, Any]) -> Iterator[tuple[Token, Any]]:
    properties = schema.get("properties")
    if isinstance(properties, dict):
        yield from properties.items()
    for inner in (schema.get("patternProperties") or {}).values():
        yield Wildcard.ANY, inner
    if isinstance(schema.get("additionalProperties"), dict):
        yield Wildcard.ANY, schema["additionalProperties"]
    for inner in (schema.get("items"), *(schema.get("prefixItems") or ())):
        if isinstance(inner, dict):
            yield Wildcard.ANY_INDEX, inner
