"""Bodies that are written by property: forms and multipart bodies (OpenAPI, "Encoding Object")."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

from tally.json_schema.pointers import definition_name
from tally.json_schema.schema import Schema
from tally.pact.bodies import FORM, is_json, media_type
from tally.service_contract.model import MediaType, PartEncoding
from tally.service_contract.serialisation import pairs_in_query, plain_text

_UNSAID = PartEncoding()
_RESERVED = ":/?#[]@!$'()*,;"
_LONGEST_CHAIN = 20
_HALVES = "surrogatepass"  # JSON may hold half a character


def is_form(content_type: str | None) -> bool:
    """Whether bodies of this type are written by property."""
    return media_type(content_type) == FORM or media_type(content_type).startswith("multipart/")


def form_text(value: Mapping[str, Any], content: MediaType) -> str:
    """Return a form as text: `application/x-www-form-urlencoded`.

    Where the document says nothing, items of a list are one field each, and objects are JSON. A property that
    is null is left out, as in RFC 6570: a form has no other word for it.
    """
    return "&".join(
        f"{quote_plus(name, errors=_HALVES)}={quote_plus(text, safe=safe, errors=_HALVES)}"
        for name, text, safe in _fields(value, content)
    )


def _fields(value: Mapping[str, Any], content: MediaType) -> Iterator[tuple[str, str, str]]:
    for key, item in value.items():
        said = content.encoding.get(key, _UNSAID)
        safe = _RESERVED if said.allow_reserved else ""
        for name, text in _pairs(key, item, said):
            yield name, text, safe


def _pairs(name: str, value: Any, said: PartEncoding) -> list[tuple[str, str]]:
    if value is None:
        return []
    if said.style is None and said.explode is None and not said.allow_reserved:
        items = value if isinstance(value, list) and not is_json(said.content_type) else [value]
        return [(name, plain_text(item)) for item in items if item is not None]
    style = said.style or "form"
    explode = style == "form" if said.explode is None else said.explode
    return pairs_in_query(name, value, style=style, explode=explode)


def multipart(value: Mapping[str, Any], content: MediaType) -> tuple[str, bytes]:
    """Return the whole media type, with its boundary, and the bytes of a multipart body.

    Items of a list are a part each. What says no type is JSON when it has parts, and text otherwise.
    """
    parts = [
        _part(name, item, content)
        for name, items in value.items()
        for item in (items if isinstance(items, list) else [items])
        if item is not None
    ]
    # The same body is the same request; no part holds a hash of all of them.
    boundary = hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
    edge = f"--{boundary}".encode()
    body = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
    return f"{media_type(content.content_type)}; boundary={boundary}", body


def _part(name: str, value: Any, content: MediaType) -> bytes:
    said = content.encoding.get(name, _UNSAID)
    kind = (said.content_type or "").split(",")[0].strip()
    if not kind or "*" in kind:
        kind = _usual_type(value, _property(content.schema, name), kind)
    shown = name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    lines = [f'Content-Disposition: form-data; name="{shown}"']
    if not (kind.startswith("text/plain") or is_json(kind)):
        lines[0] += f'; filename="{shown}"'
    # A part that is text needs no type: many programs take a field with one for a file.
    lines += [] if kind == "text/plain" else [f"Content-Type: {kind}"]
    return "\r\n".join([*lines, "", ""]).encode(errors=_HALVES) + plain_text(value).encode(errors=_HALVES)


def _usual_type(value: Any, schema: dict[str, Any], said: str) -> str:
    if isinstance(value, dict | list):
        return "application/json"
    if declared := schema.get("contentMediaType"):
        return str(declared)
    if schema.get("format") == "binary" or "*" in said:
        return "application/octet-stream"
    return "text/plain"


def _property(schema: Schema, name: str) -> dict[str, Any]:
    """Return what a schema says about a property, or its items: enough to tell files from text."""
    definitions = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    holder = _followed(schema, definitions)
    for part in (holder, *(_followed(part, definitions) for part in holder.get("allOf", ()))):
        if name in part.get("properties", {}):
            found = _followed(part["properties"][name], definitions)
            return _followed(found.get("items", found), definitions)
    return {}


def _followed(schema: Schema, definitions: Mapping[str, Schema]) -> dict[str, Any]:
    for _ in range(_LONGEST_CHAIN):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            break
        schema = definitions.get(definition_name(reference), True)
    return schema if isinstance(schema, dict) else {}
