"""Values as JSON, for the provider, the broker and reports."""

import json
from typing import Any

import orjson

from tally.matching import Mismatch

_LARGEST_INTEGER = 63
"""Bits that an integer has everywhere."""


def mismatch_body(mismatch: Mismatch) -> dict[str, Any]:
    """Return a mismatch as the Pact verifiers write it, with the two values beside it."""
    return {
        "attribute": mismatch.kind,
        "identifier": mismatch.path,
        "description": mismatch.message,
        "expected": jsonable(mismatch.expected),
        "actual": jsonable(mismatch.actual),
    }


def portable(value: object) -> Any:
    """Return *value* as every program can read it: without halves of characters, large integers as text."""
    if isinstance(value, dict):
        return {portable(name): portable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [portable(item) for item in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    is_large = isinstance(value, int) and value.bit_length() > _LARGEST_INTEGER
    return str(value) if is_large else value


def jsonable(value: object) -> Any:
    """Return *value* when JSON can hold it, otherwise its text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, dict):
        return {str(name): jsonable(item) for name, item in value.items()}
    return [jsonable(item) for item in value] if isinstance(value, list | tuple) else str(value)


def json_bytes(value: object, *, sort_keys: bool = False) -> bytes:
    """Return *value* as JSON: what contracts and providers say may be more than orjson takes.

    That is integers beyond 64 bits, and halves of characters, such as "\\ud83d" alone.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except TypeError:
        return json.dumps(value, sort_keys=sort_keys, separators=(",", ":")).encode()
