"""Pages of collections: reading the query string, and adding links to the answer (reference §1.7)."""

from typing import Any, overload
from urllib.parse import urlencode

from flask import request

from broker.domain.errors import ValidationError
from broker.domain.pagination import Page, PartOfList
from broker.web.description.parameters import LARGEST_NUMBER
from broker.web.hal import Hal
from broker.web.query_values import whole_number

DEFAULT_SIZE = 100
_FAMILIES = (("page", "size"), ("pageNumber", "pageSize"))
_OURS = [name for family in _FAMILIES for name in family]


@overload
def page(default: Page) -> Page: ...
@overload
def page(default: None = None) -> Page | None: ...
def page(default: Page | None = None) -> Page | None:
    """Return the page that the query string asks for. Raises ValidationError."""
    given = {name: _number(request.args[name]) for name in _OURS if name in request.args}
    errors = {
        name: ["must be an integer greater than or equal to 1"]
        for name, value in given.items()
        if value is None
    }
    if errors:
        raise ValidationError(errors)
    for number, size in _FAMILIES:
        if number in given or size in given:
            return Page(given.get(number) or 1, given.get(size) or DEFAULT_SIZE)
    return default


def search() -> str | None:
    """Return the text that names must contain, or None."""
    return request.args.get("q") or None


def _number(text: str) -> int | None:
    return whole_number(text, least=1, most=LARGEST_NUMBER)


def paged(document: Hal, part: PartOfList[Any], url: str) -> Hal:
    """Return the document with its page number, and the links to itself and the pages before and after.

    *url* is the collection's own; the other parameters of the query stay as they are.
    """
    document = as_asked(document, url)
    if part.page is None:
        return document
    number, size = part.page.number, part.page.size
    neighbours: Hal = {}
    if number < part.pages:
        neighbours["next"] = _link(url, Page(number + 1, size), "Next page")
    if number > 1:
        neighbours["previous"] = _link(url, Page(number - 1, size), "Previous page")
    return {
        **document,
        "page": {
            "number": number,
            "size": size,
            "totalElements": part.total,
            "totalPages": part.pages,
        },
        "_links": {**document["_links"], **neighbours},
    }


def as_asked(document: Hal, url: str) -> Hal:
    """Return the document with a `self` that has the query that was asked, and so leads to the same list."""
    query = urlencode(list(request.args.items(multi=True)))
    itself = {**document["_links"]["self"], "href": f"{url}?{query}" if query else url}
    return {**document, "_links": {**document["_links"], "self": itself}}


def _link(url: str, page: Page, title: str) -> Hal:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in _OURS]
    return {
        "href": f"{url}?{urlencode([*kept, ('size', page.size), ('page', page.number)])}",
        "title": title,
    }
