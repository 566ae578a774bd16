"""Schemas of one contract joined to one, each with what it refers to."""

from collections.abc import Callable
from typing import Any

from tally.json_schema.pointers import DEFINITIONS, in_fragment
from tally.json_schema.schema import Schema, map_subschemas

_INSIDE = frozenset(
    [
        "additionalProperties",
        "allOf",
        "anyOf",
        "items",
        "oneOf",
        "patternProperties",
        "prefixItems",
        "properties",
    ]
)
_IMPLYING = {
    "object": frozenset(["additionalProperties", "patternProperties", "properties", "required"]),
    "array": frozenset(["items", "maxItems", "minItems", "prefixItems", "uniqueItems"]),
    "string": frozenset(["format", "maxLength", "minLength", "pattern"]),
}
_TYPED = frozenset(["$ref", "allOf", "anyOf", "const", "enum", "if", "not", "oneOf", "type"])


class Definitions:
    """The `$defs` of several schemas, under names that none of the others uses."""

    def __init__(self) -> None:
        self.all: dict[str, Schema] = {}
        self._raw: dict[str, Schema] = {}
        self._homes: dict[int, tuple[object, str]] = {}

    def without_own(self, schema: Schema) -> Schema:
        """Return *schema* as a part of the joined one; its definitions are added to the others."""
        if not isinstance(schema, dict):
            return schema
        own = schema.get("$defs")
        alone = {key: value for key, value in schema.items() if key != "$defs"}
        if not own:
            return _as_sent(alone, "")
        # Most schemas of a contract share the same definitions.
        known = self._homes.get(id(own))
        if known is None:
            others = any(name in self._raw and self._raw[name] != value for name, value in own.items())
            prefix = f"{len(self._homes)}/" if others else ""
            known = self._homes[id(own)] = own, prefix
            new = {name: value for name, value in own.items() if prefix + name not in self._raw}
            self._raw |= {prefix + name: value for name, value in new.items()}
            self.all |= {prefix + name: _as_sent(value, prefix) for name, value in new.items()}
        return _as_sent(alone, known[1])


def _as_sent(schema: Schema, prefix: str) -> Schema:
    """Return what a client writes: without what only the service writes, and of the type that is meant."""
    if not isinstance(schema, dict):
        return schema
    inner = map_subschemas(schema, lambda each: _as_sent(each, prefix))
    reference = inner.get("$ref")
    if prefix and isinstance(reference, str) and reference.startswith(DEFINITIONS):
        inner["$ref"] = DEFINITIONS + in_fragment(prefix) + reference.removeprefix(DEFINITIONS)
    properties = schema.get("properties")
    if isinstance(properties, dict):
        gone = {
            name
            for name, each in properties.items()
            if isinstance(each, dict) and each.get("readOnly") is True
        }
        inner["properties"] = {
            name: False if name in gone else each for name, each in inner["properties"].items()
        }
        if gone and isinstance(schema.get("required"), list):
            inner["required"] = [name for name in schema["required"] if name not in gone]
    return inner


def typed(schema: Schema) -> Schema:
    """Return *schema* with the type that its keywords are about, where it says none.

    `{"properties": …}` allows numbers, but nobody who writes it means them.
    """
    if not isinstance(schema, dict):
        return schema
    inner: dict[str, Any] = {
        **schema,
        **_mapped({key: schema[key] for key in _INSIDE & schema.keys()}, typed),
    }
    if "$defs" in schema:
        inner["$defs"] = {name: typed(each) for name, each in schema["$defs"].items()}
    if not _TYPED & schema.keys():
        meant = [name for name, keywords in _IMPLYING.items() if keywords & schema.keys()]
        if len(meant) == 1:
            inner["type"] = meant[0]
    return inner


def _mapped(schema: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    return map_subschemas(schema, change)
