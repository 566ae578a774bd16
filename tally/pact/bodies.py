"""Bodies: which content they have, and what a pact file writes for it."""

import base64
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from math import isinf
from typing import Any

from tally.pact.json_fields import optional_text, refuse
from tally.pact.model import Body, Presence

FORM = "application/x-www-form-urlencoded"
_LOOKS_LIKE_JSON = re.compile(r'\s*(true|false|null|-?\d+|"|\{\s*(\}|")|\[)')
_LOOKS_LIKE_XML = re.compile(r"\s*<\?xml\b")
_LOOKS_LIKE_HTML = re.compile(r"\s*<(!doctype\s+)?html\b", re.IGNORECASE)
_BINARY = re.compile(
    r"(image|audio|video|font)/(?!svg)|application/(octet-stream|pdf|zip|gzip|x-(?!www-form-urlencoded$).*|protobuf)$"
)

_ABOUT_CONTENT = frozenset({"contentType", "contentTypeHint", "encoded"})
"""Keys of an envelope besides the content: with these alone, there is none."""


# There are few content types in a pact, and each is looked at several times for each body.
@lru_cache(maxsize=256)
def media_type(content_type: str | None) -> str:
    """Return the type without parameters, in lower case: "application/json"; "" for None."""
    return (content_type or "").partition(";")[0].strip().lower()


def is_json(content_type: str | None) -> bool:
    """Whether content of this type is JSON: any "+json", text/json, application/json… such as json-seq."""
    kind = media_type(content_type)
    return kind == "text/json" or kind.startswith("application/json") or kind.endswith(("+json", "/json-rpc"))


def is_xml(content_type: str | None) -> bool:
    """Whether content of this type is XML: application/xml, text/xml, or any "+xml"."""
    return media_type(content_type).endswith(("/xml", "+xml"))


def is_text(content_type: str | None) -> bool:
    """Whether files write content of this type as it is; all other content they write in base64."""
    kind = media_type(content_type)
    is_text = kind.startswith("text/") or kind == "application/x-www-form-urlencoded"
    return is_text or is_json(kind) or (is_xml(kind) and not kind.startswith("image/"))


def guessed_type(text: str) -> str:
    """Return the media type that *text* looks like, for content whose type nothing says."""
    if _LOOKS_LIKE_XML.match(text):
        return "application/xml"
    if _LOOKS_LIKE_HTML.match(text):
        return "text/html"
    return "application/json" if _LOOKS_LIKE_JSON.match(text) else "text/plain"


def read_body(content: bytes | None, content_type: str | None) -> Body:
    """Return the body that came over the wire; None is no body at all, b"" an empty one.

    Content that is not what its type says stays bytes; nothing is raised.
    """
    if content is None:
        return Body(content_type=content_type)
    if not content:
        return Body(Presence.EMPTY, "", content_type)
    if is_json(content_type):
        return _json_body(content, content_type)
    text = _decoded(content, content_type)
    if text is None or _BINARY.match(media_type(content_type)):
        return Body(Presence.PRESENT, content, content_type)
    return Body(Presence.PRESENT, text if content_type else _parsed(text, "{["), content_type)


def _json_body(content: bytes, content_type: str | None) -> Body:
    value = parse_json(content)
    if value is None:
        return Body(Presence.NULL, None, content_type)
    return Body(Presence.PRESENT, content if value is NOT_JSON else value, content_type)


def _decoded(content: bytes, content_type: str | None) -> str | None:
    charset = re.search(r'charset\s*=\s*"?([^\s;"]+)', content_type or "", re.IGNORECASE)
    try:
        return content.decode(charset[1] if charset else "utf-8")
    except (UnicodeDecodeError, LookupError):
        return None


def _parsed(text: str, beginnings: str) -> Any:
    """Return the JSON that *text* is if it begins so, or else the text: "12" may be meant as a string."""
    value = parse_json(text) if text.lstrip().startswith(tuple(beginnings)) else NOT_JSON
    return text if value is NOT_JSON else value


NOT_JSON: Any = object()
"""What `parse_json` returns for text that is not JSON."""


def parse_json(text: str | bytes) -> Any:
    """Return the value that *text* is, or NOT_JSON; integers stay exact.

    Numbers over 1.8e308 and integers of more than 4,300 digits are not read, as programs cannot hold them:
    all of them would be equal.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text), "surrogatepass")
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return NOT_JSON


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def finite(text: str) -> float:
    """Return the number; raises ValueError when it is over 1.8e308, and none could tell it from others."""
    value = float(text)
    if isinf(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=finite)
_WITHOUT_NUMBERS = json.JSONDecoder(
    parse_constant=_no_constant, parse_float=lambda _: 0.0, parse_int=lambda _: 0
)


def has_too_large_numbers(text: str) -> bool:
    """Whether *text*, which `parse_json` cannot read, is JSON except for the size of its numbers."""
    try:
        _WITHOUT_NUMBERS.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def is_about_type(name: str) -> bool:
    """Whether a header or metadata of this name says the content type, in whatever spelling."""
    return name.lower().replace("-", "") == "contenttype"


def content_type_of(headers: Mapping[str, Any]) -> str | None:
    """Return the content type that headers or metadata say, whatever the case and spelling of the name."""
    for name, value in headers.items():
        if is_about_type(name):
            first = value[0] if isinstance(value, tuple) and value else value
            return first if isinstance(first, str) else None
    return None


def body_of_file(part: dict[str, Any], key: str, content_type: str | None) -> Body:
    """Return the body that V1 to V3 write under *key*: a JSON value, or a string for anything else."""
    if key not in part:
        return Body(content_type=content_type)
    return _body_of_value(part[key], content_type)


def body_of_envelope(part: dict[str, Any], key: str, place: str, content_type: str | None) -> Body:
    """Return the body that V4 writes: {"content": …, "contentType": …, "encoded": false or an encoding}.

    What is no such envelope is the content itself, as the Rust core reads it.
    """
    envelope = part.get(key)
    if envelope is None:
        return Body(Presence.NULL if key in part else Presence.MISSING, None, content_type)
    if not isinstance(envelope, dict) or not ("content" in envelope or envelope.keys() <= _ABOUT_CONTENT):
        return _body_of_value(envelope, content_type)
    place = f"{place}.{key}"
    content_type = content_type or optional_text(envelope, "contentType", place)
    if "content" not in envelope:
        return Body(content_type=content_type)
    content, encoded = envelope["content"], envelope.get("encoded")
    if not encoded or not isinstance(content, str):
        return _body_of_value(content, content_type, literal=True)
    return _body_of_encoded(content, str(encoded).lower(), content_type, place)


def _body_of_encoded(content: str, encoding: str, content_type: str | None, place: str) -> Body:
    if encoding == "json":
        return read_body(content.encode(), content_type or "application/json")
    if encoding not in {"base64", "true"}:
        refuse(f"{place}.encoded", f'the encoding "{encoding}" is not known; known are base64 and JSON')
    try:
        return read_body(base64.b64decode(content, validate=True), content_type)
    except ValueError:  # of characters beyond ASCII, too
        refuse(f"{place}.content", "is not valid base64, though the contract says it is")


def _body_of_value(value: object, content_type: str | None, *, literal: bool = False) -> Body:
    if value is None:
        return Body(Presence.NULL, None, content_type)
    if value == "":
        return Body(Presence.EMPTY, "", content_type)
    if isinstance(value, str):
        return _body_of_string(value, content_type, literal=literal)
    return Body(Presence.PRESENT, value, content_type)


def _body_of_string(text: str, content_type: str | None, *, literal: bool) -> Body:
    """Return what a string stands for: JSON in text form, other than text as base64, or itself.

    In an envelope, which says what is encoded, it is *literal*: under a JSON type it is a JSON string.
    """
    if literal and is_json(content_type):
        return Body(Presence.PRESENT, text, content_type)
    if content_type is None or is_json(content_type):
        return Body(Presence.PRESENT, _parsed(text, '{["' if content_type else "{["), content_type)
    kind = media_type(content_type)
    if not literal and not is_text(kind):
        with suppress(ValueError):
            return read_body(base64.b64decode(text, validate=True), content_type)
    return Body(Presence.PRESENT, text.encode() if _BINARY.match(kind) else text, content_type)
