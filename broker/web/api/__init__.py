"""The HTTP API: one room a subject, one module a resource."""

from flask import Flask

from broker.web.api import error_test, index, openapi
from broker.web.api.decisions import badges, can_i_deploy, deploy_plan, matrix
from broker.web.api.environments import deployed_versions, environments, released_versions
from broker.web.api.overview import counts, dashboard, network
from broker.web.api.pacticipants import (
    branches,
    integrations,
    labels,
    pacticipants,
    tags,
    version_lists,
    versions,
)
from broker.web.api.pacts import diff, filtered_lists, lists, pacts, provider_states, publish
from broker.web.api.service_contracts import results as service_contract_results
from broker.web.api.service_contracts import service_contracts
from broker.web.api.verifications import latest_results, pacts_to_verify
from broker.web.api.verifications import results as verification_results
from broker.web.api.webhooks import deliveries, secrets, webhooks

BLUEPRINTS = (
    index.blueprint,
    openapi.blueprint,
    pacticipants.blueprint,
    labels.blueprint,
    versions.blueprint,
    version_lists.blueprint,
    branches.blueprint,
    tags.blueprint,
    publish.blueprint,
    pacts.blueprint,
    lists.blueprint,
    filtered_lists.blueprint,
    diff.blueprint,
    provider_states.blueprint,
    pacts_to_verify.blueprint,
    verification_results.blueprint,
    latest_results.blueprint,
    environments.blueprint,
    deployed_versions.blueprint,
    released_versions.blueprint,
    integrations.blueprint,
    network.blueprint,
    dashboard.blueprint,
    counts.blueprint,
    error_test.blueprint,
    matrix.blueprint,
    can_i_deploy.blueprint,
    deploy_plan.blueprint,
    badges.blueprint,
    service_contracts.blueprint,
    service_contract_results.blueprint,
    webhooks.blueprint,
    deliveries.blueprint,
    secrets.blueprint,
)


def register(app: Flask) -> None:
    """Give the application every route of the API."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
