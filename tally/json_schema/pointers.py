"""JSON pointers (RFC 6901), and references to definitions, which are made of them."""

from collections.abc import Sequence
from urllib.parse import quote, unquote

DEFINITIONS = "#/$defs/"
"""What a reference to a definition of the same schema begins with."""


def pointer(parts: Sequence[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of these keys; "" is the whole document."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def pointer_parts(text: str) -> tuple[str, ...]:
    """Return the keys of a JSON pointer, or of the fragment of a URI ("#/a%20b")."""
    plain = unquote(text[1:]) if text.startswith("#") else text
    parts = plain.split("/")[1:]
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def in_fragment(key: str) -> str:
    """Return one key of a pointer as the fragment of a URI has it: "a b/c" is "a%20b~1c"."""
    return quote(pointer([key])[1:], safe="")


def definition_reference(name: str) -> str:
    """Return the reference to a definition."""
    return DEFINITIONS + in_fragment(name)


def definition_name(reference: str) -> str:
    """Return the name of the definition that *reference*, which begins with DEFINITIONS, leads to."""
    return unquote(reference.removeprefix(DEFINITIONS)).replace("~1", "/").replace("~0", "~")
