"""Bodies of requests and responses as values that schemas can look at."""

from typing import Any

from tally.comparison.media_types import read_range
from tally.comparison.schema_views import property_schema, types_of
from tally.comparison.schemas import CompiledSchema
from tally.comparison.styles import separated
from tally.json_schema.schema import Schema
from tally.pact import Body, Presence
from tally.pact.bodies import FORM, guessed_type, is_json, media_type
from tally.pact.http_parts import read_query
from tally.service_contract.model import MediaType

UNVALIDATABLE: Any = object()
"""Stands for content that no schema can look at: XML, pictures, …"""


def is_there(body: Body) -> bool:
    """Whether a pact shows a body; null stands for none."""
    return body.presence is Presence.PRESENT


def kind_of(body: Body, said: str | None = None) -> str:
    """Return the content type that is *said*, or else the one that the body looks like."""
    if said or body.content_type:
        return said or body.content_type or ""
    if isinstance(body.value, str):
        return guessed_type(body.value)
    return "application/octet-stream" if isinstance(body.value, bytes) else "application/json"


def is_json_content(kind: str) -> bool:
    """Whether bodies of this media type are JSON."""
    return is_json(kind) or read_range(kind).plain_subtype == "json"


def value_of(body: Body, kind: str, content: MediaType, schema: CompiledSchema) -> Any:
    """Return what a body of the media type *kind* is for the schema of *content*, or UNVALIDATABLE."""
    essence = media_type(kind)
    if essence.startswith("multipart/"):
        return _multipart(body, kind, schema)
    if isinstance(body.value, bytes):
        return UNVALIDATABLE
    if is_json_content(kind):
        return body.value
    if essence == FORM:
        return _form(body.value, content, schema)
    if essence.startswith("text/") and not essence.endswith("/xml") and isinstance(body.value, str):
        return schema.texts.value(body.value)
    return UNVALIDATABLE


def _form(written: object, content: MediaType, schema: CompiledSchema) -> Any:
    if not isinstance(written, str):
        return written
    fields = read_query(written)
    found: dict[str, Any] = {}
    for name, values in fields.items():
        head, bracket, _ = name.partition("[")
        if bracket and _encoding(content, head, "style") == "deepObject":
            found.setdefault(head, {})[name[len(head) + 1 :].rstrip("]")] = values[0]
        else:
            found[name] = _field(name, values, content, schema)
    return schema.texts.value(found)


def _field(name: str, values: tuple[str | None, ...], content: MediaType, schema: CompiledSchema) -> Any:
    types = types_of(property_schema(schema.schema, name, schema.definitions), schema.definitions)
    if "array" in types and "string" not in types:
        return _list(values, _encoding(content, name, "style") or "form", _encoding(content, name, "explode"))
    return values[0] if len(values) == 1 else [value or "" for value in values]


def _list(values: tuple[str | None, ...], style: str, explode: Any) -> list[str]:
    is_whole = explode is False or (explode is None and style != "form")
    if len(values) == 1 and is_whole:
        return separated(values[0] or "", style)
    return [value or "" for value in values]


def _encoding(content: MediaType, name: str, what: str) -> Any:
    return getattr(content.encoding.get(name), what, None)


def _multipart(body: Body, kind: str, schema: CompiledSchema) -> Any:
    """Return the parts by name; files are texts, as the schemas of documents say."""
    from tally.matching.multipart_bodies import parts_of  # noqa: PLC0415 - reads mail, which few need

    if isinstance(body.value, dict):  # some tools write the fields, not the parts
        return body.value
    fields: dict[str, list[Any]] = {}
    for part in parts_of(Body(body.presence, body.value, kind)):
        fields.setdefault(part.name, []).append(_part_value(part.value))
    if not fields:
        return UNVALIDATABLE
    return schema.texts.value({name: _parts(name, values, schema) for name, values in fields.items()})


def _part_value(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _parts(name: str, values: list[Any], schema: CompiledSchema) -> Any:
    said: Schema = property_schema(schema.schema, name, schema.definitions)
    types = types_of(said, schema.definitions)
    return values if len(values) > 1 or ("array" in types and "object" not in types) else values[0]
