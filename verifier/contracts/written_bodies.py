"""Bodies of a service contract's requests, written as their media types ask for."""

from dataclasses import replace

from tally.pact import Body, Presence
from tally.pact.bodies import FORM, is_json, media_type
from tally.service_contract.content_types import best_content, is_text
from tally.service_contract.form_bodies import form_text, is_form, multipart
from tally.service_contract.model import HttpOperation, MediaType
from tally.service_contract.serialisation import plain_text

_LINES = frozenset(
    ["application/jsonl", "application/json-lines", "application/x-ndjson", "application/ndjson"]
)


class BodyError(ValueError):
    """A value that cannot be written in its media type; the text says why."""


def written_body(operation: HttpOperation, body: Body) -> Body:
    """Return *body* as its media type writes it; raises BodyError when that cannot hold the value."""
    value, kind = body.value, body.content_type
    if body.presence is not Presence.PRESENT or isinstance(value, str | bytes):
        return body
    if media_type(kind) in _LINES and isinstance(value, list):
        return replace(body, value="".join(f"{plain_text([item])[1:-1]}\n" for item in value).encode())
    if is_json(kind):
        return body
    declared = operation.request.content if operation.request else ()
    content = best_content(declared, kind) or MediaType(kind or "")
    if is_form(kind):
        if not isinstance(value, dict):
            raise BodyError(f"a body of type {kind} is written by property, and the example is no object")
        if media_type(kind) == FORM:
            return replace(body, value=form_text(value, content))
        whole, content_bytes = multipart(value, replace(content, content_type=kind or ""))
        return Body(Presence.PRESENT, content_bytes, whole)
    if isinstance(value, dict | list) and not _is_like_json(kind):
        raise BodyError(
            f"the example of a body of type {kind} has to be a text: nothing says how to write it"
        )
    return replace(body, value=plain_text(value)) if is_text(kind or "") else body


def _is_like_json(kind: str | None) -> bool:
    """Whether programs that read this type read JSON as well, or nothing says what the type is."""
    return not kind or "*" in kind or is_text(kind) or "yaml" in kind or "json" in kind
