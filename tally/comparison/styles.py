"""Parameters as requests write them, taken apart by OpenAPI's styles."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from tally.comparison.schema_views import Definitions, conjuncts
from tally.comparison.texts import Written, named_pairs, split_object
from tally.json_schema.schema import Schema
from tally.pact.bodies import NOT_JSON, parse_json
from tally.service_contract.model import Parameter

_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t", "tsv": "\t"}
Query = Mapping[str, tuple[str | None, ...]]


def separated(text: str, style: str) -> list[str]:
    """Return the texts that one holds, as OpenAPI's *style* separates them."""
    return text.split(_SEPARATORS.get(style, ",")) if text else []


def in_one_text(parameter: Parameter, text: str, types: frozenset[str]) -> Any:
    """Return what the text of a path or header parameter says: a text, a list or an object of texts."""
    if parameter.style == "json":
        value = parse_json(text)
        return text if value is NOT_JSON else value
    if parameter.style == "label":
        return _split(
            text.removeprefix("."), "." if parameter.explode else ",", types, named=parameter.explode
        )
    if parameter.style == "matrix":
        return _matrix(parameter, text, types)
    separator = _SEPARATORS.get(parameter.style, ",")
    return _split(text, separator, types, named=parameter.explode)


def _split(text: str, separator: str, types: frozenset[str], *, named: bool) -> Written:
    if "string" in types or not types & {"array", "object"}:
        return text
    parts = [part.strip() for part in text.split(separator)] if text else []
    if "array" in types:
        return list(parts)
    return dict(named_pairs(parts) if named else split_object(parts))


def _matrix(parameter: Parameter, text: str, types: frozenset[str]) -> Written:
    parts = [part for part in text.split(";") if part]
    if "object" in types and parameter.explode:
        return dict(named_pairs(parts))
    values = [part.partition("=")[2] for part in parts if part.partition("=")[0] == parameter.name]
    if "array" in types and parameter.explode:
        return list(values)
    return _split(values[0] if values else "", ",", types, named=False)


def in_query(parameter: Parameter, query: Query, types: frozenset[str], definitions: Definitions) -> Any:
    """Return what a query says for a parameter; None when it says nothing."""
    name = parameter.name
    if parameter.style == "deepObject":
        return _deep(name, query) or None
    if (
        "object" in types
        and not types & {"string", "array"}
        and parameter.style == "form"
        and parameter.explode
    ):
        names = _declared(parameter.schema, definitions)
        found = {key: _first(query[key]) for key in names if key in query}
        return found or (_one(parameter, query, types) if name in query else None)
    return _one(parameter, query, types) if name in query else None


def _one(parameter: Parameter, query: Query, types: frozenset[str]) -> Any:
    texts = [value or "" for value in query[parameter.name]]
    if parameter.style == "json":
        return in_one_text(parameter, texts[0], types)
    separator = _SEPARATORS.get(parameter.style, ",")
    if "array" in types and ("string" not in types or len(texts) > 1):
        if parameter.explode or len(texts) > 1:
            return texts
        return texts[0].split(separator) if texts[0] else []
    if "object" in types and "string" not in types:
        return split_object(texts[0].split(separator))
    return query[parameter.name][0] if len(texts) == 1 else texts


def names_in_query(
    parameter: Parameter, query: Query, types: frozenset[str], definitions: Definitions
) -> set[str]:
    """Return the names in a query that belong to a parameter."""
    if parameter.style == "deepObject":
        return {key for key in query if key.partition("[")[0] == parameter.name and "[" in key}
    names = {parameter.name}
    if "object" in types and parameter.style == "form" and parameter.explode:
        declared = _declared(parameter.schema, definitions)
        names |= declared or set(query)
    return names


def _deep(name: str, query: Query) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, values in query.items():
        head, bracket, rest = key.partition("[")
        if head == name and bracket and rest.endswith("]"):
            _put(found, rest[:-1].split("]["), values)
    return found


def _put(found: dict[str, Any], path: Sequence[str], values: tuple[str | None, ...]) -> None:
    inner = found
    is_list = path[-1] == "" and len(path) > 1
    keys = path[:-1] if is_list else path
    for key in keys[:-1]:
        below = inner.setdefault(key, {})
        if not isinstance(below, dict):
            return
        inner = below
    inner[keys[-1]] = list(values) if is_list or len(values) > 1 else values[0]


def _declared(schema: Schema, definitions: Definitions) -> set[str]:
    return {name for part in conjuncts(schema, definitions) for name in part.get("properties", {})}


def _first(values: tuple[str | None, ...]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def cookies_of(headers: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
    """Return every value of every cookie that the Cookie headers send; some pacts write ":" for "="."""
    found: dict[str, tuple[str | None, ...]] = {}
    for pair in (pair for header in headers for pair in header.split(";")):
        name, *value = re.split("[=:]", pair.strip(), maxsplit=1)
        if name:
            found[name] = (*found.get(name, ()), unquote(value[0].strip()) if value else None)
    return found
