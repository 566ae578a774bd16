"""What was triggered: notices, lists and logs (reference §10.5)."""

import pytest
from support.contract_events import publish, verify
from support.decisions_over_http import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def test_notices_say_which_webhooks_were_triggered(broker):
    notices = [item["text"].strip() for item in publish(broker)["notices"]]

    assert any(text.startswith("Events: contract_published (") for text in notices)
    [webhook] = broker.get("/webhooks").json["_links"]["pb:webhooks"]
    name = f'"POST ci.example.org ({webhook["href"].rpartition("/")[2]})"'
    lines = [text for text in notices if text.startswith(f"Webhook {name} triggered by contract_")]
    assert len(lines) == 2
    log = broker.get(lines[0].split()[-1], headers={"Accept": "text/plain"})
    assert log.text == "The webhook has not been executed yet.\n"


def test_notices_say_which_version_a_webhook_asks_to_verify(broker):
    for number in ("1", "2"):
        Api(broker).version("Orders", number)
        Api(broker).deployed("Orders", number, {"1": "production", "2": "test"}[number])
    webhook = {
        "description": "Build Orders",
        "events": [{"name": "contract_requiring_verification_published"}],
    }
    broker.post("/webhooks", json={**webhook, "request": {"url": "https://ci.example.org"}})

    notices = [item["text"].strip() for item in publish(broker)["notices"]]

    asked = "triggered by contract_requiring_verification_published for Orders"
    lines = sorted(text.partition(", its log")[0] for text in notices if "Build Orders" in text)
    assert lines == [f'Webhook "Build Orders" {asked} {number}' for number in ("1", "2")]


def test_notices_say_that_no_webhook_was_triggered(broker):
    [link] = broker.get("/webhooks").json["_links"]["pb:webhooks"]
    broker.put(link["href"], json={"request": {"url": "https://ci.example.org"}})
    publish(broker)

    notices = [item["text"].strip() for item in publish(broker)["notices"]]

    assert "There are webhooks for this pact, but none for these events" in notices


def test_what_was_triggered_is_listed_by_pact_by_result_and_by_webhook(broker):
    publish(broker)
    result = verify(broker)
    pact = broker.get("/pacts/provider/Orders/consumer/Shop/version/1").json
    [webhook] = broker.get("/webhooks").json["_links"]["pb:webhooks"]

    of_pact = broker.get(pact["_links"]["pb:triggered-webhooks"]["href"]).json
    of_result = broker.get(result["_links"]["pb:triggered-webhooks"]["href"]).json
    of_webhook = broker.get(webhook["href"] + "/triggered-webhooks").json

    events = [
        [item["eventName"] for item in found["_embedded"]["triggeredWebhooks"]]
        for found in (of_pact, of_result, of_webhook)
    ]
    verification = ["provider_verification_succeeded", "provider_verification_published"]
    publication = ["contract_content_changed", "contract_published"]
    assert events == [verification + publication, verification, verification + publication]
    assert of_pact["_embedded"]["triggeredWebhooks"][0]["attemptsRemaining"] == 7


def test_the_status_counts_the_newest_of_each_webhook_and_event(broker):
    publish(broker)
    publish(broker, "2")

    status = broker.get("/pacts/provider/Orders/consumer/Shop/webhooks/status").json

    assert status["summary"] == {"successful": 0, "failed": 0, "notRun": 2}
    assert len(status["_embedded"]["triggeredWebhooks"]) == 2
    assert status["_links"]["pb:error-logs"] == []
    assert status["_links"]["pb:pact-version"]["href"].endswith("/version/2")


def test_logs_are_text_or_hal(broker):
    publish(broker)
    status = broker.get("/pacts/provider/Orders/consumer/Shop/webhooks/status").json
    logs = status["_embedded"]["triggeredWebhooks"][0]["_links"]["pb:logs"]["href"]

    hal = broker.get(logs, headers={"Accept": "application/hal+json"})

    assert (hal.json["consumerName"], hal.json["providerName"], hal.json["executions"]) == (
        "Shop",
        "Orders",
        [],
    )
    assert broker.get(logs).mimetype == "text/plain"
    assert broker.get("/triggered-webhooks/no/logs").status_code == 404


def test_an_unfinished_delivery_cannot_be_sent_again(broker):
    publish(broker)
    status = broker.get("/pacts/provider/Orders/consumer/Shop/webhooks/status").json
    itself = status["_embedded"]["triggeredWebhooks"][0]["_links"]["self"]["href"]

    answer = broker.post(itself + "/redeliver")

    assert answer.status_code == 422
