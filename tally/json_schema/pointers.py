"""JSON pointers (RFC 6901)."""

from collections.abc import Sequence
from urllib.parse import unquote


def pointer(parts: Sequence[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of these keys; "" is the whole document."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def pointer_parts(text: str) -> tuple[str, ...]:
    """Return the keys of a JSON pointer, or of the fragment of a URI ("#/a%20b")."""
    plain = unquote(text[1:]) if text.startswith("#") else text
    parts = plain.split("/")[1:]
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)
