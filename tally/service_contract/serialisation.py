"""Parameters as they are written into a URL, a header or a cookie (OpenAPI, "Style Values")."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tally.service_contract.model import HttpOperation, Parameter

_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_SEPARATOR = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_UNDECLARED = Parameter("", "query", style="form", explode=True)


def path_of(operation: HttpOperation, values: Mapping[str, Any]) -> str:
    """Return the path with its parameters filled in, percent-encoded. Raises KeyError for a missing one."""
    declared = _by_name(operation, "path")

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        return _in_path(declared.get(name, _UNDECLARED), name, values[name])

    return _TEMPLATE.sub(filled, operation.path)


def query_of(operation: HttpOperation, values: Mapping[str, Any]) -> dict[str, tuple[str | None, ...]]:
    """Return the query string's values by name, not yet percent-encoded."""
    declared = _by_name(operation, "query")
    query: dict[str, tuple[str | None, ...]] = {}
    for name, value in values.items():
        parameter = declared.get(name, _UNDECLARED)
        for key, text in pairs_in_query(name, value, style=parameter.style, explode=parameter.explode):
            query[key] = (*query.get(key, ()), text)
    return query


def headers_of(operation: HttpOperation, values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the headers' values by name."""
    declared = {name.lower(): parameter for name, parameter in _by_name(operation, "header").items()}
    return {
        name: (_simple(value, explode=declared.get(name.lower(), _UNDECLARED).explode),)
        for name, value in values.items()
    }


def cookie_of(values: Mapping[str, Any]) -> str | None:
    """Return the Cookie header, or None when there are no cookies."""
    return "; ".join(f"{name}={_simple(value, explode=False)}" for name, value in values.items()) or None


def _by_name(operation: HttpOperation, location: str) -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in operation.parameters if parameter.location == location}


def _in_path(parameter: Parameter, name: str, value: object) -> str:
    if parameter.style == "label":
        return "." + _quoted(value, explode=parameter.explode, separator="." if parameter.explode else ",")
    if parameter.style == "matrix" and isinstance(value, list) and parameter.explode:
        return "".join(f";{name}={quote(plain_text(item), safe='')}" for item in value)
    if parameter.style == "matrix" and isinstance(value, dict) and parameter.explode:
        return "".join(
            f";{quote(key, safe='')}={quote(plain_text(item), safe='')}" for key, item in value.items()
        )
    if parameter.style == "matrix":
        return f";{name}={_quoted(value, explode=False)}"
    return _quoted(value, explode=parameter.explode)


def _quoted(value: object, *, explode: bool, separator: str = ",") -> str:
    return separator.join(
        "=".join(quote(plain_text(part), safe="") for part in item) for item in _items(value, explode=explode)
    )


def _simple(value: object, *, explode: bool) -> str:
    return ",".join("=".join(plain_text(part) for part in item) for item in _items(value, explode=explode))


def _items(value: object, *, explode: bool) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        pairs = list(value.items())
        return list(pairs) if explode else [(part,) for pair in pairs for part in pair]
    return [(item,) for item in value] if isinstance(value, list) else [(value,)]


def pairs_in_query(name: str, value: object, *, style: str, explode: bool) -> list[tuple[str, str]]:
    """Return the names and values of a parameter in a query string, or of a property in a form."""
    if style == "json":
        return [(name, _json(value))]
    if isinstance(value, dict) and style == "deepObject":
        return [pair for key, item in value.items() for pair in _deep(f"{name}[{key}]", item)]
    if isinstance(value, dict) and explode:
        return [(key, plain_text(item)) for key, item in value.items()]
    if isinstance(value, list) and explode:
        return [(name, plain_text(item)) for item in value]
    separator = _SEPARATOR.get(style, ",")
    return [(name, separator.join(plain_text(item[0]) for item in _items(value, explode=False)))]


def _deep(name: str, value: object) -> list[tuple[str, str]]:
    """Return what is inside, by names with brackets; OpenAPI says how for the first level alone."""
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in _deep(f"{name}[{key}]", item)]
    return [(name, plain_text(item)) for item in (value if isinstance(value, list) else [value])]


def plain_text(value: object) -> str:
    """Return a value as text: JSON, but for texts, and nothing for null."""
    if isinstance(value, str):
        return value
    return "" if value is None else _json(value)


def _json(value: object) -> str:
    """Return *value* as JSON without spaces; integers may be of any size."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
