"""What an assistant is told about what stands in the way of a deployment."""

import pytest
from support.asked_broker import asked_broker
from support.contract_documents import a_response, an_openapi, an_operation
from support.decisions_over_http import expect
from support.factories import a_pact, an_interaction
from support.matrix_answers import answer, row

from tally.assistants.decisions.can_i_deploy import can_i_deploy
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient

JSON = {"Content-Type": "application/json"}
HOOK = {"method": "POST", "url": "https://ci.example.org/build"}
READ = {"/orders/{id}": {"get": an_operation(operationId="readOrder", responses={"200": a_response({})})}}


@pytest.fixture(scope="module")
def broker():
    with asked_broker() as found:
        yield found


def contract(broker, service, version, document):
    body = {
        "pacticipantName": service,
        "pacticipantVersionNumber": version,
        "content": document,
        "branch": "main",
    }
    return expect(broker.client.post("/service-contracts/publish", json=body), 200, 201).json


def asked(broker, name, version="1"):
    return broker.ask("can_i_deploy", pacticipant=name, version=version, environment="production")


def test_teams_and_webhooks_are_told(broker):
    broker.happened.version("Bank", "7", "on", "main")
    broker.happened.deployed("Bank", "7", "production")
    expect(broker.client.put("/pacticipants/Bank/labels/team:money", json={}), 200, 201)
    events = [{"name": "contract_requiring_verification_published"}]
    hook = {"description": "Build `it`", "events": events, "request": HOOK}
    expect(broker.client.post("/webhooks", json=hook), 201)
    broker.publish(a_pact(consumer="Till", provider="Bank"), version="1")

    found = asked(broker, "Till")

    [obstacle] = found["data"]["obstacles"]["items"]
    assert obstacle["teams"] == {"provider": ["team:money"]}
    assert obstacle["webhooks"] == ["Webhook 'Build `it`' for Bank 7: not sent yet"]
    assert obstacle["since"].startswith("20")
    assert found["next"][0].startswith(
        "`Bank` `7` has to verify the pact of `Till` `1`.\nA webhook asks `Bank` `7` for it since 20"
    )
    assert "if that is under way, ask again.\nWhere `Bank` runs:\n  tally verify http" in found["next"][0]


def test_nobody_waits_for_a_webhook_that_asked_another_version(broker):
    broker.happened.version("Bank", "8", "on", "main")
    broker.happened.deployed("Bank", "8", "production")

    found = asked(broker, "Till")

    assert found["next"][0].startswith("`Bank` `8` has to verify the pact of `Till` `1`.\nWhere `Bank` runs:")


def test_a_provider_that_is_not_there_has_to_be_deployed(broker):
    broker.publish(a_pact(consumer="Kiosk", provider="Printer"), version="1")

    found = asked(broker, "Kiosk")

    assert found["next"][0].startswith(
        "`Printer` has not verified the pact of `Kiosk` `1`. No version of `Printer` is in `production`: "
        "verify the pact with the version that goes there, deploy it, and run tally record-deployment."
    )
    assert "--provider-version VERSION --publish" in found["next"][0]


def test_a_pact_that_does_not_fit_a_service_contract_is_told_as_compared(broker):
    contract(broker, "Stock", "7", an_openapi(READ))
    broker.happened.deployed("Stock", "7", "production")
    asks = an_interaction("delete", request={"method": "DELETE", "path": "/orders/1"})
    broker.publish(a_pact(asks, consumer="Cart", provider="Stock"), version="1")

    found = asked(broker, "Cart")

    assert found["summary"].endswith(
        "The pact of `Cart` `1` does not fit the service contract of `Stock` `7`."
    )
    [obstacle] = found["data"]["obstacles"]["items"]
    assert obstacle["decided_by"] == "compared"
    assert [item["description"] for item in obstacle["interactions"]] == ["delete"]
    why = broker.ask(
        "why_did_it_fail", consumer="Cart", consumer_version="1", provider="Stock", provider_version="7"
    )
    assert "1 interaction of 1. It was compared, not replayed." in why["summary"]


def test_a_service_that_does_not_keep_its_own_contract_says_where_to_look(broker):
    published = contract(broker, "Mail", "7", an_openapi(READ))
    document = broker.client.get(published["_links"]["tally:service-contract"]["href"]).json
    tests = [{"interactionDescription": "readOrder", "success": False}, {"success": True}]
    result = {"success": False, "providerApplicationVersion": "7", "testResults": tests}
    url = document["_links"]["tally:publish-verification-results"]["href"]
    expect(broker.client.post(url, json=result), 201)

    found = asked(broker, "Mail", "7")

    assert found["summary"].endswith("`Mail` `7` does not keep its own service contract.")
    [obstacle] = found["data"]["obstacles"]["items"]
    assert obstacle["decided_by"] == "service-contract"
    assert f" What failed: {obstacle['page']}.\nWhere `Mail` runs:\n  tally verify" in found["next"][0]
    why = broker.ask("why_did_it_fail", result=obstacle["page"])
    assert why["summary"] == (
        "`Mail` `7` failed. The broker does not tell since when, and which change brought it is not known."
    )
    assert why["data"]["failed"]["items"] == [tests[0]]


def test_what_a_service_needs_of_another_is_told(broker):
    needs = {"x-contract-dependencies": [{"service": "Rates", "operations": ["read"], "required": True}]}
    contract(broker, "Tax", "7", an_openapi(READ, **needs))
    contract(broker, "Rates", "7", an_openapi(READ))
    broker.happened.deployed("Rates", "7", "production")

    found = asked(broker, "Tax", "7")

    assert "`Tax` `7` needs something of `Rates` `7` that it is not known to have." in found["summary"]
    assert found["data"]["obstacles"]["items"][0]["decided_by"] == "dependency"
    assert found["data"]["obstacles"]["items"][0]["notes"]


def test_a_broker_that_explains_nothing_still_says_what_is_open(hal_server):
    version = {"number": "3", "_links": {"self": {"href": hal_server.url("/shop/3")}}}
    hal_server.answers("GET", "/pacticipants/Shop/versions/3", version)
    said = answer(
        [row(hal_server, result=None), row(hal_server, result=False)],
        deployable=False,
        notices=[("error", "It failed.")],
        failed=1,
        unknown=1,
    )
    hal_server.answers("GET", "/matrix", said)

    found = can_i_deploy(
        Sources(BrokerClient(hal_server.base_url)), pacticipant="Shop", version="3"
    ).document()

    assert found["summary"].endswith(
        "`Orders` `7` does not keep the pact of `Shop` `3`. 1 more obstacle: data.obstacles."
    )
    assert found["next"][:2] == [
        f"`Orders` `7` does not keep the pact of `Shop` `3`. See {hal_server.url('/results/9')}",
        f"`Orders` has not verified the pact of `Shop` `3`. See {hal_server.url('/pacts/shop-orders')}",
    ]
    assert [item["problem"] for item in found["data"]["obstacles"]["items"]] == ["failed", "unknown"]
