"""The request and the response of an interaction, as a pact file has them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from consumer_sdk.declarations import DeclaredPart, DeclaredRequest, DeclaredResponse, Fields
from consumer_sdk.documents.bodies import enveloped, example_of_body, plain
from consumer_sdk.documents.categories import Categories
from consumer_sdk.documents.examples import part
from consumer_sdk.errors import DeclarationError


def request_document(request: DeclaredRequest, specification: str) -> dict[str, Any]:
    """Return the request."""
    categories = Categories()
    path = part(request.path)
    if not isinstance(path.value, str):
        raise DeclarationError(f"path: {path.value!r} is no text; give a str, or a matcher of one.")
    categories.add("path", path.rules)
    document: dict[str, Any] = {"method": request.method, "path": path.value}
    query = _fields(request.query, "query", categories)
    if query:
        document["query"] = urlencode(query, doseq=True) if specification == "V2" else query
    return _completed(document, request, categories, specification)


def response_document(response: DeclaredResponse, specification: str) -> dict[str, Any]:
    """Return the response."""
    return _completed({"status": response.status}, response, Categories(), specification)


def _completed(
    document: dict[str, Any], declared: DeclaredPart, categories: Categories, specification: str
) -> dict[str, Any]:
    """Return the part of an interaction with its headers, its body, and what stands beside them."""
    headers = _fields(_headers(declared), "header", categories)
    if headers:
        document["headers"] = (
            headers if specification == "V4" else {name: _one_line(name, headers[name]) for name in headers}
        )
    if declared.body is not None:
        content_type = declared.content_type or "application/json"
        body = example_of_body(declared.body, content_type)
        categories.add("body", body.rules)
        write = enveloped if specification == "V4" else plain
        document["body"] = write(body.value, content_type)
    return dict(sorted({**document, **categories.document(specification)}.items()))


def _headers(declared: DeclaredPart) -> Fields:
    """Return the headers; the type of the body is among them, also when it follows from the body alone."""
    said = {
        "Content-Type" if name.lower() == "content-type" else name: declared.headers[name]
        for name in declared.headers
    }
    if declared.body is not None and "Content-Type" not in said:
        return {**said, "Content-Type": declared.content_type or ""}
    return said


def _one_line(name: str, values: list[str]) -> str | list[str]:
    """Return a header as V2 and V3 have it: cookies alone cannot share one line."""
    return values if len(values) > 1 and name.lower() == "set-cookie" else ", ".join(values)


def _fields(fields: Fields, category: str, categories: Categories) -> dict[str, list[str]]:
    """Return every value of each header or query value as text; their rules go to *categories*."""
    found: dict[str, list[str]] = {}
    for name in sorted(fields):
        declared = fields[name]
        values = declared if isinstance(declared, list | tuple) else [declared]
        found[name] = []
        for index, value in enumerate(values):
            said = part(value)
            categories.add(category, said.rules, (name, index) if len(values) > 1 else (name,))
            found[name] += _texts(said.value, name)
    return found


def _texts(value: object, name: str) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item, name)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, str | int | float):
        return [str(value)]
    raise DeclarationError(f"{name}: {value!r} is no text; give a str or a number, or a list of them.")


def metadata_of(metadata: Mapping[str, object], categories: Categories) -> dict[str, Any]:
    """Return the metadata of a message; their rules go to *categories*."""
    found = {}
    for name in sorted(metadata):
        said = part(metadata[name])
        categories.add("metadata", said.rules, (name,))
        found[name] = said.value
    return found
