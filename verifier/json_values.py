"""Values as JSON, for the provider, the broker and reports."""

import json
from typing import Any

import orjson

from tally.matching import Mismatch


def mismatch_body(mismatch: Mismatch) -> dict[str, Any]:
    """Return a mismatch as the Pact verifiers write it, with the two values beside it."""
    return {
        "attribute": mismatch.kind,
        "identifier": mismatch.path,
        "description": mismatch.message,
        "expected": jsonable(mismatch.expected),
        "actual": jsonable(mismatch.actual),
    }


def jsonable(value: Any) -> Any:  # noqa: ANN401 - whatever was compared
    """Return *value* when JSON can hold it, otherwise its text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, dict):
        return {str(name): jsonable(item) for name, item in value.items()}
    return [jsonable(item) for item in value] if isinstance(value, list | tuple) else str(value)


def json_bytes(value: Any, *, sort_keys: bool = False) -> bytes:  # noqa: ANN401 - any JSON
    """Return *value* as JSON: what contracts and providers say may be more than orjson takes.

    That is integers beyond 64 bits, and halves of characters, such as "\\ud83d" alone.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except TypeError:
        return json.dumps(value, sort_keys=sort_keys, separators=(",", ":")).encode()
