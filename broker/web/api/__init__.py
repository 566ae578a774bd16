"""The HTTP API, one module per resource."""

from flask import Flask

from broker.web.api import (
    environments,
    index,
    pacticipants,
    pacts_for_verification,
    service_contract_results,
    service_contracts,
    verification_results,
)

BLUEPRINTS = (
    index.blueprint,
    pacticipants.blueprint,
    pacts_for_verification.blueprint,
    verification_results.blueprint,
    environments.blueprint,
    service_contracts.blueprint,
    service_contract_results.blueprint,
)


def register(app: Flask) -> None:
    """Give the application every route of the API."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
