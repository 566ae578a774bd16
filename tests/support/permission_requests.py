"""One good request for each route that writes, about what a team has."""

import base64
import json
from collections.abc import Callable
from typing import Any

from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, a_verification_result
from support.permission_table import PAGES, PAIR
from support.permission_worlds import Side

from broker.domain.deletion import TYPED

OF_PROVIDERS = ("provider-contract", "service-contract", "/contracts/provider/")
"""What is in the path of a route whose pacticipant is the provider."""


def uuid_of(route: str, side: Side) -> str:
    """Return what a uuid in the path of a route stands for."""
    named = {
        "/triggered-webhooks": side.delivery,
        "/webhooks": side.webhook,
        "/deployed-versions/{": side.values["deployed"],
        "/released-versions/{": side.values["released"],
        "/gates": side.values["gate"],
        "/trusts": side.trust,
        "/tokens": side.token,
    }
    return next((uuid for part, uuid in named.items() if part in route), side.values["environment"])


def path_of(route: str, side: Side) -> str:
    """Return the path of a route, about what a team has."""
    template = route.partition(" ")[2].removeprefix(PAGES)
    values = dict(side.values)
    is_of_provider = any(part in template for part in OF_PROVIDERS)
    values |= {
        "pacticipant": values["provider" if is_of_provider else "consumer"],
        "secret": side.secret,
        "uuid": uuid_of(route, side),
    }
    is_of_person = "/members" in template or "/log-in-link" in template or template.endswith("/roles")
    values |= {"team": side.team, "account": side.member if is_of_person else side.service_account}
    if "service-contracts/{sha}" in template:
        values["sha"] = values["service_contract"]
    return template.format_map(values)


def _published(side: Side) -> Any:
    pact = a_pact(consumer=side.values["consumer"], provider=side.values["provider"])
    return a_publication(pact, version="2")


def _pact(side: Side) -> Any:
    return a_pact(consumer=side.values["consumer"], provider=side.values["provider"])


def _service_contract(side: Side) -> Any:
    return {
        "pacticipantName": side.values["provider"],
        "pacticipantVersionNumber": "2",
        "content": an_openapi(),
    }


def _provider_contract(side: Side) -> Any:  # noqa: ARG001 - its name is in the path
    content = base64.b64encode(json.dumps(an_openapi()).encode()).decode()
    contract = {"content": content, "contentType": "application/json", "specification": "oas"}
    return {"pacticipantVersionNumber": "3", "branch": "main", "tags": [], "contract": contract}


def _provider_contracts(side: Side) -> Any:
    body = _provider_contract(side)
    return {**body, "contracts": [body.pop("contract")]}


def _old_provider_contract(side: Side) -> Any:
    return {**_provider_contract(side)["contract"], "contractType": "oas"}


def _scenario(side: Side) -> Any:
    names = {"pacticipantName": side.values["consumer"], "pacticipantVersionNumber": "1"}
    return {"title": "buys", "success": True, "durationMs": 5, "participants": [names]}


def _webhook(side: Side) -> Any:
    return {
        "team": side.team,
        "consumer": {"name": side.values["consumer"]},
        "events": [{"name": "contract_published"}],
        "request": {"method": "POST", "url": "https://webhooks.invalid/", "body": {}},
    }


def _gate(side: Side) -> Any:
    return {"metric": "success_rate", "threshold": 90, "pacticipantName": side.values["provider"]}


def _trust(side: Side) -> Any:
    return {
        "account": side.service_account,
        "kind": "other",
        "issuer": "https://issuer.example.org",
        "audience": "https://broker.example.org",
        "claims": {"sub": "a pipeline"},
    }


def _result(_side: Side) -> Any:
    return a_verification_result("1")


_MERGED = (
    "PATCH /pacticipants/{pacticipant}/versions/{version}",
    "PATCH /deployed-versions/{uuid}",
    "PATCH /released-versions/{uuid}",
)
_BODIES: dict[str, Callable[[Side], Any]] = {
    "/contracts/publish": _published,
    "/service-contracts/publish": _service_contract,
    "/contracts/provider/{provider}/version/{version}": _old_provider_contract,
    "/provider-contracts/provider/{provider}/publish": _provider_contract,
    "/provider-contracts/provider/{provider}/publish-contracts": _provider_contracts,
    "/scenario-results": _scenario,
    "/pacticipants": lambda side: {"name": side.values["consumer"]},
    "/pacticipants/{pacticipant}": lambda _: {"displayName": "Another"},
    "/pacticipants/{pacticipant}/versions/{version}": lambda _: {"buildUrl": "https://ci.example.org/1"},
    "/pacticipants/{pacticipant}/service-contract-policy": lambda _: {"mode": "full"},
    "/webhooks": _webhook,
    "/webhooks/execute": _webhook,
    "/webhooks/{uuid}": _webhook,
    "/webhooks/consumer/{consumer}": _webhook,
    "/webhooks/provider/{provider}": _webhook,
    "/webhooks/provider/{provider}/consumer/{consumer}": _webhook,
    PAIR + "/webhooks": _webhook,
    "/secrets/{secret}": lambda side: {
        "value": "another value",
        "team": side.team,
        "hosts": ["webhooks.invalid"],
    },
    "/environments": lambda _: {"name": "new", "production": False},
    "/environments/{uuid}": lambda _: {"name": "renamed", "production": False},
    "/deployed-versions/{uuid}": lambda _: {"currentlyDeployed": False},
    "/released-versions/{uuid}": lambda _: {"currentlySupported": False},
    "/gates": _gate,
    "/gates/{uuid}": _gate,
    "/trusts": _trust,
    "/accounts": lambda _: {"name": "newcomer"},
    "/accounts/{account}": lambda _: {"displayName": "Another"},
    "/accounts/{account}/roles": lambda side: {"roles": [{"role": "deployer", "team": side.team}]},
    "/accounts/{account}/tokens": lambda _: {"name": "newcomer"},
    "/teams": lambda _: {"name": "newcomer"},
    "/teams/{team}": lambda _: {"description": "Another"},
    "/teams/{team}/accounts": lambda _: {"name": "newcomer"},
    "/teams/{team}/members/{account}": lambda _: {"roles": ["deployer"]},
    "/tokens": lambda _: {"name": "newcomer"},
    "/trusts/test": lambda _: {"token": "a.b.c"},
}


def _typed(name: str) -> dict[str, Any]:
    return {TYPED: name}


def _webhook_fields(side: Side) -> dict[str, Any]:
    return {
        "team": side.team,
        "consumer.name": side.values["consumer"],
        "events": "contract_published",
        "request.method": "POST",
        "request.url": "https://webhooks.invalid/",
        "request.body": "{}",
    }


def _trust_fields(side: Side) -> dict[str, Any]:
    body = _trust(side)
    return {**body, "claims": "sub=a pipeline", "scopes": "publish"}


def _gate_fields(side: Side) -> dict[str, Any]:
    return {"metric": "success_rate", "threshold": "90", "pacticipantName": side.values["provider"]}


_FIELDS: dict[str, Callable[[Side], dict[str, Any]]] = {
    "/pacticipants/{pacticipant}/delete": lambda side: _typed(side.values["consumer"]),
    "/pacticipants/{pacticipant}/versions/{version}/delete": lambda _: _typed("1"),
    "/pacticipants/{pacticipant}/branches/{branch}/delete": lambda _: _typed("main"),
    PAIR + "/version/{consumer_version}/delete": lambda _: _typed("1"),
    "/integrations/provider/{provider}/consumer/{consumer}/delete": lambda side: _typed(
        side.values["consumer"]
    ),
    "/webhooks/{uuid}/delete": lambda _: _typed("POST webhooks.invalid"),
    "/secrets/{secret}/delete": lambda side: _typed(side.secret),
    "/environments/{uuid}/delete": lambda side: _typed(f"lab-{side.team}"),
    "/accounts/new": lambda _: {"name": "newcomer", "everywhere": "reader"},
    "/accounts/{account}/tokens/new": lambda _: {"name": "newcomer", "expiresInDays": "9"},
    "/accounts/{account}/trusts/new": _trust_fields,
    "/my/tokens/new": lambda _: {"name": "newcomer"},
    "/teams/new": lambda _: {"name": "newcomer"},
    "/teams/{team}/edit": lambda side: {"name": side.team, "description": "Another"},
    "/teams/{team}/delete": lambda side: _typed(side.team),
    "/teams/{team}/accounts/new": lambda _: {"name": "newcomer", "roles": "publisher"},
    "/teams/{team}/members/new": lambda side: {"account": side.member, "roles": "deployer"},
    "/teams/{team}/members/{account}/edit": lambda _: {"roles": "deployer"},
    "/teams/{team}/pacticipants/new": lambda side: {"pacticipant": side.values["consumer"]},
    "/webhooks/new": _webhook_fields,
    "/webhooks/{uuid}/edit": _webhook_fields,
    "/secrets/new": lambda side: {
        "name": side.secret,
        "value": "another value",
        "team": side.team,
        "hosts": "webhooks.invalid",
    },
    "/environments/new": lambda _: {"name": "newcomer"},
    "/environments/{uuid}/edit": lambda _: {"name": "renamed"},
    "/gates/new": _gate_fields,
    "/gates/{uuid}/edit": _gate_fields,
}


def body_of(route: str, side: Side) -> Any:
    """Return the body of a good request to a route, about what a team has."""
    template = route.partition(" ")[2]
    if template.endswith("/verification-results"):
        return _result(side)
    if "/version" in template and "pact" in template and "{consumer_version}" in template:
        return _pact(side)
    return _BODIES.get(template, lambda _: {})(side)


def fields_of(route: str, side: Side) -> dict[str, Any]:
    """Return the fields of a form, about what a team has."""
    return _FIELDS.get(route.partition(" ")[2].removeprefix(PAGES), lambda _: {})(side)


def type_of(route: str) -> str:
    """Return the content type of the body of a good request to a route."""
    return "application/merge-patch+json" if route in _MERGED else "application/json"
