"""The HTTP API, one module per resource."""

from flask import Flask

from broker.web.api import environments, index, pacticipants

BLUEPRINTS = (index.blueprint, pacticipants.blueprint, environments.blueprint)


def register(app: Flask) -> None:
    """Give the application every route of the API."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
