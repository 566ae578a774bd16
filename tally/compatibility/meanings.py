"""What OpenAPI says of values beside JSON Schema, said in JSON Schema: discriminators, formats of numbers."""

from typing import Any

from tally.comparison.polymorphism import with_discriminators
from tally.json_schema.schema import Schema, map_subschemas

_RANGES: dict[str, tuple[float, float]] = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_HINTS = frozenset(["password"])
"""Formats that say how a text is shown, and nothing of which texts there are."""


def with_meanings(schema: Schema) -> Any:
    """Return the schema with limits for its formats of numbers, and with what its discriminators choose."""
    found = _with_limits(with_discriminators(schema))
    if isinstance(found, dict) and "$defs" in found:
        found["$defs"] = {name: _with_limits(each) for name, each in found["$defs"].items()}
    return found


def _with_limits(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = map_subschemas(schema, _with_limits)
    name = schema.get("format")
    if not isinstance(name, str):
        return found
    if name in _RANGES:
        least, most = _RANGES[name]
        return {**found, "allOf": [*found.get("allOf", ()), {"minimum": least, "maximum": most}]}
    if name in _HINTS:
        found.pop("format", None)
    return found
