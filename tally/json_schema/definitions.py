"""Schemas whose references all lead to their own `$defs`, so that a part of one needs nothing but those."""

from typing import Any

from tally.json_schema.pointers import DEFINITIONS, definition_reference
from tally.json_schema.schema import Schema, map_subschemas
from tally.json_schema.weight import inner_schemas, target

_MOVING = ("$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveAnchor", "$recursiveRef")


def with_own_definitions(schema: Schema) -> Schema | None:
    """Return *schema* with each reference leading to its `$defs`; None when a reference is of another kind.

    Those are anchors, URIs, references that depend on how one came there, and those that lead nowhere.
    """
    if not isinstance(schema, dict):
        return schema
    references: set[str] = set()
    for inner in _all(schema):
        if any(keyword in inner for keyword in _MOVING if inner is not schema or keyword != "$id"):
            return None
        if "$ref" in inner:
            references.add(str(inner["$ref"]))
    if any(not isinstance(target(schema, reference), dict | bool) for reference in references):
        return None
    if all(reference.startswith(DEFINITIONS) for reference in references):
        return schema
    return _moved(schema, {reference for reference in references if not reference.startswith(DEFINITIONS)})


def _moved(schema: dict[str, Any], references: set[str]) -> dict[str, Any]:
    def rewritten(inner: Any) -> Any:
        if not isinstance(inner, dict):
            return inner
        copy = map_subschemas({key: value for key, value in inner.items() if key != "$defs"}, rewritten)
        if inner.get("$ref") in references:
            copy["$ref"] = definition_reference(inner["$ref"])
        if "$defs" in inner:
            copy["$defs"] = {name: rewritten(each) for name, each in inner["$defs"].items()}
        return copy

    moved: dict[str, Any] = rewritten(schema)
    definitions = dict(moved.get("$defs", {}))
    for reference in sorted(references):
        found = target(schema, reference)
        definitions[reference] = rewritten(
            {key: value for key, value in found.items() if key != "$defs"}
            if isinstance(found, dict)
            else found
        )
    return {**moved, "$defs": definitions}


def _all(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    waiting: list[Any] = [schema]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            found.append(inner)
            waiting += inner_schemas(inner)
    return found
