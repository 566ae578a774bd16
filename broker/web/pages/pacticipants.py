"""Pages of an application, and of a version of it."""

from flask import Response

from broker.services.overview import pages
from broker.web.context import reading
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.routes import rule


@blueprint.get(rule("pacticipant"))
def pacticipant(pacticipant: str) -> Response:
    """Show an application."""
    with reading() as storage:
        found = pages.pacticipant(storage, pacticipant)
    return render("pacticipant.html", **vars(found))


@blueprint.get(rule("version"))
def version(pacticipant: str, version: str) -> Response:
    """Show a version."""
    with reading() as storage:
        found = pages.version(storage, pacticipant, version)
    return render("version.html", **vars(found))
