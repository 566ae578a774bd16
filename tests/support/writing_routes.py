"""One request for every route that writes, and what shows that it wrote the names that it was sent."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from support.contract_documents import an_openapi
from support.difficult_names import Names
from support.difficult_world import the_pact
from support.factories import a_publication, a_verification_result

MERGE_PATCH = "application/merge-patch+json"


@dataclass(frozen=True)
class Shows:
    """A document has this: *where* is a path of keys and positions, such as "_embedded.tags.0.name".

    The document is the one at this route, or at "", where the header Location says.
    """

    route: str
    where: str
    value: str
    """Which of the names it is."""


@dataclass(frozen=True)
class Gone:
    """Nothing is at this route any more."""

    route: str


@dataclass(frozen=True)
class Write:
    """A request, and what has to be true after it. *before* are requests that it needs, in the same form."""

    method: str
    route: str
    body: Callable[[Names], Any] = lambda _: {}
    after: Shows | Gone | None = None
    before: "tuple[Write, ...]" = ()
    content_type: str = "application/json"
    query: str = ""
    may_be_refused: bool = False
    """With 422: a delivery that is still to be sent cannot be sent again."""


def _publication(names: Names) -> Any:
    return a_publication(the_pact(names), version=names.version, branch=names.branch, tags=[names.tag])


def _gate(names: Names) -> Any:
    return {"metric": "success_rate", "threshold": 90, "pacticipantName": names.provider}


def _service_contract(names: Names) -> Any:
    return {
        "pacticipantName": names.consumer,
        "pacticipantVersionNumber": names.version,
        "content": an_openapi(),
        "branch": names.branch,
        "tags": [names.tag],
    }


def _provider_contract(names: Names) -> Any:
    content = base64.b64encode(json.dumps(an_openapi()).encode()).decode()
    return {
        "pacticipantVersionNumber": names.version,
        "branch": names.branch,
        "tags": [names.tag],
        "contract": {"content": content, "contentType": "application/json", "specification": "oas"},
    }


def _provider_contracts(names: Names) -> Any:
    body = _provider_contract(names)
    return {**body, "contracts": [body.pop("contract")]}


def _result(names: Names) -> Any:
    return a_verification_result(names.version)


def _webhook(names: Names) -> Any:
    return {
        "description": names.shown,
        "events": [{"name": "contract_published"}],
        "request": {"method": "POST", "url": "https://ci.example.org/", "body": {"a": names.shown}},
    }


def _environment(names: Names) -> Any:
    return {"name": names.environment, "displayName": names.shown, "production": True}


def _another_environment(names: Names) -> Any:
    return {"name": f"{names.environment[1:]}2", "displayName": names.shown, "production": False}


def _instance(names: Names) -> Any:
    return {"applicationInstance": names.instance}


PACT_NAMES = Shows("pact", "_links.pb:consumer-version.name", "version")
PUBLISH = Write("PUT", "pact", the_pact, PACT_NAMES)
RESULT = Write("POST", "verification-results", _result)
NO_PACT = Gone("pact")
_RESULTS = (
    "verification-result",
    "verification-result-with-metadata",
    "latest-verification-result",
    "latest-version-verification-result",
    "latest-pact-verification-result",
    "latest-tagged-pact-verification-result",
)
_LISTS = (
    "all-pact-versions",
    "tagged-pact-versions",
    "branch-pact-versions",
    "latest-branch-pact-versions",
)
_WEBHOOKS = {
    "webhooks": None,
    "pact-webhooks": Shows("pact-webhooks", "_links.pb:webhooks.0.name", "shown"),
    "pact-webhooks-alias": Shows("pact-webhooks-alias", "_links.pb:webhooks.0.name", "shown"),
    "provider-webhooks": Shows("provider-webhooks", "_links.pb:webhooks.0.name", "shown"),
    "consumer-webhooks": Shows("consumer-webhooks", "_links.pb:webhooks.0.name", "shown"),
}

_DESCRIBING = (
    Write("POST", "pacticipants", lambda n: {"name": n.consumer}, Shows("pacticipant", "name", "consumer")),
    Write(
        "PUT",
        "pacticipant",
        lambda n: {"displayName": n.shown},
        Shows("pacticipant", "displayName", "shown"),
    ),
    Write(
        "PATCH",
        "pacticipant",
        lambda n: {"repositoryName": n.shown},
        Shows("pacticipant", "repositoryName", "shown"),
    ),
    Write("PUT", "pacticipant-label", after=Shows("pacticipant-label", "name", "label")),
    Write("DELETE", "pacticipant-label", after=Gone("pacticipant-label")),
    Write(
        "PUT",
        "version",
        lambda n: {"tags": [{"name": n.tag}], "buildUrl": n.build_url},
        Shows("version", "_embedded.tags.0.name", "tag"),
    ),
    Write(
        "PATCH",
        "version",
        lambda n: {"buildUrl": n.build_url},
        Shows("version", "buildUrl", "build_url"),
        content_type=MERGE_PATCH,
    ),
    Write("PUT", "version-tag", after=Shows("version-tag", "name", "tag")),
    Write("DELETE", "version-tag", after=Gone("version-tag")),
    Write("PUT", "branch-version", after=Shows("branch", "name", "branch")),
    Write("DELETE", "branch-version", after=Gone("branch-version")),
    Write("DELETE", "branch", after=Gone("branch"), before=(Write("PUT", "branch-version"),)),
    Write("DELETE", "branches", after=Gone("branch"), before=(Write("PUT", "branch-version"),)),
)
_CONTRACTS = (
    Write("POST", "publish-contracts", _publication, Shows("version", "_embedded.branches.0.name", "branch")),
    Write("PATCH", "pact", the_pact, PACT_NAMES),
    Write("DELETE", "pact", after=NO_PACT),
    Write("PUT", "pact-alias", the_pact, PACT_NAMES),
    Write("PATCH", "pact-alias", the_pact, PACT_NAMES),
    Write("DELETE", "pact-alias", after=NO_PACT),
    Write("PUT", "pact-versions-alias", the_pact, PACT_NAMES),
    Write("PATCH", "pact-versions-alias", the_pact, PACT_NAMES),
    Write("DELETE", "pact-versions-alias", after=NO_PACT),
    *(Write("DELETE", route, after=NO_PACT, before=(PUBLISH,)) for route in _LISTS),
    Write("DELETE", "main-branch-pact-versions"),  # which no branch is whose name has a space
    Write("DELETE", "latest-main-branch-pact-versions"),
    PUBLISH,
    Write("POST", "pacts-for-verification"),
    Write("POST", "service-contract-results", _result),
    Write(
        "POST",
        "publish-service-contract",
        _service_contract,
        Shows("service-contract", "pacticipantVersionNumber", "version"),
    ),
)
_SCENARIO_RESULT = Write(
    "POST",
    "publish-scenario-results",
    lambda n: {
        "title": n.shown,
        "success": True,
        "durationMs": 5,
        "participants": [{"pacticipantName": n.consumer, "pacticipantVersionNumber": n.version}],
    },
    Shows("scenario-results", "_embedded.scenarioResults.0.title", "shown"),
)
_PROVIDER_CONTRACTS = (
    _SCENARIO_RESULT,
    Write(
        "POST",
        "publish-provider-contract",
        _provider_contract,
        Shows("service-contract", "pacticipantVersionNumber", "version"),
    ),
    Write(
        "POST",
        "publish-provider-contracts",
        _provider_contracts,
        Shows("service-contract", "pacticipantVersionNumber", "version"),
    ),
    Write(
        "PUT",
        "provider-contract",
        lambda n: {**_provider_contract(n)["contract"], "contractType": "oas"},
        Shows("service-contract", "pacticipantVersionNumber", "version"),
    ),
    Write(
        "PUT",
        "service-contract-policy",
        lambda n: {"mode": "full", "documents": [{"name": n.shown, "mode": "none"}]},
        Shows("service-contract-policy", "documents.0.name", "shown"),
    ),
    Write("DELETE", "service-contract-policy"),
)
_RESULTING = (
    RESULT,
    Write(
        "POST",
        "verification-results-with-metadata",
        _result,
        Shows("latest-verification-result", "providerApplicationVersion", "version"),
    ),
    *(Write("DELETE", route, after=Gone("verification-result"), before=(RESULT,)) for route in _RESULTS),
)
_PLACES = (
    Write(
        "POST",
        "environments",
        _another_environment,
        Shows("", "displayName", "shown"),
    ),
    Write("PUT", "environment", _environment, Shows("environment", "displayName", "shown")),
    Write(
        "POST",
        "version-deployments",
        _instance,
        Shows("version-deployments", "_embedded.deployedVersions.0.applicationInstance", "instance"),
    ),
    Write(
        "POST", "version-releases", after=Shows("version", "_links.pb:released-environments.0.name", "shown")
    ),
    Write(
        "PATCH",
        "deployed-version",
        lambda _: {"currentlyDeployed": False},
        Shows("deployed-version", "applicationInstance", "instance"),
        content_type=MERGE_PATCH,
    ),
    Write(
        "PATCH",
        "released-version",
        lambda _: {"currentlySupported": False},
        Shows("released-version", "_embedded.environment.displayName", "shown"),
        content_type=MERGE_PATCH,
    ),
)
_HOOKS = (
    *(Write("POST", route, _webhook, after) for route, after in _WEBHOOKS.items()),
    Write("PUT", "webhook", _webhook, Shows("webhook", "description", "shown")),
    Write("POST", "execute-webhook", query="?dryRun=true"),
    Write("POST", "execute-unsaved-webhook", _webhook, query="?dryRun=true"),
    Write("POST", "redeliver-triggered-webhook", may_be_refused=True),
    Write("DELETE", "webhook", after=Gone("webhook")),
    Write(
        "PUT",
        "secret",
        lambda n: {"value": n.shown, "description": n.shown},
        Shows("secret", "description", "shown"),
    ),
    Write("DELETE", "secret", after=Gone("secret")),
)
_GATES = (
    Write("POST", "gates", _gate, Shows("", "pacticipantName", "provider")),
    Write("PUT", "gate", _gate, Shows("gate", "pacticipantName", "provider")),
    Write("DELETE", "gate", after=Gone("gate")),
)
_REMOVING = (
    Write("DELETE", "environment", after=Gone("environment")),
    Write("DELETE", "integration", after=NO_PACT),
    Write("DELETE", "version", after=Gone("version"), before=(Write("PUT", "version"),)),
    Write("DELETE", "pacticipant", after=Gone("pacticipant"), before=(Write("PUT", "version"),)),
    Write("DELETE", "integrations"),
)

WRITES = (
    *_DESCRIBING,
    *_CONTRACTS,
    *_PROVIDER_CONTRACTS,
    *_RESULTING,
    *_PLACES,
    *_HOOKS,
    *_GATES,
    *_REMOVING,
)
"""In an order in which each can succeed, in a world that has only its service contract, or all of it."""
