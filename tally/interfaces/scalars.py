"""Schemas of types without parts, and the keywords of their limits."""

import datetime as dt
import ipaddress
import pathlib
import re
import uuid
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tally.type_hints.json_form import json_form
from tally.type_hints.limits import Limits

SCALARS: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    Fraction: {"type": "number"},
    str: {"type": "string"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    bytearray: {"type": "string", "contentEncoding": "base64"},
    dt.datetime: {"type": "string", "format": "date-time"},
    dt.date: {"type": "string", "format": "date"},
    dt.time: {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$"},
    dt.timedelta: {"type": "number", "description": "seconds"},
    uuid.UUID: {"type": "string", "format": "uuid"},
    ipaddress.IPv4Address: {"type": "string", "format": "ipv4"},
    ipaddress.IPv6Address: {"type": "string", "format": "ipv6"},
    ipaddress.IPv4Network: {"type": "string"},
    ipaddress.IPv6Network: {"type": "string"},
    pathlib.PurePath: {"type": "string"},
    re.Pattern: {"type": "string", "format": "regex"},
    type(None): {"type": "null"},
}
"""A datetime comes before its base, date; bool before int."""

_BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}
_LENGTHS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


def scalar_schema(annotation: type) -> dict[str, Any] | None:
    """Return the schema of a type without parts or of a class made of one, or None for another class."""
    for base in annotation.__mro__:
        if base in SCALARS:
            return dict(SCALARS[base])
    return None


def limited(schema: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Return *schema* with the limits that JSON Schema can say for its type."""
    kind = schema.get("type")
    said = dict(schema)
    if kind in {"integer", "number"}:
        for name, keyword in _BOUNDS.items():
            bound = getattr(limits, name)
            if isinstance(bound, int | float | Decimal | Fraction):
                said[keyword] = json_form(bound)
    if isinstance(kind, str) and kind in _LENGTHS:
        lengths = zip(_LENGTHS[kind], (limits.min_length, limits.max_length), strict=True)
        said |= {keyword: bound for keyword, bound in lengths if bound is not None}
    if kind == "string" and limits.pattern is not None and "pattern" not in said:
        said["pattern"] = limits.pattern
    if limits.options:
        said = {"enum": [json_form(option) for option in limits.options]}
    return said
