"""JSON values as keys of what is remembered about them."""

import json
from typing import Any

import orjson


def key_of(value: Any, *, sort: bool = False) -> bytes:
    """Return a text that only equal values share; with *sort*, whatever the order of their keys.

    Integers of any size and any text may be in it, and the values of `tally.pact`.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort else 0)
    except TypeError:
        return json.dumps(value, sort_keys=sort, default=vars).encode()


def value_of_key(key: bytes) -> Any:
    """Return the value that a key stands for."""
    return json.loads(key)
