"""A place as somebody writes it, found in a service contract."""

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from tally.errors import UsageError
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import is_found
from tally.pact.path_expressions import Token, Wildcard, format_path
from tally.service_contract.model import HttpOperation, MessageOperation, Operation, ServiceContract
from tally.usage.declared import Definitions, places_of_operation
from tally.usage.places import Part, Place, PlaceSyntaxError, operation_key, parse_place

MOST_NEAR = 3
MOST_SCHEMAS = 500
"""Branches that are looked into for one step; a schema with more of them may have any property."""


class UnknownPlaceError(UsageError):
    """The contract has no such place; the text says what it has instead."""


def find_place(contract: ServiceContract, text: str) -> Place:
    """Return the place that *text* names, with the title and the status that the contract writes.

    Raises UnknownPlaceError when *text* names no place, or one that the contract does not describe.
    """
    try:
        place = parse_place(text)
    except PlaceSyntaxError as error:
        raise UnknownPlaceError(str(error)) from error
    operation = _operation(contract, place)
    known = _resolved(operation, place)
    if known is None or not _is_described(operation, known):
        raise UnknownPlaceError(f'"{text}" is not in the service contract{_hint(operation, place)}')
    return known


def _operation(contract: ServiceContract, place: Place) -> Operation:
    key = operation_key(place.operation)
    for operation in contract.operations:
        titles = {operation_key(operation.title), operation.id}
        if isinstance(operation, HttpOperation):
            titles.add(operation_key(f"{operation.method} {operation.base_path}{operation.path}"))
        else:
            titles |= {operation.channel, operation.channel_name}
        if key in titles:
            return operation
    known = [operation.title for operation in contract.operations]
    near = get_close_matches(place.operation, known, n=MOST_NEAR, cutoff=0.4) or known[:MOST_NEAR]
    raise UnknownPlaceError(
        f'the service contract has no operation "{place.operation}"; it has {", ".join(near)}'
    )


def _resolved(operation: Operation, place: Place) -> Place | None:
    place = replace(place, operation=operation.title)
    if isinstance(operation, MessageOperation):
        if place.part is Part.RESPONSE and place.status is None:
            return replace(place, part=Part.REPLY, path=place.path or ())
        return place if place.status is None else None
    if place.part is Part.PAYLOAD:
        place = replace(place, part=Part.RESPONSE)
    if place.status is None:
        return place
    found = operation.response(place.status)
    return None if found is None else replace(place, status=found.status)


def _is_described(operation: Operation, place: Place) -> bool:
    if place.part is Part.OPERATION:
        return True
    if place.path:
        return any(_has(schema, place.path) for schema in schemas_of(operation, place))
    if place.part in {Part.REQUEST, Part.RESPONSE, Part.PAYLOAD, Part.REPLY}:
        return place.part is Part.RESPONSE or any(True for _ in schemas_of(operation, place))
    return any(place.touches(each) for each in places_of_operation(operation) if each.part is place.part)


def schemas_of(operation: Operation, place: Place) -> Iterator[Schema]:
    """Yield the schemas of the body that a place with a path is in."""
    if isinstance(operation, MessageOperation):
        messages = operation.replies if place.part is Part.REPLY else operation.messages
        yield from (message.payload for message in messages)
    elif place.part is Part.REQUEST:
        yield from (each.schema for each in (operation.request.content if operation.request else ()))
    else:
        for response in operation.responses:
            if place.status in {None, response.status}:
                yield from (each.schema for each in response.content)


def _has(schema: Schema, path: tuple[Token, ...]) -> bool:
    """Whether a schema says anything of the property at *path*."""
    definitions = Definitions(schema)
    schemas: list[Any] = [schema]
    for step in path:
        schemas = [inner for each in branches_of(schemas, definitions) for inner in inside(each, step)]
        if not schemas:
            return False
    return True


def branches_of(schemas: list[Any], definitions: Definitions) -> list[dict[str, Any]]:
    """Return the schemas that hold for the same value: those of references and combinations as well."""
    waiting, seen = list(schemas), set()
    found: list[dict[str, Any]] = []
    while waiting and len(found) < MOST_SCHEMAS:
        schema = waiting.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        found.append(schema)
        if isinstance(schema.get("$ref"), str):
            waiting.append(definitions.target(schema["$ref"]))
        for keyword in ("allOf", "anyOf", "oneOf"):
            waiting += schema.get(keyword) or ()
        waiting += [schema.get(keyword) for keyword in ("if", "then", "else")]
    return found


def inside(schema: dict[str, Any], step: Token) -> Iterator[Any]:
    """Yield what a schema says of what is one step further in a value."""
    properties = schema.get("properties") or {}
    if step is Wildcard.ANY:
        yield from properties.values()
    if isinstance(step, int) or step in {Wildcard.ANY, Wildcard.ANY_INDEX}:
        yield from schema.get("prefixItems") or ()
        if "items" in schema:
            yield schema["items"]
    if step is Wildcard.ANY or isinstance(step, str):
        if step in properties:
            yield properties[step]
        patterns = schema.get("patternProperties") or {}
        yield from (inner for pattern, inner in patterns.items() if _may_match(pattern, step))
        if isinstance(schema.get("additionalProperties"), dict):
            yield schema["additionalProperties"]


def _may_match(pattern: str, step: Token) -> bool:
    return not isinstance(step, str) or is_found(pattern, step, unreadable=True)


def _hint(operation: Operation, place: Place) -> str:
    known = [str(each) for each in places_of_operation(operation)]
    if place.path:
        ends = format_path(place.path).rpartition(".")[2]
        near = [each for each in known if each.endswith(ends)]
    else:
        near = []
    near = near or get_close_matches(
        str(replace(place, operation=operation.title)), known, n=MOST_NEAR, cutoff=0.8
    )
    return f"; did you mean {' or '.join(near[:MOST_NEAR])}?" if near else ""
