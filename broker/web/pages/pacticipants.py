"""The page of a version."""

from flask import Response

from broker.services.overview import pages
from broker.web.context import reading
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.routes import rule


@blueprint.get(rule("version"))
def version(pacticipant: str, version: str) -> Response:
    """Show a version."""
    with reading() as storage:
        found = pages.version(storage, pacticipant, version)
    return render("version.html", **vars(found))
