"""The request and the response of an interaction, as a pact file has them."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from consumer_sdk.documents.bodies import enveloped, example_of_body, plain
from consumer_sdk.documents.categories import Categories
from consumer_sdk.documents.declared import Content, DeclaredPart, DeclaredRequest, DeclaredResponse, Fields
from consumer_sdk.documents.examples import part
from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import Matcher
from tally.json_text import number_text

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_HEADERS = re.compile(r"[\r\n\0]")
_LOWEST_STATUS, _HIGHEST_STATUS = 100, 599


def request_document(request: DeclaredRequest, specification: str) -> dict[str, Any]:
    """Return the request; raises DeclarationError for what no client sends, or the version cannot say."""
    categories = Categories(received=False)
    if not _TOKEN.fullmatch(request.method):
        raise DeclarationError(f"method: {request.method!r} is no method of HTTP; give one, such as GET.")
    document: dict[str, Any] = {"method": request.method, "path": _path(request.path, categories)}
    query = _fields(request.query, "query", categories)
    if query:
        document["query"] = urlencode(query, doseq=True) if specification == "V2" else query
    return _completed(document, request, categories, specification)


def response_document(response: DeclaredResponse, specification: str) -> dict[str, Any]:
    """Return the response; raises DeclarationError for what no server answers, or the version cannot say."""
    categories = Categories(received=True)
    status = part(response.status)
    is_number = isinstance(status.value, int) and not isinstance(status.value, bool)
    if not is_number or not _LOWEST_STATUS <= status.value <= _HIGHEST_STATUS:
        raise DeclarationError(
            f"status: {status.value!r} is no status of HTTP; give one between 100 and 599."
        )
    categories.add("status", status)
    return _completed({"status": status.value}, response, categories, specification)


def _path(path: str | Matcher[str], categories: Categories) -> str:
    said = part(path)
    if not isinstance(said.value, str):
        raise DeclarationError(f"path: {said.value!r} is no text; give a str, or a matcher of one.")
    if not said.value.startswith("/"):
        raise DeclarationError(f"path: {said.value!r} does not begin with a slash; give the path of the URL.")
    if "?" in said.value:
        raise DeclarationError(f"path: {said.value!r} has a query in it; give it as query={{…}}.")
    categories.add("path", said)
    return said.value


def _completed(
    document: dict[str, Any], declared: DeclaredPart, categories: Categories, specification: str
) -> dict[str, Any]:
    """Return the part of an interaction with its headers, its body, and what stands beside them."""
    headers = _fields(_headers(declared), "header", categories)
    if headers:
        with_rules = categories.names("header")
        document["headers"] = headers if specification == "V4" else _on_one_line(headers, with_rules)
    if declared.body is not None:
        content_type = declared.content_type or "application/json"
        body = example_of_body(declared.body, content_type)
        categories.add("body", body)
        write = enveloped if specification == "V4" else plain
        document["body"] = write(body.value, content_type)
    return dict(sorted({**document, **categories.document(specification)}.items()))


def _headers(declared: DeclaredPart) -> Fields:
    """Return the headers; the type of the body is among them, also when it follows from the body alone."""
    said = {
        "Content-Type" if name.lower() == "content-type" else name: value
        for name, value in declared.headers.items()
    }
    for name, values in said.items():
        if not _TOKEN.fullmatch(name):
            raise DeclarationError(f"header {name!r}: no header can have this name.")
        if isinstance(values, str) and _NOT_IN_HEADERS.search(values):
            raise DeclarationError(f"header {name}: {values!r} has a line break, which no header can have.")
    if declared.body is None or "Content-Type" in said:
        return said
    rule = declared.body.type_rule if isinstance(declared.body, Content) else None
    return {**said, "Content-Type": rule or declared.content_type or ""}


def _on_one_line(headers: dict[str, list[str]], with_rules: set[str]) -> dict[str, str | list[str]]:
    """Return headers as V2 and V3 have them: several values on one line.

    Cookies cannot share a line, and a rule is about each value: these stay lists, which all programs read.
    """
    return {
        name: values
        if len(values) > 1 and (name.lower() == "set-cookie" or name in with_rules)
        else ", ".join(values)
        for name, values in headers.items()
    }


def _fields(fields: Fields, category: str, categories: Categories) -> dict[str, list[str]]:
    """Return every value of each header or query value as text; their rules go to *categories*."""
    found: dict[str, list[str]] = {}
    for name in sorted(fields):
        declared = fields[name]
        values = declared if isinstance(declared, list | tuple) else [declared]
        said = [part(value) for value in values]
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


def metadata_of(metadata: Mapping[str, object], categories: Categories) -> dict[str, Any]:
    """Return the metadata of a message; their rules go to *categories*."""
    found = {}
    for name in sorted(metadata):
        said = part(metadata[name])
        for path in (*said.rules, *said.generators):
            if path:
                raise DeclarationError(
                    f"metadata {name}: a pact has rules for metadata as a whole, not for what is inside: "
                    "give what is inside a name of its own, or put match.like around it."
                )
        categories.add("metadata", said, (name,))
        found[name] = said.value
    return found
