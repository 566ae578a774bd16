"""Schemas for a world in which nobody writes properties that no schema declares, and readers ignore those."""

from typing import Any

from tally.json_schema.applying import mentioned
from tally.json_schema.pointers import DEFINITIONS
from tally.json_schema.schema import Schema

_PLACES = ("properties", "patternProperties")
_BRANCHES = ("allOf", "anyOf", "oneOf")
_HERE = ("then", "else")
_APPLIED_HERE = ("$ref", *_BRANCHES, "if", *_HERE, "dependentSchemas")
_CLOSED = "closed:"
_ANYTHING_ELSE = ("additionalProperties", "unevaluatedProperties")


def closed(schema: Schema) -> Schema:
    """Return what is written: objects with the declared properties only, where nothing is said of others.

    A schema that says that other properties are allowed keeps that; so does one that declares none. What the
    schema says as it is holds as well: with fewer properties, more branches of `oneOf` might not fit.
    """
    found = _Closing(schema).whole()
    return schema if found is None else {"allOf": [_without_definitions(schema), found[0]], "$defs": found[1]}


def is_closable(schema: dict[str, Any]) -> bool:
    """Whether a schema declares properties, and says nothing of others."""
    return "properties" in schema and not any(keyword in schema for keyword in _ANYTHING_ELSE)


def _without_definitions(schema: Any) -> Any:
    return {keyword: value for keyword, value in schema.items() if keyword != "$defs"}


class _Closing:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._is_changed = False

    def whole(self) -> tuple[Schema, dict[str, Schema]] | None:
        """Return the closed schema, and the definitions of both; None when there is nothing to close."""
        if not isinstance(self._root, dict):
            return None
        found: Schema = self._closed(_without_definitions(self._root))
        definitions = dict(self._root.get("$defs", {}))
        for name, each in self._root.get("$defs", {}).items():
            definitions[f"{_CLOSED}{name}"] = self._with_closed_parts(each)
        return (found, definitions) if self._is_changed else None

    def _closed(self, schema: Any) -> Any:
        """Return a schema of a value, a property or an item."""
        if not isinstance(schema, dict):
            return schema
        inner = self._with_closed_parts(schema)
        if any(keyword in schema for keyword in _ANYTHING_ELSE) or not self._declares(schema):
            return inner
        # Nothing that is declared in a branch must be lost.
        plain = not any(keyword in schema for keyword in _APPLIED_HERE)
        self._is_changed = True
        return {**inner, "additionalProperties" if plain else "unevaluatedProperties": False}

    def _declares(self, schema: dict[str, Any]) -> bool:
        return any("properties" in inner for _, inner in mentioned([(self._root, schema)]))

    def _with_closed_parts(self, schema: Any) -> Any:
        """Return a schema that may be one of several about the same value: only what is in that is closed."""
        if not isinstance(schema, dict):
            return schema
        found = dict(schema)
        if isinstance(schema.get("$ref"), str):
            found["$ref"] = f"{DEFINITIONS}{_CLOSED}{schema['$ref'].removeprefix(DEFINITIONS)}"
        for keyword in _PLACES:
            if keyword in schema:
                found[keyword] = {name: self._closed(each) for name, each in schema[keyword].items()}
        for keyword in ("items", "additionalProperties", "unevaluatedItems", "unevaluatedProperties"):
            if keyword in schema:
                found[keyword] = self._closed(schema[keyword])
        if "prefixItems" in schema:
            found["prefixItems"] = [self._closed(each) for each in schema["prefixItems"]]
        return _with_branches(found, self._with_closed_parts)


def opened(schema: Schema) -> Schema:
    """Return what is read: objects whose other properties are ignored where they were refused.

    As that may make several branches of `oneOf` fit, one of them suffices.
    """
    found: Schema = _opened(schema)
    if isinstance(found, dict) and "$defs" in found:
        found["$defs"] = {name: _opened(each) for name, each in found["$defs"].items()}
    return found


def _opened(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    found = {
        keyword: value
        for keyword, value in schema.items()
        if keyword not in _ANYTHING_ELSE or value is not False
    }
    for keyword in _PLACES:
        if keyword in found:
            found[keyword] = {name: _opened(each) for name, each in found[keyword].items()}
    for keyword in ("items", "additionalProperties", "unevaluatedItems", "unevaluatedProperties", "contains"):
        if keyword in found:
            found[keyword] = _opened(found[keyword])
    if "prefixItems" in found:
        found["prefixItems"] = [_opened(each) for each in found["prefixItems"]]
    found = _with_branches(found, _opened)
    if "oneOf" in found:
        one = {"anyOf": found.pop("oneOf")}
        if "anyOf" in found:
            found["allOf"] = [*found.get("allOf", []), one]
        else:
            found |= one
    return found


def _with_branches(schema: dict[str, Any], change: Any) -> dict[str, Any]:
    """Change the schemas that apply to the same value; conditions, and what is excluded, stay as they are."""
    for keyword in _BRANCHES:
        if keyword in schema:
            schema[keyword] = [change(each) for each in schema[keyword]]
    for keyword in _HERE:
        if keyword in schema:
            schema[keyword] = change(schema[keyword])
    if "dependentSchemas" in schema:
        schema["dependentSchemas"] = {name: change(each) for name, each in schema["dependentSchemas"].items()}
    return schema
