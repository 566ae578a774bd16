"""Readers of what is sent as text: in a path, a query, a header or a form, 7 and "7" are the same."""

import json
from typing import Any

from tally.json_schema.schema import Schema

_OF_TEXTS = ("const", "enum", "format", "minLength", "maxLength", "pattern")
_SINGLE = ("integer", "number", "boolean")
_ALTERNATIVES = ("allOf", "anyOf")


def read_as_text(schema: Schema) -> Schema:
    """Return the schema of a reader of texts: where it takes any text, it takes numbers and booleans.

    What is in objects that are in objects is JSON, and stays as it is.
    """
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = _as_text(schema, 1)
    if "$defs" in found:
        found["$defs"] = {name: _as_text(each, 1) for name, each in schema["$defs"].items()}
    return found


def _as_text(schema: Any, objects: int) -> Any:
    if not isinstance(schema, dict) or "not" in schema or "if" in schema:
        return schema
    found = dict(schema)
    for keyword in _ALTERNATIVES:
        if keyword in found:
            found[keyword] = [_as_text(each, objects) for each in found[keyword]]
    if "items" in found:
        found["items"] = _as_text(found["items"], objects)
    if "properties" in found and objects:
        found["properties"] = {
            name: _as_text(each, objects - 1) for name, each in found["properties"].items()
        }
    return _with_single_values(found)


def _with_single_values(schema: dict[str, Any]) -> dict[str, Any]:
    said = schema.get("type", ())
    types = [said] if isinstance(said, str) else list(said)
    listed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if "string" in types and not any(keyword in schema for keyword in _OF_TEXTS):
        return {**schema, "type": [*types, *(name for name in _SINGLE if name not in types)]}
    if listed is None or (types and "string" not in types):
        return schema
    more = [value for text in listed if isinstance(text, str) for value in _values_of(text)]
    if not more:
        return schema
    found = {keyword: value for keyword, value in schema.items() if keyword not in {"const", "type"}}
    return {**found, "enum": [*listed, *more]}


def _values_of(text: str) -> list[Any]:
    """Return the number or boolean that is sent as this text, if there is one."""
    try:
        value = json.loads(text)
    except ValueError:
        return []
    return [value] if isinstance(value, int | float) and json.dumps(value) == text else []
