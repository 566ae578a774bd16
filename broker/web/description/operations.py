"""What each view takes and answers: all that its route and its docstring do not tell."""

from dataclasses import dataclass, replace

from broker.web.description.parameters import PAGE, SELECTORS
from broker.web.hal import EXTENDED

HAL = "application/hal+json"
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
PLAIN = "text/plain"


@dataclass(frozen=True)
class Operation:
    """What a view takes and answers; schemas are named."""

    answer: str | None = None
    """Schema of the body when all is well; None for no body."""
    statuses: tuple[int, ...] = (200,)
    """What the view answers with that body when all is well."""
    body: str | None = None
    """Schema of what the view takes."""
    body_types: tuple[str, ...] = (JSON,)
    body_required: bool = True
    query: tuple[str, ...] = ()
    types: tuple[str, ...] = (HAL,)
    """Content types of the answer. A text needs no schema."""
    refuses: tuple[int, ...] = ()
    """Statuses of refusals that only some views give: 403, 404, 409, 422."""
    also: tuple[tuple[int, str | None], ...] = ()
    """Other statuses, with the schemas of their bodies; None for no body."""


def _shows(answer: str, *query: str) -> Operation:
    return Operation(answer, query=query)


_DELETES = Operation(statuses=(204,))
_PUTS = Operation(statuses=(200, 201), body="Ignored", refuses=(409,))
_ONE_PACT = Operation("Pact", types=(HAL, JSON, EXTENDED))
_ONE_RESULT = Operation("VerificationResult", types=(HAL, EXTENDED))
_PUBLISHES_PACT = Operation("Pact", (200, 201), "NewPact", types=(HAL, JSON), refuses=(409,))
_DIFFERENCE = Operation(types=(PLAIN,))
_BADGE = Operation(query=("label",), types=("image/svg+xml",), also=((307, None),))
_BADGE_OF_PACT = replace(_BADGE, query=("label", "initials"))
_DECIDES = Operation("Matrix", types=(HAL, PLAIN))
_PAIR, _OF_PROVIDER = _shows("PactsOfPair"), _shows("PactsOfProvider")

OPERATIONS: dict[str, Operation] = {
    "index.show": _shows("Index"),
    "index.heartbeat": _shows("Heartbeat"),
    "index.dependencies": Operation("Dependencies", also=((500, "Dependencies"),)),
    "openapi.show": Operation("OpenAPI", types=(JSON,)),
    "pacticipants.index": _shows("Pacticipants", "q", *PAGE),
    "pacticipants.create": Operation("Pacticipant", (201,), "NewPacticipant", refuses=(409,)),
    "pacticipants.show": _shows("Pacticipant"),
    "pacticipants.replace": Operation("Pacticipant", body="PacticipantDescription"),
    "pacticipants.update": Operation(
        "Pacticipant", (200, 201), "PacticipantDescription", (JSON, MERGE_PATCH), refuses=(409,)
    ),
    "pacticipants.delete": _DELETES,
    "labels.index": _shows("Labels", *PAGE),
    "labels.pacticipants_with": _shows("Pacticipants", "q", *PAGE),
    "labels.add": replace(_PUTS, answer="Label"),
    "labels.show": _shows("Label"),
    "labels.delete": _DELETES,
    "versions.show": _shows("Version"),
    "versions.latest": _shows("Version"),
    "versions.latest_tagged": _shows("Version"),
    "versions.latest_of_branch": _shows("Version"),
    "versions.replace": Operation("Version", (200, 201), "VersionDescription", refuses=(409,)),
    "versions.update": Operation("Version", (200, 201), "VersionDescription", (MERGE_PATCH,), refuses=(409,)),
    "versions.delete": _DELETES,
    "version_lists.index": _shows("Versions", *PAGE),
    "version_lists.on_branch": _shows("Versions", *PAGE),
    "version_lists.with_tag": _shows("Versions", *PAGE),
    "version_lists.in_environment": _shows("Versions", *PAGE),
    "branches.index": _shows("Branches", "q", *PAGE),
    "branches.delete_others": Operation("Notices", (202,), query=("exclude[]",)),
    "branches.show": _shows("Branch"),
    "branches.delete": _DELETES,
    "branches.add_version": replace(_PUTS, answer="BranchVersion"),
    "branches.show_version": _shows("BranchVersion"),
    "branches.take_off_version": _DELETES,
    "tags.add": replace(_PUTS, answer="Tag"),
    "tags.show": _shows("Tag"),
    "tags.delete": _DELETES,
    "contracts.publish": Operation("PublishedContracts", body="NewContracts", refuses=(409,)),
    "pacts.publish": _PUBLISHES_PACT,
    "pacts.merge": _PUBLISHES_PACT,
    "pacts.delete": _shows("DeletedPact"),
    "pacts.show": _ONE_PACT,
    "pacts.show_content": _ONE_PACT,
    "pacts.show_latest": _ONE_PACT,
    "pacts.show_latest_tagged": _ONE_PACT,
    "pacts.show_latest_untagged": _ONE_PACT,
    "pacts.show_latest_on_branch": _ONE_PACT,
    "pact_lists.between": _PAIR,
    "pact_lists.latest": _shows("LatestPacts"),
    "pact_lists.of_provider": _OF_PROVIDER,
    "pact_lists.latest_of_provider": _OF_PROVIDER,
    "pact_lists.latest_of_provider_with_tag": _OF_PROVIDER,
    "filtered_pact_lists.delete-all-pact-versions": _DELETES,
    "filtered_pact_lists.tagged-pact-versions": _PAIR,
    "filtered_pact_lists.delete-tagged-pact-versions": _shows("DeletedPact"),
    "filtered_pact_lists.branch-pact-versions": _PAIR,
    "filtered_pact_lists.delete-branch-pact-versions": _shows("DeletedPact"),
    "filtered_pact_lists.latest-branch-pact-versions": _PAIR,
    "filtered_pact_lists.delete-latest-branch-pact-versions": _shows("DeletedPact"),
    "filtered_pact_lists.main-branch-pact-versions": _PAIR,
    "filtered_pact_lists.delete-main-branch-pact-versions": _shows("DeletedPact"),
    "filtered_pact_lists.latest-main-branch-pact-versions": _PAIR,
    "filtered_pact_lists.delete-latest-main-branch-pact-versions": _shows("DeletedPact"),
    "filtered_pact_lists.provider-pacts-with-tag": _OF_PROVIDER,
    "filtered_pact_lists.provider-pacts-with-branch": _OF_PROVIDER,
    "filtered_pact_lists.latest-provider-pacts-with-branch": _OF_PROVIDER,
    "filtered_pact_lists.provider-pacts-with-main-branch": _OF_PROVIDER,
    "filtered_pact_lists.latest-provider-pacts-with-main-branch": _OF_PROVIDER,
    "pact_differences.previous": _ONE_PACT,
    "pact_differences.since_previous": _DIFFERENCE,
    "pact_differences.since_version": _DIFFERENCE,
    "pact_differences.between_contents": _DIFFERENCE,
    "provider_states.on_main_branches": _shows("ProviderStates"),
    "provider_states.on_branch": _shows("ProviderStates"),
    "provider_states.in_environment": _shows("ProviderStates"),
    "pacts_for_verification.ask": Operation("PactsToVerify", body="PactsQuery", body_required=False),
    "pacts_for_verification.ask_by_query": _shows(
        "PactsToVerify",
        *(f"consumer_version_selectors[][{name}]" for name in ("tag", "latest", "fallback_tag", "consumer")),
        "provider_version_tags[]",
        "include_pending_status",
        "include_wip_pacts_since",
    ),
    "verification_results.publish": Operation(
        "VerificationResult", (201,), "NewVerificationResult", also=((202, "WaitingForParts"),)
    ),
    "verification_results.latest": _ONE_RESULT,
    "verification_results.show": _ONE_RESULT,
    "latest_results.of_version": _ONE_RESULT,
    "latest_results.of_latest": _ONE_RESULT,
    "latest_results.delete": _DELETES,
    "latest_results.delete_latest_of_content": _DELETES,
    "latest_results.delete_of_version": _DELETES,
    "latest_results.delete_of_latest": _DELETES,
    "verification_results.of_consumer_version": _shows("VerificationResults"),
    "environments.index": _shows("Environments", "name"),
    "environments.create": Operation("Environment", (201,), "EnvironmentDescription"),
    "environments.show": _shows("Environment"),
    "environments.replace": Operation("Environment", body="EnvironmentDescription"),
    "environments.delete": _DELETES,
    "deployed_versions.record": Operation("DeployedVersion", (201,), "Deployment", body_required=False),
    "deployed_versions.of_version": _shows("DeployedVersions"),
    "deployed_versions.current": _shows("DeployedVersions", "pacticipant", "applicationInstance", "target"),
    "deployed_versions.show": _shows("DeployedVersion"),
    "deployed_versions.change": Operation("DeployedVersion", body="Undeployment", body_types=(MERGE_PATCH,)),
    "released_versions.record": Operation("ReleasedVersion", (200, 201), "Ignored", body_required=False),
    "released_versions.of_version": _shows("ReleasedVersions"),
    "released_versions.supported": _shows("ReleasedVersions", "pacticipant", "version"),
    "released_versions.show": _shows("ReleasedVersion"),
    "released_versions.change": Operation("ReleasedVersion", body="EndOfSupport", body_types=(MERGE_PATCH,)),
    "integrations.index": Operation("Integrations", types=(HAL, "text/vnd.graphviz"), query=("q", *PAGE)),
    "integrations.delete_all": replace(_DELETES, refuses=(403,)),
    "integrations.delete": _DELETES,
    "network.relationships": Operation(types=("text/csv",)),
    "network.connected": Operation(types=("text/csv",), query=("maxPacticipants",)),
    "dashboard.index": Operation("Dashboard", types=(HAL, PLAIN), query=PAGE),
    "dashboard.of_pair": Operation("Dashboard", types=(HAL, PLAIN)),
    "metrics.show": Operation("Metrics", types=(HAL, PLAIN)),
    "error_test.fail": Operation("Error", (500,)),
    "matrix.show": replace(
        _DECIDES,
        query=(
            *SELECTORS,
            *("latestby", "success[]", "limit", "tag", "environment", "mainBranch", "latest", "wait", "at"),
        ),
    ),
    "matrix.of_pair": _DECIDES,
    "can_i_deploy.show": replace(
        _DECIDES,
        query=(
            *("pacticipant", "version", "environment", "to", "ignore[]", "ignore[][pacticipant]"),
            *("wait", "at"),
        ),
    ),
    "can_i_deploy.tag_to_tag": _DECIDES,
    "deploy_plan.show": _shows("DeployPlan", "q[][pacticipant]", "q[][version]", "environment", "at"),
    "can_i_deploy.branch_to_environment": _DECIDES,
    "badges.latest_pact": _BADGE_OF_PACT,
    "badges.latest_tagged_pact": _BADGE_OF_PACT,
    "badges.latest_untagged_pact": _BADGE_OF_PACT,
    "badges.tagged_versions": _BADGE_OF_PACT,
    "badges.tag_to_tag": _BADGE,
    "badges.branch_to_environment": _BADGE,
    "badges.merging": replace(_BADGE, query=()),
    "webhooks.index": _shows("Webhooks"),
    "webhooks.of_pact": _shows("Webhooks"),
    "webhooks.of_provider": _shows("Webhooks"),
    "webhooks.of_consumer": _shows("Webhooks"),
    "webhooks.create": Operation("Webhook", (201,), "NewWebhook"),
    "webhooks.show": _shows("Webhook"),
    "webhooks.replace": Operation("Webhook", (200, 201), "NewWebhook"),
    "webhooks.delete": _DELETES,
    "webhooks.execute": _shows("ExecutedWebhook", "dryRun"),
    "webhooks.execute_unsaved": Operation("ExecutedWebhook", body="NewWebhook", query=("dryRun",)),
    "triggered_webhooks.of_pact": _shows("TriggeredWebhooks"),
    "triggered_webhooks.of_result": _shows("TriggeredWebhooks"),
    "triggered_webhooks.of_webhook": _shows("TriggeredWebhooks"),
    "triggered_webhooks.status": _shows("TriggeredWebhooks"),
    "triggered_webhooks.show": _shows("TriggeredWebhook"),
    "triggered_webhooks.redeliver": replace(_shows("TriggeredWebhook"), refuses=(409,)),
    "triggered_webhooks.logs": Operation("WebhookLogs", types=(HAL, PLAIN)),
    "secrets.index": _shows("Secrets"),
    "secrets.show": _shows("Secret"),
    "secrets.put": Operation("Secret", (200, 201), "NewSecret"),
    "secrets.delete": _DELETES,
    "service_contracts.publish": Operation(
        "PublishedServiceContract", body="NewServiceContract", refuses=(409,)
    ),
    "service_contracts.show": _shows("ServiceContract"),
    "service_contracts.show_content": _shows("ServiceContract"),
    "service_contract_results.publish": Operation("VerificationResult", (201,), "NewServiceContractResult"),
    "service_contract_results.show_latest": _shows("VerificationResult"),
    "service_contract_results.show": _shows("VerificationResult"),
}
