"""Events of service contracts: one is published, and what came of comparing it with pacts."""

import pytest
from support.contract_documents import an_openapi
from support.contract_events import names, publish
from support.factories import a_pact, an_interaction

from broker.background.comparer import Comparer

EVENTS = ("service_contract_published", "comparison_succeeded", "comparison_failed")
DOES_NOT_FIT = an_interaction("no fit", response={"status": 418})


@pytest.fixture
def fired(fired, database):
    """Return the events, after a worker has compared what a busy broker had no time for at once."""
    comparer = Comparer(database)

    def since():
        while comparer.turn():
            pass
        return fired()

    yield since
    comparer.stop()


@pytest.fixture
def hook(broker):
    """Create a webhook for the events of service contracts."""

    def create(**changes):
        request = {"url": "https://ci.example.org"}
        body = {"events": [{"name": name} for name in EVENTS], "request": request, **changes}
        answer = broker.post("/webhooks", json=body)
        assert answer.status_code == 201, answer.text

    return create


def publish_contract(broker, version="2", document=None, **more):
    body = {
        "pacticipantName": "Orders",
        "pacticipantVersionNumber": version,
        "content": document or an_openapi(),
        "branch": "main",
        "buildUrl": "https://ci/2",
        **more,
    }
    answer = broker.post("/service-contracts/publish", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_what_is_told_of_a_service_contract(broker, fired, hook):
    hook()

    publish_contract(broker, tags=["dev"])

    [(event, told)] = fired()
    assert event == "service_contract_published"
    assert broker.get(told["serviceContractUrl"]).json["pacticipantVersionNumber"] == "2"
    assert (told["consumerName"], told["providerName"]) == ("", "Orders")
    version = ("providerVersionNumber", "providerVersionBranch", "providerVersionTags", "buildUrl")
    assert [told[name] for name in version] == ["2", "main", "dev", "https://ci/2"]
    assert told["comparisonUrl"] == told["pactUrl"] == ""


def test_the_same_contract_again_is_no_event(broker, fired, hook):
    hook()
    publish_contract(broker)
    fired()

    publish_contract(broker)

    assert fired() == []


def test_what_is_told_of_a_comparison(broker, fired, hook):
    publish(broker, "1", branch="main")
    publish(broker, "7", a_pact(DOES_NOT_FIT, consumer="Web"), pacticipantName="Web")
    hook()
    fired()

    publish_contract(broker)

    told = {(event, told["consumerName"]): told for event, told in fired()}
    assert set(told) == {
        ("service_contract_published", ""),
        ("comparison_succeeded", "Shop"),
        ("comparison_failed", "Web"),
    }
    failed = told["comparison_failed", "Web"]
    assert broker.get(failed["comparisonUrl"]).json["verdict"] == "incompatible"
    assert broker.get(failed["pactUrl"]).json["consumer"] == {"name": "Web"}
    numbers = ("consumerVersionNumber", "providerVersionNumber", "githubVerificationStatus")
    assert [failed[name] for name in numbers] == ["7", "2", "failure"]


def test_a_published_pact_is_compared_and_that_is_told(broker, fired, hook):
    hook()
    publish_contract(broker)
    fired()

    publish(broker, "1", a_pact(DOES_NOT_FIT))

    assert "comparison_failed" in names(fired())


def test_by_the_policy_what_is_not_guaranteed_has_failed(broker, fired, hook):
    hook()
    publish_contract(broker)
    broker.put("/pacticipants/Orders/service-contract-policy", json={"guaranteed": True})
    fired()

    publish(broker, "1")

    assert "comparison_failed" in names(fired())


def test_a_webhook_for_a_consumer_is_told_once_for_it(broker, fired, hook):
    publish(broker, "1")
    publish(broker, "7", a_pact(consumer="Web"), pacticipantName="Web")
    broker.put("/pacticipants/Web/labels/ours", json={})
    hook(consumer={"name": "Shop"})
    hook(consumer={"label": "ours"})
    fired()

    publish_contract(broker)

    of_publications = [told["consumerName"] for event, told in fired() if event == EVENTS[0]]
    assert of_publications == ["Shop", "Web"]


def test_a_webhook_for_another_provider_is_not_told(broker, fired, hook):
    broker.post("/pacticipants", json={"name": "Stock"})
    hook(provider={"name": "Stock"})

    publish_contract(broker)

    assert fired() == []


def test_a_webhook_that_names_what_is_deployed_is_told_for_each_deployed_version(broker, fired, hook):
    publish_contract(broker, "1")
    place = "/pacticipants/Orders/versions/1/deployed-versions/environment/{}"
    environment = broker.get("/environments?name=production").json["_embedded"]["environments"][0]["uuid"]
    broker.post(place.format(environment), json={})
    hook(
        request={
            "url": "https://ci.example.org",
            "body": {"version": "${pactbroker.currentlyDeployedProviderVersionNumber}"},
        }
    )

    publish_contract(broker)

    [(_, told)] = fired()
    assert told["currentlyDeployedProviderVersionNumber"] == "1"
