"""A number that fits into no 64 bits is one all the same, wherever a document may have it."""

import json

import pytest
from support.factories import a_pact, a_publication, a_verification_result, an_interaction
from support.reading_pages import A_BROWSER

LARGE = 2**64 + 1
JSON = {"content_type": "application/json"}
PACT = "/pacts/provider/Orders/consumer/Shop"


@pytest.fixture
def published(broker):
    state = {"name": "an order exists", "params": {"id": LARGE}}
    pact = a_pact(an_interaction(providerStates=[state]))
    assert broker.post("/contracts/publish", data=json.dumps(a_publication(pact)), **JSON).status_code == 200
    return broker.get(f"{PACT}/version/1").json


def test_in_the_contacts_of_an_environment(broker):
    contact = {"name": "us", "details": {"room": LARGE}}
    environment = {"name": "staging", "production": False, "contacts": [contact]}

    created = broker.post("/environments", data=json.dumps(environment), **JSON)

    assert (created.status_code, str(LARGE) in created.text) == (201, True)


@pytest.mark.parametrize("number", [1, 2])
def test_in_the_results_of_tests(broker, published, number):
    shards = [{"run": "7", "index": index, "count": number} for index in range(1, number + 1)]
    url = published["_links"]["pb:publish-verification-results"]["href"]

    for shard in shards:
        result = a_verification_result(testResults=[{"seed": LARGE}], shard=shard, verifiedBy={"n": LARGE})
        answer = broker.post(url, data=json.dumps(result), **JSON)

    assert (answer.status_code, str(LARGE) in answer.text) == (201, True)


def test_in_the_parameters_of_a_provider_state(broker, published):
    states = broker.get(f"{PACT.partition('/consumer')[0]}/provider-states").text

    assert published["consumer"]["name"] == "Shop"
    assert f'"params":{{"id":{LARGE}}}' in states


def test_in_what_is_not_a_pact_and_is_shown_as_it_is(broker):
    broker.put(f"{PACT}/version/1", data=json.dumps({"a": LARGE}), **JSON)

    page = broker.get(f"{PACT}/latest", headers=A_BROWSER)

    assert (page.status_code, str(LARGE) in page.text) == (200, True)


def test_in_the_body_of_a_webhook_shown_tried_and_kept(broker):
    body = {"z": LARGE, "a": [1.5, 1.0, -(2**70)], "n": 1e300}
    webhook = {"request": {"url": "https://ci.example.org", "body": body}}

    created = broker.post("/webhooks", data=json.dumps(webhook), **JSON)
    tried = broker.post(json.loads(created.text)["_links"]["tally:dry-run"]["href"])

    assert created.status_code == 201
    for shown in (created, tried, broker.get(created.headers["Location"])):
        found = json.loads(shown.text)["request"]["body"]
        assert found == body
        assert list(found) == ["z", "a", "n"]
        assert f'"z":{LARGE},"a":[1.5,1.0,-{2**70}]' in shown.text
