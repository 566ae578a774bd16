"""What a schema is, and which schemas are directly inside one."""

from collections.abc import Callable
from typing import Any

from tally.json_schema.pointers import pointer

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
# Before 2020-12 there were a schema beside an array of `items`, and `dependencies` of two kinds.
_ONE_OF_OLD = _ONE_SCHEMA | {"additionalItems"}
_BY_NAME_OF_OLD = _SCHEMAS_BY_NAME | {"dependencies"}


def map_subschemas(schema: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return *schema* with each schema directly inside it, but not in `$defs`, replaced by *change* of it."""
    return map_placed_subschemas(schema, lambda inner, _: change(inner))


def map_placed_subschemas(
    schema: dict[str, Any], change: Callable[[Any, str], Any], *, old: bool = False
) -> dict[str, Any]:
    """Do the same with a *change* that is given the JSON pointer of the inner schema in *schema* as well.

    *old* says that the schema is of a draft before 2020-12.
    """
    one, by_name = (_ONE_OF_OLD, _BY_NAME_OF_OLD) if old else (_ONE_SCHEMA, _SCHEMAS_BY_NAME)
    mapped: dict[str, Any] = {}
    for keyword, value in schema.items():
        if (keyword in _LIST_OF_SCHEMAS or (old and keyword == "items")) and isinstance(value, list):
            mapped[keyword] = [change(item, f"/{keyword}/{index}") for index, item in enumerate(value)]
        elif keyword in one:
            mapped[keyword] = change(value, f"/{keyword}")
        elif keyword in by_name and isinstance(value, dict):
            mapped[keyword] = {
                name: item if isinstance(item, list) else change(item, pointer([keyword, name]))
                for name, item in value.items()
            }
        else:
            mapped[keyword] = value
    return mapped
