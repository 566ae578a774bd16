"""The content of a request, response or message, as a pact file has it."""

import base64
import re
from typing import Any

from consumer_sdk.documents.examples import Example, part
from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import Matcher, example_of
from tally import json_text
from tally.pact.bodies import is_json, is_text

_CHARSET = re.compile(r'charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)


def example_of_body(body: object, content_type: str | None) -> Example:
    """Return what a declared body says: JSON as a value, anything else as text or bytes.

    Text and bytes under a JSON type are JSON that is written already; its numbers keep their digits.
    Raises DeclarationError when they are none.
    """
    plain = example_of(body) if isinstance(body, Matcher) else body
    if isinstance(plain, bytes) or (isinstance(plain, str) and not is_json(content_type)):
        rules = part(body).rules if isinstance(body, Matcher) else {}
        return Example(_parsed(plain, content_type), rules)
    return Example(_parsed(body, content_type)) if isinstance(body, str) else part(body)


def _parsed(content: str | bytes, content_type: str | None) -> Any:
    if not is_json(content_type):
        return content
    try:
        return json_text.read(content if isinstance(content, str) else content.decode())
    except (ValueError, RecursionError) as error:
        raise DeclarationError(
            f"The body is declared as {content_type}, but it is no JSON ({error}): "
            "correct it, or declare another Content-Type."
        ) from error


def enveloped(value: Any, content_type: str) -> dict[str, Any]:
    """Return a body as V4 has it: an envelope that says the type, and how the content is encoded."""
    if not isinstance(value, bytes):
        return {"content": value, "contentType": content_type, "encoded": False}
    text = _text_of(value, content_type)
    if text is None:
        return {"content": _base64(value), "contentType": content_type, "encoded": "base64"}
    return {"content": text, "contentType": content_type, "encoded": False}


def plain(value: Any, content_type: str) -> Any:
    """Return a body as V2 and V3 have it: JSON itself, text, or content of other types in base64.

    Under those types a text that looks like base64 would be taken for it, so it is written in base64, too.
    Raises DeclarationError for bytes under a type of text that are none.
    """
    if not isinstance(value, str | bytes) or is_json(content_type):
        return value
    text = value if isinstance(value, str) else _decoded(value, _charset(content_type) or "utf-8")
    if is_text(content_type):
        if text is None:
            raise DeclarationError(
                f"The body is declared as {content_type}, but its bytes are no such text, "
                "which V2 and V3 cannot say: declare another Content-Type, or choose V4."
            )
        return text
    if text is None or _is_base64(text):
        return _base64(value.encode() if isinstance(value, str) else value)
    return text


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def _text_of(content: bytes, content_type: str) -> str | None:
    """Return bytes as text, where files have text for the type and the bytes are UTF-8."""
    charset = _charset(content_type)
    if not is_text(content_type) or (charset and charset.lower() not in {"utf-8", "utf8", "us-ascii"}):
        return None
    return _decoded(content, "utf-8")


def _charset(content_type: str) -> str | None:
    found = _CHARSET.search(content_type)
    return found[1] if found else None


def _decoded(content: bytes, charset: str) -> str | None:
    try:
        return content.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None
