"""A difference between what a contract expects and what came."""

import json
from dataclasses import dataclass
from typing import Any

_LONGEST_SHOWN = 160


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
        return f"{len(value)} bytes"
    text = json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= _LONGEST_SHOWN:
        return text
    return f"{text[: _LONGEST_SHOWN - 40]} … {text[-30:]}"
