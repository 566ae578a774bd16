"""What a schema says about a value and what is directly inside it, with its references followed."""

from collections.abc import Iterator
from typing import Any

from tally.json_schema.pointers import pointer_parts
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import is_found

ALL_TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
"""The types of JSON; "number" here is one that is no integer."""

Definitions = dict[str, Any]


def definitions_of(schema: Schema) -> Definitions:
    """Return what the references of *schema* point at."""
    found = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    return found if isinstance(found, dict) else {}


def target_of(reference: str, definitions: Definitions) -> Schema:
    """Return what "#/$defs/Name" refers to; everything fits what is not known."""
    parts = pointer_parts(reference)
    found: Any = {"$defs": definitions}
    for part in parts:
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, dict | bool) else True


def conjuncts(schema: Schema, definitions: Definitions) -> list[dict[str, Any]]:
    """Return the schemas that all hold: its own keywords, those of allOf and of what it refers to.

    A schema that accepts nothing is {"not": {}}. A circle of references ends.
    """
    found: list[dict[str, Any]] = []
    followed: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if part is False:
            found.append({"not": {}})
        if not isinstance(part, dict):
            continue
        found.append(part)
        waiting += reversed(part.get("allOf", ()))
        reference = part.get("$ref")
        if isinstance(reference, str) and reference not in followed:
            followed.add(reference)
            waiting.append(target_of(reference, definitions))
    return found


def types_of(schema: Schema, definitions: Definitions) -> frozenset[str]:
    """Return the types that values may have, as far as the keywords for types and alternatives say."""
    return _types(schema, definitions, {})


def _types(schema: Schema, definitions: Definitions, known: dict[int, frozenset[str]]) -> frozenset[str]:
    if id(schema) in known:
        return known[id(schema)]
    known[id(schema)] = ALL_TYPES  # where a circle comes back to
    types = ALL_TYPES
    for part in conjuncts(schema, definitions):
        types &= own_types(part)
        for keyword in ("anyOf", "oneOf"):
            if keyword in part:
                types &= frozenset().union(*(_types(each, definitions, known) for each in part[keyword]))
    if isinstance(schema, dict):
        known[id(schema)] = types
    return types


def own_types(schema: dict[str, Any]) -> frozenset[str]:
    """Return the types that a schema's own type, const and enum leave."""
    types = ALL_TYPES
    if "type" in schema:
        named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        types = frozenset(named) | ({"integer"} if "number" in named else frozenset())
    if "const" in schema:
        types &= {type_of(schema["const"])}
    if "enum" in schema:
        types &= frozenset(map(type_of, schema["enum"]))
    return types if schema.get("not") != {} else frozenset()


def type_of(value: object) -> str:
    """Return the type of a JSON value; "number" for one that is no integer."""
    if isinstance(value, bool):
        return "boolean"
    if value is None:
        return "null"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return {int: "integer", str: "string", list: "array"}.get(type(value), "object")


def property_schema(schema: Schema, name: str, definitions: Definitions) -> Schema:
    """Return what is said about a property, alternatives left aside."""
    said = [found for part in conjuncts(schema, definitions) for found in _of_property(part, name)]
    return _all(said)


def _of_property(part: dict[str, Any], name: str) -> Iterator[Schema]:
    is_known = name in part.get("properties", {})
    if is_known:
        yield part["properties"][name]
    for pattern, schema in part.get("patternProperties", {}).items():
        if is_found(pattern, name):
            is_known = True
            yield schema
    if not is_known and "additionalProperties" in part:
        yield part["additionalProperties"]


def item_schema(schema: Schema, index: int, definitions: Definitions) -> Schema:
    """Return what is said about the item at *index*, alternatives left aside."""
    said = []
    for part in conjuncts(schema, definitions):
        prefix = part.get("prefixItems", ())
        if index < len(prefix):
            said.append(prefix[index])
        elif "items" in part:
            said.append(part["items"])
    return _all(said)


def _all(said: list[Schema]) -> Schema:
    said = [schema for schema in said if schema is not True and schema != {}]
    if not said:
        return True
    return said[0] if len(said) == 1 else {"allOf": said}
