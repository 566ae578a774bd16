"""HTML over the same services as the API."""

from flask import Blueprint

from broker.web.routes import rule

blueprint = Blueprint("pages", __name__, template_folder="templates")
static = Blueprint("static", __name__, static_folder="static", static_url_path="/static")


@blueprint.get(rule("index"))
def index() -> str:
    """Show what depends on what."""
    return "<!doctype html><title>Tallystick</title>"
