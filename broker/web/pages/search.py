"""The page of the search."""

from urllib.parse import urlencode

from flask import Response, request
from markupsafe import Markup, escape

from broker.domain.errors import ValidationError
from broker.domain.search.entries import Kind
from broker.domain.search.found import Found
from broker.services.search import search as searching
from broker.web.context import links, reading
from broker.web.lagging import may_lag
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table
from broker.web.routes import path, rule

NAMES = {
    Kind.APPLICATION: "applications",
    Kind.INTEGRATION: "integrations",
    Kind.INTERACTION: "interactions",
    Kind.STATE: "states",
    Kind.BRANCH: "branches",
    Kind.VERSION: "versions",
}
LONGEST_STATE = 200
"""A longer one is no filter of the page of a pact."""
KINDS = {name: kind for kind, name in NAMES.items()}


def place(item: Found) -> str:
    """Return the path of what was found: an interaction leads to itself on the page of its pact."""
    if item.kind is Kind.BRANCH:
        return path("branch", pacticipant=item.application, branch=item.title)
    if item.kind is Kind.VERSION:
        return path("version", pacticipant=item.application, version=item.title)
    if item.kind is Kind.APPLICATION or not item.has_pact or item.provider is None:
        return path("pacticipant", pacticipant=item.application)
    pair = {"provider": item.provider, "consumer": item.application}
    if item.on_main and item.main_branch:
        pact = path("latest-branch-pact", **pair, branch=item.main_branch)
    else:
        pact = path("latest-pact", **pair)
    if item.kind is Kind.STATE and len(item.title) <= LONGEST_STATE:
        return f"{pact}?{urlencode({'state': item.title})}"
    # The page is asked for the part of a large pact that has it.
    return f"{pact}?open={item.interaction}#i-{item.interaction}" if item.interaction else pact


def marked(text: str, terms: list[str]) -> Markup:
    """Return a text with the terms of the query marked where it has them as they are written."""
    lower = text.lower()
    if len(lower) != len(text):
        return escape(text)
    is_marked = [False] * len(text)
    for term in terms:
        start = lower.find(term)
        while start >= 0:
            is_marked[start : start + len(term)] = [True] * len(term)
            start = lower.find(term, start + len(term))
    parts, begun = [], 0
    for end in range(1, len(text) + 1):
        if end == len(text) or is_marked[end] != is_marked[begun]:
            part = escape(text[begun:end])
            parts.append(Markup("<mark>{}</mark>").format(part) if is_marked[begun] else part)
            begun = end
    return Markup().join(parts)


def _address(item: Found) -> str:
    return links().base + place(item)


FOUND: Table[Found] = Table(
    "results",
    [
        Column("kind", "", lambda item: NAMES[item.kind]),
        Column("name", "", lambda item: item.name),
        Column("method", "", lambda item: item.method),
        Column("path", "", lambda item: item.path),
        Column("application", "", lambda item: item.application),
        Column("provider", "", lambda item: item.provider),
        Column("url", "", _address),
    ],
)


@blueprint.get(rule("search"))
@may_lag
def search() -> Response:
    """Show what has the words in it."""
    text = request.args.get("q", "").strip()
    kind = _kind()
    with reading() as storage:
        found = searching.search(storage, text, kind, page_number())
    if download := FOUND.download(item for group in found.groups for item in group.part.items):
        return download
    terms = [term for term in text.lower().split() if len(term) > 1]
    return render(
        "search.html",
        found=found,
        names=NAMES,
        place=place,
        marked=lambda name: marked(name, terms),
    )


def _kind() -> Kind | None:
    name = request.args.get("kind")
    if not name:
        return None
    if name not in KINDS:
        raise ValidationError({"kind": [f"must be one of {', '.join(KINDS)}"]})
    return KINDS[name]
