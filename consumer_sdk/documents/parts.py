"""The request and the response of an interaction, as a pact file has them."""

import re
from typing import Any
from urllib.parse import urlencode

from consumer_sdk.documents.bodies import enveloped, example_of_body, plain
from consumer_sdk.documents.categories import Categories
from consumer_sdk.documents.declared import DeclaredPart, DeclaredRequest, DeclaredResponse
from consumer_sdk.documents.examples import part
from consumer_sdk.documents.fields import headers_of, on_one_line, query_of
from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import Matcher

_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Z-]+")
_LOWEST_STATUS, _HIGHEST_STATUS = 100, 599


def request_document(request: DeclaredRequest, specification: str) -> dict[str, Any]:
    """Return the request; raises DeclarationError for what no client sends, or the version cannot say."""
    categories = Categories(received=False)
    if not _METHOD.fullmatch(request.method):
        raise DeclarationError(f"method: {request.method!r} is no method of HTTP; give one, such as GET.")
    document: dict[str, Any] = {"method": request.method, "path": _path(request.path, categories)}
    query = query_of(request.query, categories)
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
    headers = headers_of(declared, categories)
    if headers:
        with_rules = categories.names("header")
        document["headers"] = headers if specification == "V4" else on_one_line(headers, with_rules)
    if declared.body is not None:
        content_type = declared.content_type or "application/json"
        body = example_of_body(declared.body, content_type)
        categories.add("body", body)
        write = enveloped if specification == "V4" else plain
        document["body"] = write(body.value, content_type)
    return dict(sorted({**document, **categories.document(specification)}.items()))
