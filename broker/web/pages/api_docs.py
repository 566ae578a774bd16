"""The description of the API to read: one page for each subject, and one for each schema."""

from itertools import groupby
from operator import itemgetter
from typing import Any

from flask import Response, current_app

from broker.domain.errors import NotFoundError
from broker.domain.names import did_you_mean
from broker.web.context import operations, settings
from broker.web.description import openapi
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import RELEASE, render
from broker.web.routes import rule

OPTIONS = openapi.OPTIONS.lower()  # which all addresses answer alike
_KEPT = "described_api"
Operation = tuple[str, str, dict[str, Any]]
"""Its method, its path, and what is said of it."""


@blueprint.get(rule("api-docs"))
def subjects() -> Response:
    """Show what the API does, by subject."""
    document = described()
    return render("api_docs/index.html", about=document["info"]["description"], subjects=_subjects())


@blueprint.get(rule("api-docs-of-subject"))
def subject(subject: str) -> Response:
    """Show what the API takes and answers about a subject."""
    found = {_slug(tag): (tag, items) for tag, items in _subjects().items()}
    if subject not in found:
        raise NotFoundError(f"The API has no subject '{subject}'{did_you_mean(subject, list(found))}")
    tag, items = found[subject]
    responses = described()["components"]["responses"]
    return render("api_docs/subject.html", tag=tag, items=items, responses=responses, subjects=_subjects())


@blueprint.get(rule("api-docs-schemas"))
def schemas() -> Response:
    """Show the names of the schemas."""
    return render("api_docs/schemas.html", names=sorted(described()["components"]["schemas"]))


@blueprint.get(rule("api-docs-schema"))
def schema(schema: str) -> Response:
    """Show a schema, and what takes or answers it."""
    known = described()["components"]["schemas"]
    if schema not in known:
        raise NotFoundError(f"The API has no schema '{schema}'{did_you_mean(schema, list(known))}")
    users = [
        (tag, item)
        for tag, items in _subjects().items()
        for item in items
        if f"#/components/schemas/{schema}'" in str(item[2])
    ]
    return render("api_docs/schema.html", name=schema, schema=known[schema], users=users)


def described() -> openapi.Document:
    """Return the description of the API, without its address. It is made once: that takes 20 ms."""
    kept: openapi.Document | None = current_app.extensions.get(_KEPT)
    if kept is None:
        kept = openapi.document(current_app.url_map, operations(), settings(), address="", release=RELEASE)
        current_app.extensions[_KEPT] = kept
    return kept


def _subjects() -> dict[str, list[Operation]]:
    found = [
        (operation["tags"][0], method.upper(), path, operation)
        for path, methods in described()["paths"].items()
        for method, operation in methods.items()
        if method != OPTIONS
    ]
    by_tag = groupby(sorted(found, key=itemgetter(0)), key=itemgetter(0))
    return {tag: [item[1:] for item in items] for tag, items in by_tag}


def _slug(tag: str) -> str:
    return tag.replace(" ", "-")
