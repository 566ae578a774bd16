"""JSON as people read it, indented; of what is very long only the beginning."""

import json
from collections.abc import Iterator
from hashlib import sha1


def lines(document: object, *, longest: int, sort_keys: bool = False) -> Iterator[str]:
    """Yield the lines of the indented document one by one: whoever stops early pays for no more.

    Of a text over *longest* characters there is the beginning, what is missing, and a hash of the whole.
    """
    encoder = json.JSONEncoder(indent=2, sort_keys=sort_keys, ensure_ascii=False)
    line = ""
    for piece in encoder.iterencode(document):
        *complete, rest = shortened(piece, longest).split("\n")
        for end in complete:
            yield line + end
            line = ""
        line += rest
    yield line


def shortened(text: str, longest: int) -> str:
    """Return the text, or its beginning with what is missing, and a hash to tell it from others."""
    if len(text) <= longest:
        return text
    digest = sha1(text.encode(), usedforsecurity=False).hexdigest()
    return f"{text[:longest]}… and {len(text) - longest:,} more characters (SHA-1 {digest})"
