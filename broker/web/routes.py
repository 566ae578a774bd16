"""Every URL of the broker, by name: views are registered under it and links are made from it.

Names follow the relations of the API. A path has the variables that clients expand (reference §14).
"""

import re
from functools import cache, lru_cache
from urllib.parse import quote

_PACT = "/pacts/provider/{provider}/consumer/{consumer}"
_PACTICIPANT = "/pacticipants/{pacticipant}"
_VERSION = _PACTICIPANT + "/versions/{version}"

PATHS = {
    "index": "/",
    "health-live": "/health/live",
    "health-ready": "/health/ready",
    "heartbeat": "/diagnostic/status/heartbeat",
    "dependencies": "/diagnostic/status/dependencies",
    "openapi": "/openapi.json",
    "api-docs": "/api-docs",
    "api-docs-schemas": "/api-docs/schemas",
    "api-docs-schema": "/api-docs/schemas/{schema}",
    "api-docs-of-subject": "/api-docs/{subject}",
    "hal-browser": "/hal-browser/browser.html",
    "relation": "/doc/{rel}",
    # Accounts
    "me": "/me",
    "accounts": "/accounts",
    "account": "/accounts/{account}",
    "account-roles": "/accounts/{account}/roles",
    "account-tokens": "/accounts/{account}/tokens",
    "account-log-in-link": "/accounts/{account}/log-in-link",
    "teams": "/teams",
    "team": "/teams/{team}",
    "team-member": "/teams/{team}/members/{account}",
    "team-pacticipant": "/teams/{team}/pacticipants/{pacticipant}",
    "team-accounts": "/teams/{team}/accounts",
    "tokens": "/tokens",
    "token": "/tokens/{uuid}",
    # The audit log
    "audit": "/audit",
    "audit-seal": "/audit/seal",
    "audit-seals": "/audit/seals",
    # Pages
    "live": "/live",
    "my-tokens": "/my/tokens",
    "new-token": "/my/tokens/new",
    "revoke-token": "/tokens/{uuid}/revoke",
    "new-account": "/accounts/new",
    "edit-account": "/accounts/{account}/edit",
    "disable-account": "/accounts/{account}/disable",
    "enable-account": "/accounts/{account}/enable",
    "new-log-in-link": "/accounts/{account}/log-in-link/new",
    "new-account-token": "/accounts/{account}/tokens/new",
    "new-team": "/teams/new",
    "edit-team": "/teams/{team}/edit",
    "delete-team": "/teams/{team}/delete",
    "add-team-member": "/teams/{team}/members/new",
    "edit-team-member": "/teams/{team}/members/{account}/edit",
    "own-pacticipant": "/teams/{team}/pacticipants/new",
    "disown-pacticipant": "/teams/{team}/pacticipants/{pacticipant}/disown",
    "new-service-account": "/teams/{team}/accounts/new",
    "new-trust": "/accounts/{account}/trusts/new",
    "remove-trust": "/trusts/{uuid}/remove",
    "log-in": "/log-in",
    "log-in-by-password": "/log-in/password",
    "log-in-by-link": "/log-in/link",
    "log-in-by-provider": "/log-in/{provider}",
    "log-in-answer": "/log-in/{provider}/answer",
    "log-out": "/log-out",
    "my-sessions": "/my/sessions",
    "my-password": "/my/password",
    "settings": "/settings",
    "insights": "/insights",
    "new-gate": "/gates/new",
    "edit-gate": "/gates/{uuid}/edit",
    "delete-gate": "/gates/{uuid}/delete",
    "badges": "/badges",
    "edit-pacticipant": _PACTICIPANT + "/edit",
    "delete-pacticipant": _PACTICIPANT + "/delete",
    "delete-version": _VERSION + "/delete",
    "delete-branch": _PACTICIPANT + "/branches/{branch}/delete",
    "delete-pact": _PACT + "/version/{consumer_version}/delete",
    "delete-integration": "/integrations/provider/{provider}/consumer/{consumer}/delete",
    "edit-service-contract-policy": _PACTICIPANT + "/service-contract-policy/edit",
    "new-environment": "/environments/new",
    "edit-environment": "/environments/{uuid}/edit",
    "delete-environment": "/environments/{uuid}/delete",
    "new-webhook": "/webhooks/new",
    "edit-webhook": "/webhooks/{uuid}/edit",
    "test-webhook": "/webhooks/{uuid}/test",
    "delete-webhook": "/webhooks/{uuid}/delete",
    "search": "/search",
    "new-secret": "/secrets/new",
    "delete-secret": "/secrets/{secret}/delete",
    "application-contracts": _PACTICIPANT + "/contracts",
    "application-deployments": _PACTICIPANT + "/deployments",
    "application-results": _PACTICIPANT + "/results",
    "application-settings": _PACTICIPANT + "/settings",
    # Pacticipants, versions, branches, tags
    "pacticipants": "/pacticipants",
    "pacticipant": _PACTICIPANT,
    "versions": _PACTICIPANT + "/versions",
    "version": _VERSION,
    "latest-version": _PACTICIPANT + "/latest-version",
    "latest-tagged-version": _PACTICIPANT + "/latest-version/{tag}",
    "branch-latest-version": _PACTICIPANT + "/branches/{branch}/latest-version",
    "branch-versions": _PACTICIPANT + "/branches/{branch}/versions",
    "tag-versions": _PACTICIPANT + "/tags/{tag}/versions",
    "environment-versions": _PACTICIPANT + "/environments/{uuid}/versions",
    "branches": _PACTICIPANT + "/branches",
    "branch": _PACTICIPANT + "/branches/{branch}",
    "branch-version": _PACTICIPANT + "/branches/{branch}/versions/{version}",
    "version-tag": _VERSION + "/tags/{tag}",
    # Pacts
    "publish-contracts": "/contracts/publish",
    "pact": _PACT + "/version/{consumer_version}",
    "pact-with-result": _PACT + "/version/{consumer_version}?result={number}",
    "pact-versions-alias": _PACT + "/versions/{consumer_version}",
    "pact-alias": "/pact/provider/{provider}/consumer/{consumer}/version/{consumer_version}",
    "all-pact-versions": _PACT + "/versions",
    "latest-pact": _PACT + "/latest",
    "latest-pact-alias": "/pact/provider/{provider}/consumer/{consumer}/latest",
    "latest-tagged-pact": _PACT + "/latest/{tag}",
    "latest-untagged-pact": _PACT + "/latest-untagged",
    "latest-branch-pact": _PACT + "/branch/{branch}/latest",
    "pact-version": _PACT + "/pact-version/{sha}",
    "pact-version-with-metadata": _PACT + "/pact-version/{sha}/metadata/{metadata}",
    "latest-pacts": "/pacts/latest",
    "latest-provider-pacts": "/pacts/provider/{provider}/latest",
    "latest-provider-pacts-with-tag": "/pacts/provider/{provider}/latest/{tag}",
    "tagged-pact-versions": _PACT + "/tag/{tag}",
    "main-branch-pact-versions": _PACT + "/branch/versions",
    "branch-pact-versions": _PACT + "/branch/{branch}",
    "latest-main-branch-pact-versions": _PACT + "/branch/latest/versions",
    "latest-branch-pact-versions": _PACT + "/branch/{branch}/latest/versions",
    "provider-pacts-with-tag": "/pacts/provider/{provider}/tag/{tag}",
    "provider-pacts-with-main-branch": "/pacts/provider/{provider}/branch",
    "provider-pacts-with-branch": "/pacts/provider/{provider}/branch/{branch}",
    "latest-provider-pacts-with-main-branch": "/pacts/provider/{provider}/branch/latest",
    "latest-provider-pacts-with-branch": "/pacts/provider/{provider}/branch/{branch}/latest",
    "previous-distinct-pact": _PACT + "/version/{consumer_version}/previous-distinct",
    "diff-with-previous-distinct": _PACT + "/version/{consumer_version}/diff/previous-distinct",
    "diff-with-version": _PACT + "/version/{consumer_version}/diff/version/{other_version}",
    "diff-of-contents": _PACT + "/pact-version/{sha}/diff/pact-version/{other_sha}",
    "provider-states": "/pacts/provider/{provider}/provider-states",
    "branch-provider-states": "/pacts/provider/{provider}/provider-states/branch/{branch}",
    "environment-provider-states": "/pacts/provider/{provider}/provider-states/environment/{environment}",
    "provider-pacts": "/pacts/provider/{provider}",
    # Verification
    "pacts-for-verification": "/pacts/provider/{provider}/for-verification",
    "verification-results": _PACT + "/pact-version/{sha}/verification-results",
    "verification-results-with-metadata": _PACT
    + "/pact-version/{sha}/metadata/{metadata}/verification-results",
    "latest-version-verification-result": _PACT + "/version/{consumer_version}/verification-results/latest",
    "latest-pact-verification-result": _PACT + "/latest/verification-results/latest",
    "latest-tagged-pact-verification-result": _PACT + "/latest/{tag}/verification-results/latest",
    "latest-verification-result": _PACT + "/pact-version/{sha}/verification-results/latest",
    "verification-result": _PACT + "/pact-version/{sha}/verification-results/{number}",
    "verification-result-with-metadata": _PACT
    + "/pact-version/{sha}/metadata/{metadata}/verification-results/{number}",
    "result-failures": _PACT + "/pact-version/{sha}/verification-results/{number}/failures",
    "consumer-version-verification-results": (
        "/verification-results/consumer/{consumer}/version/{version}/latest"
    ),
    # Decisions
    "matrix": "/matrix",
    "can-i-deploy": "/can-i-deploy",
    "deploy-plan": "/deploy-plan",
    "matrix-of-pair": "/matrix/provider/{provider}/consumer/{consumer}",
    "can-i-deploy-tag-to-tag": _PACTICIPANT + "/latest-version/{tag}/can-i-deploy/to/{to_tag}",
    "can-i-deploy-branch-to-environment": (
        _PACTICIPANT + "/branches/{branch}/latest-version/can-i-deploy/to-environment/{environment}"
    ),
    "can-i-deploy-to-environment": (
        "/can-i-deploy?pacticipant={pacticipant}&version={version}&environment={environment}"
    ),
    "can-i-deploy-to-tag": "/can-i-deploy?pacticipant={pacticipant}&version={version}&to={tag}",
    # Environments
    "environments": "/environments",
    "environment": "/environments/{uuid}",
    "compare-environments": "/environments/compare",
    "currently-deployed-versions": "/environments/{uuid}/deployed-versions/currently-deployed",
    "currently-supported-versions": "/environments/{uuid}/released-versions/currently-supported",
    "version-deployments": _VERSION + "/deployed-versions/environment/{uuid}",
    "version-releases": _VERSION + "/released-versions/environment/{uuid}",
    "deployed-version": "/deployed-versions/{uuid}",
    "released-version": "/released-versions/{uuid}",
    # Integrations, and what is drawn of them
    "integrations": "/integrations",
    "integration": "/integrations/provider/{provider}/consumer/{consumer}",
    "pacticipant-network": "/pacticipant/{pacticipant}/network",
    "relationships": "/relationships",
    "group": "/groups/{pacticipant}",
    "network": "/network",
    "network-svg": "/network.svg",
    "network-dot": "/network.dot",
    "dashboard": "/dashboard",
    "dashboard-of-pair": "/dashboard/provider/{provider}/consumer/{consumer}",
    "metrics": "/metrics",
    "error-test": "/test/error",
    "latest-pact-badge": _PACT + "/latest/badge",
    "latest-tagged-pact-badge": _PACT + "/latest/{tag}/badge",
    "latest-untagged-pact-badge": _PACT + "/latest-untagged/badge",
    "matrix-badge": (
        "/matrix/provider/{provider}/latest/{provider_tag}/consumer/{consumer}/latest/{tag}/badge"
    ),
    "can-i-deploy-tag-badge": _PACTICIPANT + "/latest-version/{tag}/can-i-deploy/to/{to_tag}/badge",
    "can-i-deploy-branch-badge": (
        _PACTICIPANT + "/branches/{branch}/latest-version/can-i-deploy/to-environment/{environment}/badge"
    ),
    "can-i-merge-badge": _PACTICIPANT + "/main-branch/can-i-merge/badge",
    # Accounts
    "exchange-token": "/tokens/exchange",
    "trusts": "/trusts",
    "test-trusts": "/trusts/test",
    "trust": "/trusts/{uuid}",
    # Quality gates
    "gates": "/gates",
    "gate": "/gates/{uuid}",
    "gate-status": _PACTICIPANT + "/gates",
    # Labels
    "labels": "/labels",
    "pacticipants-with-label": "/pacticipants/label/{label}",
    "pacticipant-label": _PACTICIPANT + "/labels/{label}",
    # Webhooks
    "webhooks": "/webhooks",
    "pact-webhooks": "/webhooks/provider/{provider}/consumer/{consumer}",
    "provider-webhooks": "/webhooks/provider/{provider}",
    "consumer-webhooks": "/webhooks/consumer/{consumer}",
    "pact-webhooks-alias": _PACT + "/webhooks",
    "pact-webhooks-status": _PACT + "/webhooks/status",
    "execute-unsaved-webhook": "/webhooks/execute",
    "webhook": "/webhooks/{uuid}",
    "execute-webhook": "/webhooks/{uuid}/execute",
    "webhook-deliveries": "/webhooks/{uuid}/triggered-webhooks",
    "pact-triggered-webhooks": _PACT + "/version/{consumer_version}/triggered-webhooks",
    "result-triggered-webhooks": _PACT
    + "/pact-version/{sha}/verification-results/{number}/triggered-webhooks",
    "triggered-webhook": "/triggered-webhooks/{uuid}",
    "triggered-webhook-logs": "/triggered-webhooks/{uuid}/logs",
    "redeliver-triggered-webhook": "/triggered-webhooks/{uuid}/redeliver",
    "secrets": "/secrets",
    "secret": "/secrets/{secret}",
    # Service contracts
    "service-contract-schema": "/schemas/service-contract-1.json",
    "publish-service-contract": "/service-contracts/publish",
    "publish-provider-contract": "/provider-contracts/provider/{provider}/publish",
    "publish-provider-contracts": "/provider-contracts/provider/{provider}/publish-contracts",
    "provider-contract": "/contracts/provider/{provider}/version/{version}",
    "service-contract": _VERSION + "/service-contract",
    "service-contract-comparisons": _VERSION + "/service-contract/comparisons",
    "service-contract-compatibilities": _VERSION + "/service-contract/compatibilities",
    "pact-comparisons": _PACT + "/pact-version/{sha}/comparisons",
    "service-contract-documents": _VERSION + "/service-contracts",
    "service-contract-document": _VERSION + "/service-contracts/{document}",
    "usage": _PACTICIPANT + "/usage",
    "unused-places": _PACTICIPANT + "/unused-places",
    "service-contract-policy": _PACTICIPANT + "/service-contract-policy",
    "service-contract-content": _PACTICIPANT + "/service-contracts/{sha}",
    "compatibility": _PACTICIPANT + "/service-contracts/{sha}/compatibility/{other_sha}",
    "service-contract-results": _PACTICIPANT + "/service-contracts/{sha}/verification-results",
    "latest-service-contract-result": _PACTICIPANT + "/service-contracts/{sha}/verification-results/latest",
    "publish-scenario-results": "/scenario-results",
    "scenario-result": "/scenario-results/{number}",
    "scenario-results": _VERSION + "/scenario-results",
    "service-contract-result": _PACTICIPANT + "/service-contracts/{sha}/verification-results/{number}",
    "comparison": _PACT + "/pact-version/{sha}/comparisons/{number}",
    # Pages
    "interaction-history": _PACT + "/interactions/{interaction}/history",
}

# How clients know a variable, where Python's name differs (reference §4.1, §14).
_CLIENT_NAMES = {
    "consumer_version": "consumerApplicationVersion",
    "to_tag": "environmentTag",
    "other_sha": "pactVersion",
}
_VARIABLE = re.compile(r"\{(\w+)\}")
_SEGMENT = re.compile(r"<(?:segment|identifier):(\w+)>")
# Variables that are no names: none of them can have a dot in it.
_IDENTIFIERS = {"uuid", "sha", "other_sha", "number", "metadata"}


@cache
def rule(name: str) -> str:
    """Return the path in the form that Flask routes by; a segment may hold an encoded slash."""
    return _VARIABLE.sub(_typed, PATHS[name])


def _typed(match: re.Match[str]) -> str:
    kind = "identifier" if match[1] in _IDENTIFIERS else "segment"
    return f"<{kind}:{match[1]}>"


@lru_cache(maxsize=8192)
def path(name: str, **values: str) -> str:
    """Return the path with every value percent-encoded (reference §1.1)."""
    return PATHS[name].format_map({key: _quoted(value) for key, value in values.items()})


@lru_cache(maxsize=4096)
def _quoted(value: str) -> str:
    # An answer with many links has the same few names in all of them.
    return quote(value, safe="")


@lru_cache(maxsize=2048)
def template(name: str, **values: str) -> str:
    """Return the path with the given values, and the other variables left for the client to expand."""

    def expand(match: re.Match[str]) -> str:
        variable = match[1]
        if variable in values:
            return _quoted(values[variable])
        return "{" + client_name(variable) + "}"

    return _VARIABLE.sub(expand, PATHS[name])


def client_name(variable: str) -> str:
    """Return how clients know a variable of a path."""
    return _CLIENT_NAMES.get(variable, variable)


def template_of(rule: str) -> str:
    """Return the path of a rule, with its variables as clients know them."""
    return _SEGMENT.sub(lambda match: "{" + client_name(match[1]) + "}", rule)
