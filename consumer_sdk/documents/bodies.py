"""The content of a request, response or message, as a pact file has it."""

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from consumer_sdk.documents.declared import Content
from consumer_sdk.documents.examples import Example, part
from consumer_sdk.documents.places import Path
from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import Matcher
from tally import json_text
from tally.json_text import number_text
from tally.pact.bodies import is_json, is_text, media_type
from tally.pact.path_expressions import PathSyntaxError, parse_path

FORM = "application/x-www-form-urlencoded"
_CHARSET = re.compile(r'charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)


def example_of_body(body: object, content_type: str) -> Example:
    """Return what a declared body says: JSON as a value, a form as text, anything else as text or bytes.

    Text and bytes under a JSON type are JSON that is written already; its numbers keep their digits.
    Raises DeclarationError for what is not of the type.
    """
    if isinstance(body, Content):
        return _with_rules(body)
    if isinstance(body, Mapping) and media_type(content_type) == FORM:
        return _form(body)
    said = body.example if isinstance(body, Matcher) else body
    if isinstance(said, bytes) or (isinstance(said, str) and not is_json(content_type)):
        beside = _beside(body) if isinstance(body, Matcher) else Example()
        return Example(_parsed(said, content_type), beside.rules, beside.generators)
    if isinstance(body, str):
        return Example(_parsed(body, content_type))
    if not is_json(content_type):
        raise DeclarationError(
            f"The body is a value of JSON, but it is declared as {content_type}: "
            "give a str or bytes, make it with consumer_sdk.bodies, or declare a type of JSON."
        )
    return part(body)


def _beside(matcher: Matcher[Any]) -> Example:
    """Return what stands beside an example that is no JSON, whose own value is written elsewhere."""
    return part(_of_text(matcher))


def _of_text(matcher: Matcher[Any]) -> Matcher[Any]:
    example = "" if isinstance(matcher.example, bytes) else matcher.example
    return replace(matcher, example=example, joined=tuple(_of_text(member) for member in matcher.joined))


def _with_rules(content: Content) -> Example:
    found = Example(_parsed(content.value, content.content_type))
    for expression, declared in content.rules.items():
        at = _tokens(expression)
        said = _beside(declared) if isinstance(declared, Matcher) else part(declared)
        for path, group in said.rules.items():
            found.add_rules((*at, *path), group)
        found.generators |= {(*at, *path): made for path, made in said.generators.items()}
    return found


def _tokens(expression: str) -> Path:
    try:
        return parse_path(expression)
    except PathSyntaxError as error:
        raise DeclarationError(
            f"The rule of a body is at {expression!r}, which is no path: {error}."
        ) from error


def _form(fields: Mapping[str, Any]) -> Example:
    """Return a form; a rule is at the name of its field."""
    said = part(fields)
    texts = {}
    for name, value in said.value.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str | int | float | None) for item in values):
            raise DeclarationError(
                f"The field {name!r} of the form is {value!r}; give a text, or a list of texts."
            )
        texts[name] = [_field_text(item) for item in values]
    return Example(urlencode(texts, doseq=True), said.rules, said.generators)


def _field_text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else number_text(value)


def _parsed(content: str | bytes, content_type: str) -> Any:
    if not content:
        return b"" if is_json(content_type) else content  # "" would be a text of JSON
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
    if value is None or (value == "" and is_json(content_type)):  # all take these for no content
        return {"content": json_text.compact(value), "contentType": content_type, "encoded": "JSON"}
    if not isinstance(value, bytes):
        return {"content": value, "contentType": content_type, "encoded": False}
    text = _text_of(value, content_type)
    if text is None:
        return {"content": _base64(value), "contentType": content_type, "encoded": "base64"}
    return {"content": text, "contentType": content_type, "encoded": False}


def plain(value: Any, content_type: str) -> Any:
    """Return a body as V2 and V3 have it: JSON itself, text, or content of other types in base64.

    Under those types a text that looks like base64 would be taken for it, so it is written in base64, too.
    Raises DeclarationError for bytes under a type of text that are none, and for null.
    """
    if value is None or (value == "" and is_json(content_type)):
        raise DeclarationError(
            f"The body is {json_text.compact(value)}, which programs take for no body in V2 and V3: "
            "choose V4."
        )
    if value == b"":
        return ""
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
