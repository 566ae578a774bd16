"""The request and the response of an interaction, as files write them."""

import re
from typing import Any
from urllib.parse import unquote, unquote_plus

from tally.pact import known_keys
from tally.pact.bodies import body_of_envelope, body_of_file, content_type_of
from tally.pact.generators import read_generators
from tally.pact.json_fields import as_object, kind_of, object_at, refuse, required_object, required_text
from tally.pact.matching_rules import read_rules
from tally.pact.model import Body, Request, Response
from tally.pact.ruby_terms import without_terms

_HIGHEST_STATUS = 599
_UNSAID_STATUS = 200  # what the Rust core takes a response without a status for


def read_request(interaction: dict[str, Any], place: str, specification: str) -> Request:
    """Return the `request` of an interaction; its method and path must be there."""
    raw = required_object(interaction, "request", place)
    place = f"{place}.request".lstrip(".")
    known_keys.REQUEST.check(raw, place)
    raw = without_terms(raw, place)
    headers = _headers(raw, place)
    query = raw.get("query")
    whole = isinstance(query, str) and specification.startswith("1.0") and query != ""
    return Request(
        method=required_text(raw, "method", place),
        path=required_text(raw, "path", place),
        query=_query(query, f"{place}.query"),
        headers=headers,
        body=_body(raw, place, headers, specification),
        rules=read_rules(raw, place, old_name="requestMatchingRules"),
        generators=read_generators(raw, place),
        query_string=unquote(str(query)) if whole else None,
    )


def read_response(interaction: dict[str, Any], place: str, specification: str) -> Response:
    """Return the `response` of an interaction."""
    raw = required_object(interaction, "response", place)
    place = f"{place}.response".lstrip(".")
    known_keys.RESPONSE.check(raw, place)
    raw = without_terms(raw, place)
    headers = _headers(raw, place)
    return Response(
        status=_status(raw.get("status", _UNSAID_STATUS), f"{place}.status"),
        headers=headers,
        body=_body(raw, place, headers, specification),
        rules=read_rules(raw, place, old_name="responseMatchingRules"),
        generators=read_generators(raw, place),
    )


def _status(status: object, place: str) -> int:
    if isinstance(status, str) and re.fullmatch(r"\d{1,3}", status):
        status = int(status)
    if isinstance(status, bool) or not isinstance(status, int) or not 0 <= status <= _HIGHEST_STATUS:
        refuse(place, f"expected a status between 100 and {_HIGHEST_STATUS}, but it is {status!r}")
    return status


def _body(raw: dict[str, Any], place: str, headers: dict[str, tuple[str, ...]], specification: str) -> Body:
    content_type = content_type_of(headers)
    if specification.startswith("4"):
        return body_of_envelope(raw, "body", place, content_type)
    return body_of_file(raw, "body", content_type)


def _headers(raw: dict[str, Any], place: str) -> dict[str, tuple[str, ...]]:
    headers = object_at(raw, "headers", place)
    return {name: _texts(value, f"{place}.headers.{name}") for name, value in headers.items()}


def _texts(value: object, place: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_text(item, place) for item in values)


def _text(value: object, place: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        refuse(place, f"expected a string, but it is {kind_of(value)}")
    return str(value)


def _query(query: object, place: str) -> dict[str, tuple[str | None, ...]]:
    if not query:
        return {}
    if isinstance(query, str):
        return read_query(query)
    return {name: _query_values(values, place) for name, values in as_object(query, place).items()}


def _query_values(values: object, place: str) -> tuple[str | None, ...]:
    items = values if isinstance(values, list) else [values]
    return tuple(None if item is None else _text(item, place) for item in items)


def read_query(query: str) -> dict[str, tuple[str | None, ...]]:
    """Return every value of every name of a query string, decoded; "a&b=1" is {"a": (None,), "b": ("1",)}."""
    found: dict[str, tuple[str | None, ...]] = {}
    for pair in filter(None, query.removeprefix("?").split("&")):
        name, equals, value = pair.partition("=")
        key = unquote_plus(name)
        found[key] = (*found.get(key, ()), unquote_plus(value) if equals else None)
    return found
