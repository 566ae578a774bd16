"""The paths that an import and an export use, of the Pact Broker's API above all (reference §2).

A client follows links; but no link leads to the lists that a copy is made from, on brokers of any age.
"""

from urllib.parse import quote

_PACTICIPANT = "/pacticipants/{pacticipant}"
_VERSION = _PACTICIPANT + "/versions/{version}"
_PAIR = "/pacts/provider/{provider}/consumer/{consumer}"

PATHS = {
    "metrics": "/metrics",
    "matrix": "/matrix",
    "pacticipants": "/pacticipants",
    "pacticipant": _PACTICIPANT,
    "label": _PACTICIPANT + "/labels/{label}",
    "latest-version": _PACTICIPANT + "/latest-version",
    "branches": _PACTICIPANT + "/branches",
    "branch-latest-version": _PACTICIPANT + "/branches/{branch}/latest-version",
    "branch-version": _PACTICIPANT + "/branches/{branch}/versions/{version}",
    "versions": _PACTICIPANT + "/versions",
    "version": _VERSION,
    "tag": _VERSION + "/tags/{tag}",
    "environment-versions": _PACTICIPANT + "/environments/{environment}/versions",
    "deployments": _VERSION + "/deployed-versions/environment/{environment}",
    "releases": _VERSION + "/released-versions/environment/{environment}",
    "integrations": "/integrations",
    "latest-pacts": "/pacts/latest",
    "pacts": _PAIR + "/versions",
    "pact": _PAIR + "/version/{version}",
    "results": _PAIR + "/pact-version/{sha}/verification-results",
    "result": _PAIR + "/pact-version/{sha}/verification-results/{number}",
    "environments": "/environments",
    "environment": "/environments/{uuid}",
    "currently-deployed": "/environments/{environment}/deployed-versions/currently-deployed",
    "currently-supported": "/environments/{environment}/released-versions/currently-supported",
    "webhooks": "/webhooks",
    "webhook": "/webhooks/{uuid}",
    # What only a Tallystick has.
    "publish-service-contract": "/service-contracts/publish",
    "service-contracts": _VERSION + "/service-contracts",
    "service-contract": _PACTICIPANT + "/service-contracts/{sha}",
    "service-contract-results": _PACTICIPANT + "/service-contracts/{sha}/verification-results",
    "latest-service-contract-result": _PACTICIPANT + "/service-contracts/{sha}/verification-results/latest",
    "service-contract-policy": _PACTICIPANT + "/service-contract-policy",
    "scenario-results": _VERSION + "/scenario-results",
    "scenario-result": "/scenario-results/{number}",
    "publish-scenario-results": "/scenario-results",
    "gates": "/gates",
    "teams": "/teams",
    "team": "/teams/{team}",
    "team-pacticipant": "/teams/{team}/pacticipants/{pacticipant}",
    "team-accounts": "/teams/{team}/accounts",
    "accounts": "/accounts",
    "account": "/accounts/{account}",
    "account-roles": "/accounts/{account}/roles",
}


def path(name: str, **values: str) -> str:
    """Return the path with every value percent-encoded (reference §1.1)."""
    return PATHS[name].format_map({key: quote(value, safe="") for key, value in values.items()})
