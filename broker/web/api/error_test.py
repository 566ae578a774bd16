"""An error on purpose, to see that errors reach the log and whoever watches it (reference §2.8)."""

from typing import NoReturn

from flask import Blueprint

from broker.web.routes import rule

blueprint = Blueprint("error_test", __name__)


@blueprint.route(rule("error-test"), methods=["GET", "POST"])
def fail() -> NoReturn:
    """Fail."""
    raise RuntimeError("This error was asked for: do not worry")
