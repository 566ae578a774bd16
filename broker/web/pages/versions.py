"""The page of a version."""

from flask import Response

from broker.services.decisions import version_page
from broker.web.context import reading, settings
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.routes import rule


@blueprint.get(rule("version"))
def version(pacticipant: str, version: str) -> Response:
    """Show whether a version can go anywhere, where it is, and what it has to do with others."""
    with reading() as storage:
        found = version_page.version(
            storage,
            pacticipant,
            version,
            every_version_counts=settings().unverified_in_environment_is_unknown,
        )
    return render("version.html", page=found, version=found.version, lists=found.lists)
