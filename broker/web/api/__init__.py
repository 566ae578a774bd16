"""The HTTP API, one module per resource."""

from flask import Flask

from broker.web.api import (
    badges,
    branches,
    can_i_deploy,
    contracts,
    dashboard,
    deployed_versions,
    environments,
    error_test,
    filtered_pact_lists,
    index,
    integrations,
    labels,
    latest_results,
    matrix,
    metrics,
    network,
    openapi,
    pact_differences,
    pact_lists,
    pacticipants,
    pacts,
    pacts_for_verification,
    provider_states,
    released_versions,
    service_contract_results,
    service_contracts,
    tags,
    verification_results,
    version_lists,
    versions,
)

BLUEPRINTS = (
    index.blueprint,
    openapi.blueprint,
    pacticipants.blueprint,
    labels.blueprint,
    versions.blueprint,
    version_lists.blueprint,
    branches.blueprint,
    tags.blueprint,
    contracts.blueprint,
    pacts.blueprint,
    pact_lists.blueprint,
    filtered_pact_lists.blueprint,
    pact_differences.blueprint,
    provider_states.blueprint,
    pacts_for_verification.blueprint,
    verification_results.blueprint,
    latest_results.blueprint,
    environments.blueprint,
    deployed_versions.blueprint,
    released_versions.blueprint,
    integrations.blueprint,
    network.blueprint,
    dashboard.blueprint,
    metrics.blueprint,
    error_test.blueprint,
    matrix.blueprint,
    can_i_deploy.blueprint,
    badges.blueprint,
    service_contracts.blueprint,
    service_contract_results.blueprint,
)


def register(app: Flask) -> None:
    """Give the application every route of the API."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
