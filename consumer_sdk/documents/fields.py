"""Headers, query values and metadata, as a pact file has them."""

import re
from collections.abc import Mapping
from typing import Any

from consumer_sdk.documents.categories import Categories
from consumer_sdk.documents.declared import Content, DeclaredPart
from consumer_sdk.documents.examples import part
from consumer_sdk.errors import DeclarationError
from tally.json_text import number_text

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE_BREAK = re.compile(r"[\r\n\0]")
_MEDIA_TYPE = re.compile(r"\s*[^\s/;]+/[^\s/;]+\s*(;.*)?")
_CONTENT_TYPE = "Content-Type"


def query_of(query: object, categories: Categories) -> dict[str, list[str]]:
    """Return every value of each query value as text; their rules go to *categories*."""
    return _fields(mapping_of(query, "query"), "query", categories)


def headers_of(declared: DeclaredPart, categories: Categories) -> dict[str, list[str]]:
    """Return every value of each header as text; their rules go to *categories*.

    The type of the body is among them, also when it follows from the body alone.
    """
    headers: dict[str, Any] = {}
    for name, value in mapping_of(declared.headers, "headers").items():
        if not _NAME.fullmatch(name):
            raise DeclarationError(f"header {name!r}: no header can have this name.")
        known = next((other for other in headers if other.lower() == name.lower()), None)
        if known is not None:
            raise DeclarationError(
                f"header {name}: given twice, as {known} and {name}; give a list for several values."
            )
        headers[_CONTENT_TYPE if name.lower() == "content-type" else name] = value
    if declared.body is not None and _CONTENT_TYPE not in headers:
        rule = declared.body.type_rule if isinstance(declared.body, Content) else None
        headers[_CONTENT_TYPE] = rule or declared.content_type
    found = _fields(headers, "header", categories)
    for name, values in found.items():
        _refuse_values(name, values)
    return found


def _refuse_values(name: str, values: list[str]) -> None:
    """Raise DeclarationError for values that no header can have, or that HTTP would change."""
    for value in values:
        if _LINE_BREAK.search(value):
            raise DeclarationError(f"header {name}: {value!r} has a line break, which no header can have.")
        if value != value.strip():
            raise DeclarationError(
                f"header {name}: {value!r} begins or ends with white space, which HTTP drops: leave it out."
            )
    if name == _CONTENT_TYPE and (len(values) != 1 or not _MEDIA_TYPE.fullmatch(values[0])):
        raise DeclarationError(
            f"header {name}: {', '.join(values)!r} is no media type; give one, such as application/json."
        )


def on_one_line(headers: Mapping[str, list[str]], with_rules: set[str]) -> dict[str, str | list[str]]:
    """Return headers as V2 and V3 have them: several values on one line.

    Cookies cannot share a line, and a rule is about each value: these stay lists, which all programs read.
    """
    return {
        name: values
        if len(values) > 1 and (name.lower() == "set-cookie" or name in with_rules)
        else ", ".join(values)
        for name, values in headers.items()
    }


def metadata_of(metadata: object, categories: Categories) -> dict[str, Any]:
    """Return the metadata of a message; their rules go to *categories*."""
    found = {}
    for name, value in sorted(mapping_of(metadata, "metadata").items()):
        said = part(value)
        if any((*said.rules, *said.generators)):
            raise DeclarationError(
                f"metadata {name}: a pact has rules for metadata as a whole, not for what is inside: "
                "give what is inside a name of its own, or put match.like around it."
            )
        categories.add("metadata", said, (name,))
        found[name] = said.value
    return found


def mapping_of(fields: object, what: str) -> Mapping[str, Any]:
    """Return *fields* if they are a mapping by name; raises DeclarationError otherwise."""
    if not isinstance(fields, Mapping):
        raise DeclarationError(f"{what}: {fields!r} is no mapping; give a dictionary by name.")
    for name in fields:
        if not isinstance(name, str):
            raise DeclarationError(f"{what}: the name {name!r} is no text; give a str.")
    return fields


def _fields(fields: Mapping[str, Any], category: str, categories: Categories) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(fields):
        declared = fields[name]
        said = [part(value) for value in (declared if isinstance(declared, list | tuple) else [declared])]
        if not said:
            raise DeclarationError(f"{category} {name}: an empty list; give a value, or leave it out.")
        found[name] = [text for each in said for text in _texts(each.value, f"{category} {name}")]
        is_one = len(said) == 1 or all(each.rules == said[0].rules and not each.generators for each in said)
        for index, each in enumerate(said[:1] if is_one else said):
            categories.add(category, each, (name,) if is_one else (name, index))
    return found


def _texts(value: object, place: str) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item, place)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, str):
        return [value]
    if isinstance(value, int | float):
        return [number_text(value)]
    raise DeclarationError(f"{place}: {value!r} is no text; give a str or a number, or a list of them.")
