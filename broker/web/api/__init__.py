"""The HTTP API: one folder for each subject, one module for each resource."""

from collections.abc import Mapping, Sequence

from flask import Flask

from broker.web.api import error_test, health, index, openapi
from broker.web.api.accounts import accounts, exchange, me, teams, tokens, trusts
from broker.web.api.audit import audit
from broker.web.api.dashboard import dashboard
from broker.web.api.decisions import badges, can_i_deploy, deploy_plan, matrix
from broker.web.api.environments import deployed_versions, environments, released_versions
from broker.web.api.insights import gates
from broker.web.api.overview import counts, network
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
from broker.web.api.scenarios import results as scenario_results
from broker.web.api.service_contracts import comparisons, compatibilities, native_schema, provider_contracts
from broker.web.api.service_contracts import documents as service_contract_documents
from broker.web.api.service_contracts import policies as service_contract_policies
from broker.web.api.service_contracts import publishing as publishing_service_contracts
from broker.web.api.service_contracts import results as service_contract_results
from broker.web.api.usage import usage
from broker.web.api.verifications import failures, latest_results, pacts_to_verify
from broker.web.api.verifications import results as verification_results
from broker.web.api.webhooks import deliveries, secrets, webhooks
from broker.web.description.operation import ApiOperation, Relation

RESOURCES = (
    index.api,
    health.api,
    openapi.api,
    pacticipants.api,
    labels.api,
    versions.api,
    version_lists.api,
    branches.api,
    tags.api,
    publish.api,
    pacts.api,
    lists.api,
    filtered_lists.api,
    diff.api,
    provider_states.api,
    pacts_to_verify.api,
    verification_results.api,
    latest_results.api,
    failures.api,
    environments.api,
    deployed_versions.api,
    released_versions.api,
    integrations.api,
    network.api,
    dashboard.api,
    counts.api,
    error_test.api,
    matrix.api,
    can_i_deploy.api,
    deploy_plan.api,
    badges.api,
    native_schema.api,
    publishing_service_contracts.api,
    service_contract_documents.api,
    provider_contracts.api,
    service_contract_policies.api,
    service_contract_results.api,
    comparisons.api,
    compatibilities.api,
    scenario_results.api,
    usage.api,
    gates.api,
    audit.api,
    webhooks.api,
    deliveries.api,
    secrets.api,
    trusts.api,
    exchange.api,
    me.api,
    accounts.api,
    teams.api,
    tokens.api,
)


OPERATIONS: Mapping[str, ApiOperation] = {
    f"{resource.blueprint.name}.{view}": operation
    for resource in RESOURCES
    for view, operation in resource.operations.items()
}
"""The description of each view, by its endpoint."""
RELATIONS: Sequence[Relation] = [relation for resource in RESOURCES for relation in resource.relations]


def register(app: Flask) -> None:
    """Give the application every route of the API."""
    for resource in RESOURCES:
        app.register_blueprint(resource.blueprint)
