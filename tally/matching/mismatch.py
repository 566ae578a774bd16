"""A difference between what a contract expects and what came."""

import json
from typing import Any

from tally.values import dataclass

_LONGEST_SHOWN = 160
_MOST_BYTES = 16


@dataclass(frozen=True)
class Mismatch:
    """One difference; *message* is a sentence that says what was expected, what came, and where.

    *kind* is "method", "path", "query", "header", "status", "body", "body-type", "metadata" or, from the
    verifier, "replies". *path* is the place in it: a path expression in a body ("$.items[0].price"), a name
    in a query or headers, or "".
    """

    kind: str
    path: str
    expected: Any
    actual: Any
    message: str


def shown(value: object) -> str:
    """Return a value as a reader of a message should see it: JSON, shortened in the middle."""
    if isinstance(value, bytes):
        return shown_bytes(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= _LONGEST_SHOWN:
        return text
    return f"{text[: _LONGEST_SHOWN - 40]} … {text[-30:]}"


def shown_bytes(content: bytes, around: int = 0) -> str:
    """Return how many bytes there are, and in hexadecimal those from just before the place *around* on."""
    first = max(around - _MOST_BYTES // 4, 0) if len(content) > _MOST_BYTES else 0
    part = content[first : first + _MOST_BYTES].hex(" ")
    begins, ends = "… " if first else "", " …" if first + _MOST_BYTES < len(content) else ""
    count = "1 byte" if len(content) == 1 else f"{len(content)} bytes"
    return f"{count} ({begins}{part}{ends})" if content else count


def first_difference(one: bytes, other: bytes) -> int:
    """Return the place of the first byte that differs; where the shorter one ends, if none does."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)
