"""Results of verifications, which have no page of their own."""

from flask import Response

from broker.web.pages.explorer import show_in_explorer
from broker.web.pages.page import blueprint
from broker.web.routes import rule


@blueprint.get(rule("verification-result"))
@blueprint.get(rule("verification-result-with-metadata"))
@blueprint.get(rule("latest-verification-result"))
def result(**_place: str) -> Response:
    """Show a result in the explorer (reference §2.9)."""
    return show_in_explorer(302)
