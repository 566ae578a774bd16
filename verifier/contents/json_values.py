"""JSON for the provider, the broker and reports."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

import orjson

from tally.matching import Mismatch
from tally.matching.mismatch import shown_bytes

_LARGEST_INTEGER = 63
"""Bits of the largest integer that every JSON library reads."""
_MOST_BITS = 14_000
"""Bits of an integer of somewhat less than 4,300 digits: Python writes no longer ones."""


def mismatch_body(mismatch: Mismatch) -> dict[str, Any]:
    """Return a mismatch in the form that Pact verifiers use, with the expected and the actual value added."""
    return {
        "attribute": mismatch.kind,
        "identifier": mismatch.path,
        "description": mismatch.message,
        "expected": jsonable(mismatch.expected),
        "actual": jsonable(mismatch.actual),
    }


def portable(value: object) -> Any:
    """Return *value* so that any program can read it: without lone surrogates, and large integers as text."""
    if isinstance(value, dict):
        return {portable(name): portable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [portable(item) for item in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    # Databases and other languages hold integers in 64 bits, with a sign.
    is_large = isinstance(value, int) and value.bit_length() > _LARGEST_INTEGER
    return str(value) if is_large else value


def jsonable(value: object) -> Any:
    """Return *value* with everything that JSON cannot hold replaced by its text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, bytes):
        return _text_or_hexadecimal(value)
    if isinstance(value, dict):
        return {str(name): jsonable(item) for name, item in value.items()}
    return [jsonable(item) for item in value] if isinstance(value, list | tuple) else str(value)


def _text_or_hexadecimal(content: bytes) -> str:
    """Return the text, or bytes that are not text in hexadecimal; their replacements all look alike."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return shown_bytes(content)
    return shown_bytes(content) if "\0" in text else text


def number_without_json(value: object) -> str | None:
    """Describe the first number in *value* that JSON cannot write, or Python cannot read again."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, float):
        return None if isfinite(value) else f"the number {value}"
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return next((found for item in items if (found := number_without_json(item))), None)


def json_bytes(value: object, *, sort_keys: bool = False) -> bytes:
    """Return *value* as JSON, also when orjson refuses it.

    Contracts and providers may use integers beyond 64 bits, and lone surrogates, such as "\\ud83d".
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except TypeError:
        return json.dumps(value, sort_keys=sort_keys, separators=(",", ":")).encode()
