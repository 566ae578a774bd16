"""The page of the environments."""

from flask import Response

from broker.services.overview import pages
from broker.web.context import reading
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.routes import rule


@blueprint.get(rule("environments"))
def environments() -> Response:
    """Show what is where."""
    with reading() as storage:
        found = pages.environments(storage)
    return render("environments.html", environments=found)
