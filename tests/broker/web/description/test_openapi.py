"""The description of the API says what there is: no less, and no more."""

import re

import pytest
from jsonschema import Draft202012Validator

from broker.app import create_app
from broker.settings.settings import Settings
from broker.web.api import OPERATIONS
from broker.web.description.parameters import IN_HEADER, IN_PATH


@pytest.fixture
def app(database):
    return create_app(Settings(), database)


@pytest.fixture
def description(app):
    return app.test_client().get("/openapi.json").json


def operations(description):
    return [operation for path in description["paths"].values() for operation in path.values()]


def test_every_route_is_described_but_those_of_the_pages(app):
    routed = {rule.endpoint for rule in app.url_map.iter_rules()}

    others = {endpoint.partition(".")[0] for endpoint in routed - OPERATIONS.keys()}

    assert others == {"exploring", "forms", "pages", "static"}
    assert OPERATIONS.keys() - routed == set()


def test_every_view_says_in_a_line_what_it_does(description):
    assert [item["operationId"] for item in operations(description) if not item["summary"]] == []


def test_every_parameter_is_described_and_each_description_is_used(description):
    parameters = [item for operation in operations(description) for item in operation["parameters"]]
    used = {(item["in"], item["name"]) for item in parameters}

    assert all(item["description"] for item in parameters)
    assert {name for kind, name in used if kind == "path"} == IN_PATH.keys()
    assert {name for kind, name in used if kind == "header"} == IN_HEADER.keys()


def test_no_two_operations_share_an_identifier(description):
    identifiers = [operation["operationId"] for operation in operations(description)]

    assert len(identifiers) == len(set(identifiers))


def test_every_reference_leads_to_a_schema_that_is_one_and_each_schema_is_used(description):
    schemas = description["components"]["schemas"]
    used = set(re.findall(r'"#/components/schemas/(\w+)"', repr(description).replace("'", '"')))

    for item in schemas.values():
        Draft202012Validator.check_schema(item)
    assert used == schemas.keys()


def test_links_of_the_description_begin_with_the_address_of_the_broker(database):
    mounted = create_app(Settings(base_url="https://contracts.example.org/broker"), database).test_client()

    servers = mounted.get("/openapi.json").json["servers"]

    assert servers == [{"url": "https://contracts.example.org/broker"}]


GUARDED = {"basic_auth_username": "ci", "basic_auth_password": "secret"}
EXCHANGE = {"post-tokens-exchange", "options-tokens-exchange"}
"""Open to everybody, and refuses id tokens with 401 and 429 whatever the settings are."""
TOKENS = ("ci:write:Wk3nq8ZtYb5vRw2L",)


def described_with(database, **settings):
    client = create_app(Settings(public_heartbeat=True, **settings), database).test_client()
    answer = client.get("/openapi.json", headers={"Authorization": "Basic Y2k6c2VjcmV0"})
    assert answer.status_code == 200
    return answer.json


def refused_to_strangers(description):
    """Return the operations that ask for credentials, and what each of them may answer then."""
    return {
        operation["operationId"]: operation["responses"].keys() & {"401", "429"}
        for operation in operations(description)
        if operation.get("security", description["security"])
    }


def test_an_open_broker_asks_nobody_who_they_are(description):
    assert description["security"] == []
    assert refused_to_strangers(description) == {}
    assert not any(
        operation["responses"].keys() & {"401", "429"}
        for operation in operations(description)
        if operation["operationId"] not in EXCHANGE
    )


def test_a_guarded_broker_asks_everybody_but_for_what_is_open(database):
    description = described_with(database, **GUARDED)

    refused = refused_to_strangers(description)

    assert description["security"] == [{"basic": []}]
    assert {item["operationId"] for item in operations(description)} - refused.keys() == {
        "get-health-live",
        "options-health-live",
        "get-health-ready",
        "options-health-ready",
        "get-diagnostic-status-heartbeat",
        "options-diagnostic-status-heartbeat",
        *EXCHANGE,
    }
    assert set(map(frozenset, refused.values())) == {frozenset({"401", "429"})}


def test_what_is_public_is_described_as_that(database):
    description = described_with(database, **GUARDED, allow_public_read=True, failed_logins_per_minute=0)

    refused = refused_to_strangers(description)

    of_accounts = ("get-accounts", "get-audit", "get-me", "get-teams", "get-tokens", "get-trusts")
    assert not any(name.startswith("get-") and not name.startswith(of_accounts) for name in refused)
    assert "post-pacts-provider-provider-for-verification" not in refused
    assert refused["post-contracts-publish"] == {"401"}


def test_the_schemes_are_those_that_the_broker_knows(database):
    description = described_with(database, **GUARDED, api_tokens=TOKENS)

    assert description["security"] == [{"basic": []}, {"token": []}]
    assert description["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


def test_the_length_of_a_name_is_described_where_it_is_stored(description):
    path = description["paths"]["/pacticipants/{pacticipant}/versions/{version}"]

    lengths = {
        method: [
            item["schema"].get("maxLength") for item in path[method]["parameters"] if item["in"] == "path"
        ]
        for method in ("get", "put")
    }

    assert lengths == {"get": [None, None], "put": [255, 500]}
    assert description["components"]["schemas"]["NewContracts"]["properties"]["branch"]["maxLength"] == 500
