"""JSON for people: indented, with long texts cut."""

from collections.abc import Iterator
from hashlib import sha1

from tally.json_text import pieces


def lines(document: object, *, longest: int, sort_keys: bool = False) -> Iterator[str]:
    """Yield the lines of the indented document, none of them before it is asked for; numbers as written.

    A text over *longest* characters is shown by its beginning, its length and a hash.
    """
    line = ""
    for piece in pieces(document, sort_keys=sort_keys):
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
