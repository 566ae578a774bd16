"""The unmodified `pact broker` command line: applications, versions, pacts, provider states and webhooks."""

import json

import pytest
import requests
from support.factories import a_pact, an_interaction

# What the broker asks of a database is tested on both elsewhere; clients see the same answers.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
HOOK = ("https://ci.example.org/build", "--request", "POST", "--consumer", "Shop", "--contract-published")


@pytest.fixture
def publish(pact, tmp_path):
    """Publish a pact of Shop with one interaction; expect an exit code, return what was printed."""

    def run(description, *options, provider="Orders", code=0):
        file = tmp_path / "pact.json"
        file.write_text(json.dumps(a_pact(an_interaction(description), provider=provider)))
        return pact("publish", str(file), *options, code=code)

    return run


def test_an_application_is_described_and_listed(pact):
    shop = ("create-or-update-pacticipant", "--name", "Shop")

    created = pact(*shop)
    updated = pact(*shop, "--display-name", "The shop", "--main-branch", "trunk")

    assert "created" in created
    assert "updated" in updated
    described = pact("describe-pacticipant", "--name", "Shop")
    assert "The shop" in described
    assert "trunk" in described
    assert "The shop" in pact("list-pacticipants")
    assert "404" in pact("describe-pacticipant", "--name", "Nobody", code=1)


def test_a_version_is_tagged_put_on_a_branch_and_taken_off(pact, live_broker):
    shop = ("--pacticipant", "Shop")
    version = (*shop, "--version", "1")

    pact("create-or-update-version", *version, "--branch", "feat/x", "--tag", "dev")
    pact("create-version-tag", *version, "--tag", "prod", "rc")

    assert "dev, prod, rc" in pact("describe-version", *version)
    assert "dev, prod, rc" in pact("describe-version", *shop, "--latest", "rc")
    assert "does not exist" in pact("create-version-tag", *shop, "--version", "2", "--tag", "a", code=1)
    assert "not found" in pact("describe-version", *shop, "--version", "2", code=1)
    pact("delete-version-tag", *version, "--tag", "rc")
    assert "rc" not in pact("describe-version", *version)
    assert "Successfully" in pact("delete-branch", *shop, "--branch", "feat/x")
    assert "not found" in pact("delete-branch", *shop, "--branch", "feat/x")
    found = requests.get(f"{live_broker}/pacticipants/Shop/versions/1", timeout=10).json()
    assert found["_embedded"]["branches"] == []


def test_what_stands_against_a_publication_is_told(publish):
    version = ("--consumer-app-version", "1")
    publish("first", *version)

    changed = publish("second", *version, code=1)
    merged = publish("second", *version, "--merge")
    similar = publish("first", "--consumer-app-version", "2", provider="Order Service", code=1)

    assert '- "description": "first" + "description": "second"' in " ".join(changed.split()).replace(",", "")
    assert "merged with what was published before" in merged
    assert "its name resembles 'Orders'" in similar


def test_pacts_are_listed_and_fetched(pact, publish, tmp_path):
    publish("on main", "--consumer-app-version", "1", "--branch", "main")
    publish("on another branch", "--consumer-app-version", "2", "--branch", "feat/x")
    from_orders = ("get-pacts", "--provider", "Orders")

    assert '"2"' in pact("list-latest-pact-versions")
    assert "Shop (1)" in pact(*from_orders)
    assert "Shop (2)" in pact(*from_orders, "--branch", "feat/x", "--latest")
    pact(*from_orders, "--latest", "--download", "--download-dir", "fetched")
    fetched = json.loads((tmp_path / "fetched" / "Shop-Orders-1.json").read_text())
    assert fetched["interactions"][0]["description"] == "on main"
    assert "404" in pact("get-pacts", "--provider", "Nobody", code=1)


def test_provider_states_are_listed(pact, publish):
    publish("first", "--consumer-app-version", "1", "--branch", "main")
    states = ("provider-states", "list", "--provider", "Orders")

    assert "an order exists" in pact(*states)
    assert "an order exists" in pact(*states, "--branch", "main")
    assert "No provider states found" in pact(*states, "--environment", "production")


def test_a_webhook_is_created_replaced_and_deleted(pact, publish):
    publish("first", "--consumer-app-version", "1")
    uuid = ("--uuid", "11111111-2222-3333-4444-555555555555")

    pact("create-or-update-webhook", *HOOK, *uuid, "--description", "verify it")
    replaced = pact("create-or-update-webhook", *HOOK, *uuid, "--description", "build it")
    refused = pact("create-webhook", "nowhere", *HOOK[1:], code=1)

    assert "build it" in replaced
    assert "request.url: is not a valid URL" in refused
    assert "successfully deleted" in pact("delete-webhook", *uuid)
    assert "not found" in pact("delete-webhook", *uuid)
    assert "404" in pact("test-webhook", *uuid, code=1)
