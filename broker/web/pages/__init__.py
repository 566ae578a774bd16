"""HTML over the same services as the API: one module for each subject."""

from flask import Blueprint, Flask, Response

from broker.web.pages import environments, explorer, overview, pacticipants, pacts, verifications, webhooks
from broker.web.pages.page import blueprint
from broker.web.paths import PAGES

SUBJECTS = (overview, pacticipants, environments, webhooks, pacts, verifications)
"""Each has added its views to the blueprint when it was imported."""
static = Blueprint("static", __name__, static_folder="static", static_url_path="/static")


@static.get("/favicon.ico")
def icon() -> Response:
    """Show the icon that browsers ask for by this name, whatever a page links to."""
    return static.send_static_file("favicon.ico")


def register(app: Flask) -> None:
    """Give the application every page, the files that pages load, and the explorer of the API."""
    app.register_blueprint(blueprint, url_prefix=PAGES)
    app.register_blueprint(static)
    app.register_blueprint(explorer.blueprint)
