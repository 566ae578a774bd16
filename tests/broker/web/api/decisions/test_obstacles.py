"""What the broker says of everything that stands in the way of a deployment."""

import pytest
from sqlalchemy import insert, select
from support.decisions_over_http import Api
from support.factories import a_pact, a_publication, a_verification_result
from support.reading_pages import A_BROWSER, Page

from broker.storage import tables
from tally.hashing import content_hash

QUESTION = "/can-i-deploy?pacticipant=Shop&version=1&environment=production"
RESULTS = f"/pacts/provider/Orders/consumer/Shop/pact-version/{content_hash(a_pact())}/verification-results"
PACT = "http://localhost/pacts/provider/Orders/consumer/Shop/version/1"


def publish_and_deploy(broker, *results):
    broker.post("/contracts/publish", json=a_publication(version="1"))
    Api(broker).version("Orders", "2.0.1")
    Api(broker).deployed("Orders", "2.0.1", "production")
    for result in results:
        broker.post(RESULTS, json=a_verification_result("2.0.1", **result))


def explanation(broker):
    (found,) = broker.get(QUESTION).json["tally:explanation"]
    return found


def test_what_can_be_deployed_needs_no_explanation(broker):
    publish_and_deploy(broker, {"success": True})

    assert "tally:explanation" not in broker.get(QUESTION).json


def test_a_missing_result_says_who_has_to_verify_what(broker):
    publish_and_deploy(broker)
    published_at = broker.get(PACT).json["createdAt"]

    found = explanation(broker)

    assert found["problem"] == "missing"
    assert found["since"] == published_at
    assert found["consumer"] == {"name": "Shop", "version": "1"}
    assert found["provider"] == {"name": "Orders", "versions": ["2.0.1"]}
    assert found["_links"] == {"pb:pact-version": {"href": PACT}}
    assert found["command"] == (
        f"tally verify {PACT} --provider-url URL -b http://localhost --provider-version 2.0.1 --publish"
    )


def test_without_a_webhook_the_broker_does_not_know_whether_anything_is_under_way(broker):
    publish_and_deploy(broker)

    found = explanation(broker)

    assert (found["underWay"], found["webhooks"]) == (None, [])


def test_a_webhook_that_was_triggered_is_told_with_its_state(broker, database):
    publish_and_deploy(broker)

    for status, under_way in (("failure", None), ("retrying", True)):
        trigger(database, status)
        found = explanation(broker)
        assert found["webhooks"][0]["status"] == status
        assert found["webhooks"][0]["name"] == "POST ci.example.org (hook)"
        assert found["webhooks"][0]["_links"]["pb:logs"]["href"].endswith(f"/{status}/logs")
        assert found["underWay"] is under_way


def test_a_webhook_that_failed_ends_no_wait(broker, database):
    publish_and_deploy(broker)
    trigger(database, "failure")
    held = []

    def hold(seconds, _):
        held.append(seconds)
        return True

    broker.get(f"{QUESTION}&wait=30", environ_overrides={"tally.hold": hold})

    assert held == [30]


def test_a_failed_result_says_which_interactions_failed_and_since_when(broker):
    failed = {"interactionDescription": "a request for order 1", "success": False}
    failed["mismatches"] = [{"attribute": "body", "identifier": "$.id", "description": "expected 1, was 2"}]
    passed = {"interactionDescription": "a request for order 2", "success": True}
    publish_and_deploy(broker, {"success": False}, {"success": False, "testResults": [failed, passed]})
    first = broker.get(RESULTS.replace("verification-results", "verification-results/1")).json

    found = explanation(broker)

    assert found["problem"] == "failed"
    assert found["since"] == first["verificationDate"]
    assert found["provider"]["versions"] == ["2.0.1"]
    assert found["interactions"] == [
        {"description": "a request for order 1", "problems": ["body $.id: expected 1, was 2"]}
    ]
    assert found["underWay"] is False
    result = broker.get(found["_links"]["pb:verification-result"]["href"])
    assert result.json["testResults"] == [failed, passed]
    assert found["command"] == f"tally verify {PACT} --provider-url URL"


def test_a_failed_result_tells_of_the_webhook_that_asked_for_it(broker, database):
    publish_and_deploy(broker, {"success": False})
    trigger(database, "success")

    found = explanation(broker)

    assert found["problem"] == "failed"
    assert [(call["name"], call["status"]) for call in found["webhooks"]] == [
        ("POST ci.example.org (hook)", "success")
    ]
    assert found["underWay"] is False


def test_a_webhook_has_its_description_whom_it_asked_and_what_came_back(broker, database):
    publish_and_deploy(broker)
    webhook = {"description": "Build Orders", "events": [], "request": {"url": "https://ci.example.org"}}
    webhook["events"] = [{"name": "contract_requiring_verification_published"}]
    broker.post("/webhooks", json=webhook)
    trigger(database, "failure", webhook["events"][0]["name"], "INFO: HTTP/1.1 response 500")
    trigger(database, "retrying", "contract_published", "ERROR: ci.example.org refuses connections")

    webhooks = explanation(broker)["webhooks"]

    assert [
        (call["name"], call["event"], call["providerVersion"], call["status"], call["answer"])
        for call in webhooks
    ] == [
        ("Build Orders", "contract_published", None, "retrying", "ci.example.org refuses connections"),
        ("Build Orders", "contract_requiring_verification_published", "2.0.1", "failure", "HTTP 500"),
    ]


@pytest.mark.parametrize("results", [(), ({"success": False},)])
def test_a_version_that_keeps_the_pact_is_named_with_its_branch(broker, results):
    publish_and_deploy(broker, *results)
    Api(broker).version("Orders", "2.1", "on", "feat/x")
    broker.post(RESULTS, json=a_verification_result("1.9", success=True))
    broker.post(RESULTS, json=a_verification_result("2.1", success=True))

    answer = broker.get(QUESTION).json

    (found,) = answer["tally:explanation"]
    assert found["keptBy"] == {"version": "2.1", "branch": "feat/x"}
    assert answer["notices"][-1] == {
        "type": "prompt",
        "text": "Next: Orders 2.1 on branch feat/x keeps the pact of version 1 of Shop: deploy that one",
    }


def test_a_version_that_is_there_already_is_no_way_out(broker):
    publish_and_deploy(broker)
    broker.post(RESULTS, json=a_verification_result("1.9", success=True))
    Api(broker).deployed("Orders", "1.9", "production", "as", "blue")

    assert explanation(broker)["keptBy"] is None


def test_the_page_of_a_failed_result_shows_this_result(broker):
    failed = {"interactionDescription": "a request for order 1", "success": False}
    failed["mismatches"] = [{"attribute": "body", "identifier": "$.id", "description": "expected 1, was 2"}]
    publish_and_deploy(broker, {"success": False, "testResults": [failed], "buildUrl": "https://ci/7"})
    broker.post(RESULTS, json=a_verification_result("2.0.2", success=True))

    address = explanation(broker)["_links"]["tally:page"]["href"]

    assert address == f"{PACT}?result=1"
    page = Page(broker.get(address, headers=A_BROWSER))
    assert "$.id expected 1, was 2" in page.text
    assert "Judged by the result of 2.0.1" in page.text
    assert page.links["build"] == "https://ci/7"


def test_a_page_of_a_result_that_is_not_there_says_so(broker):
    publish_and_deploy(broker, {"success": False})

    for number in ("9", "x"):
        assert Page(broker.get(f"{PACT}?result={number}", headers=A_BROWSER)).status == 404


def test_no_address_in_a_notice_is_followed_by_punctuation(broker):
    publish_and_deploy(broker, {"success": False})

    texts = [notice["text"] for notice in broker.get(QUESTION).json["notices"]]

    addresses = [word for text in texts for word in text.split() if "://" in word]
    assert addresses == [f"{PACT}?result=1"]


def trigger(database, status, event="contract_published", logged=""):
    """Write a delivery to the outbox, as the publication of the pact would, and an attempt to send it."""
    pact, table = tables.pact_publications.c, tables.deliveries
    with database.connection() as connection:
        consumer, provider, version, moment = connection.execute(
            select(pact.consumer_id, pact.provider_id, pact.consumer_version_id, pact.created_at)
        ).one()
        webhook_id = connection.scalar(select(tables.webhooks.c.id))
        delivery_id = connection.scalar(
            insert(table)
            .values(
                uuid=status,
                webhook_id=webhook_id,
                webhook_uuid="hook",
                consumer_id=consumer,
                provider_id=provider,
                consumer_version_id=version,
                name="POST ci.example.org",
                event=event,
                trigger_type="resource_creation",
                parameters=b'{"providerVersionNumber": "2.0.1"}',
                receiver="ci.example.org:443",
                status=status,
                attempts=1,
                claims=1,
                created_at=moment,
            )
            .returning(table.c.id)
        )
        logs = f"[2026-11-28T10:00:00Z] INFO: HTTP/1.1 request POST\n[2026-11-28T10:00:00Z] {logged}\n"
        connection.execute(
            insert(tables.delivery_attempts).values(
                triggered_webhook_id=delivery_id, success=False, logs=logs, created_at=moment
            )
        )
        connection.commit()
