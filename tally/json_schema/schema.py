"""What a schema is, and which schemas are directly inside one."""

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any] | bool
"""A JSON Schema 2020-12 that refers to nothing outside itself: what it needs is in its `$defs`."""

_ONE_SCHEMA = frozenset(
    [
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]
)
_LIST_OF_SCHEMAS = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
_SCHEMAS_BY_NAME = frozenset(["dependentSchemas", "patternProperties", "properties"])


def map_subschemas(schema: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return *schema* with each schema directly inside it replaced by what *change* makes of it."""
    mapped: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _ONE_SCHEMA:
            mapped[keyword] = change(value)
        elif keyword in _LIST_OF_SCHEMAS and isinstance(value, list):
            mapped[keyword] = [change(item) for item in value]
        elif keyword in _SCHEMAS_BY_NAME and isinstance(value, dict):
            mapped[keyword] = {name: change(item) for name, item in value.items()}
        else:
            mapped[keyword] = value
    return mapped
