"""JSON for people: indented, with long texts cut."""

import json
from collections.abc import Iterator
from hashlib import sha1


def lines(document: object, *, longest: int, sort_keys: bool = False) -> Iterator[str]:
    """Yield the lines of the indented document, none of them before it is asked for.

    A text over *longest* characters is shown by its beginning, its length and a hash.
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
    """Return the text; a longer one is cut, with a hash to tell it from others that begin alike."""
    if len(text) <= longest:
        return text
    digest = sha1(text.encode(), usedforsecurity=False).hexdigest()
    return f"{text[:longest]}… and {len(text) - longest:,} more characters (SHA-1 {digest})"
