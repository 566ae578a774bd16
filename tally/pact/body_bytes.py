"""A body of a contract as bytes, for the wire."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from tally.pact.bodies import FORM, is_json, media_type
from tally.pact.model import Body, Presence


def body_bytes(body: Body, json_bytes: Callable[[Any], bytes]) -> bytes:
    """Return the bytes to send for *body*; empty when there is no body.

    A null body is sent as the JSON literal when its type is JSON, otherwise not at all. *json_bytes* writes a
    value as JSON: a request that is replayed and an answer that is recorded keep different digits.
    """
    if body.presence is Presence.NULL:
        return b"null" if is_json(body.content_type) else b""
    if body.presence is not Presence.PRESENT:
        return b""
    if isinstance(body.value, bytes):
        return body.value
    if isinstance(body.value, str) and not is_json(body.content_type):
        return _encoded(body.value, body.content_type)
    if isinstance(body.value, dict) and media_type(body.content_type) == FORM:
        return urlencode(_fields(body.value, json_bytes), errors="surrogatepass").encode()
    return json_bytes(body.value)


def _fields(form: dict[str, Any], json_bytes: Callable[[Any], bytes]) -> list[tuple[str, str]]:
    """Return the fields of a form; a list is a field for each item, and what is no text is JSON."""
    items = ((name, value if isinstance(value, list) else [value]) for name, value in form.items())
    return [(name, _field(item, json_bytes)) for name, values in items for item in values]


def _field(value: Any, json_bytes: Callable[[Any], bytes]) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json_bytes(value).decode()


def _encoded(text: str, content_type: str | None) -> bytes:
    charset = re.search(r'charset\s*=\s*"?([^\s;"]+)', content_type or "", re.IGNORECASE)
    try:
        return text.encode(charset[1] if charset else "utf-8")
    except (UnicodeEncodeError, LookupError):
        return text.encode(errors="surrogatepass")  # JSON may hold half a character
