"""The first page: what depends on what."""

from flask import Response, request

from broker.services.overview import pages
from broker.web.context import reading
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import render
from broker.web.routes import rule


@blueprint.get(rule("index"))
def index() -> Response:
    """Show what depends on what."""
    search = request.args.get("search", "").strip()
    with reading() as storage:
        found = pages.front_page(storage, search, page_number())
    return render("index.html", search=search, **vars(found))
