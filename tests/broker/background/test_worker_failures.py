"""Receivers that fail, misbehave or are slow, and what becomes of their deliveries."""

import time
from itertools import pairwise

import pytest
from support.receivers import (
    answering,
    dripping,
    failing_first,
    hanging,
    receiving,
    resetting,
    sending_without_end,
    wait_until,
)
from support.webhook_worker import LOCAL, deliveries, finished, log_of, publish, webhook, working

from broker.app import create_app
from broker.services.webhooks import deliver
from broker.settings.settings import Settings


def test_a_failure_is_tried_again_by_the_schedule_and_then_forgotten(database):
    with (
        receiving(failing_first(2)) as receiver,
        working(database, webhook_retry_schedule=(1, 1)) as broker,
    ):
        broker.post("/webhooks", json=webhook(receiver.url))

        publish(broker)

        [delivery] = wait_until(lambda: finished(broker))
        assert (delivery["status"], delivery["attemptsMade"]) == ("success", 3)
        assert len(set(receiver.delivered)) == 1
        times = [request.at for request in receiver.received]
        assert all(later - earlier >= 0.9 for earlier, later in pairwise(times))
        assert log_of(broker, delivery).count("Retrying in 1 seconds") == 2


def test_after_the_last_try_it_stays_failed_and_can_be_sent_again(database):
    with (
        receiving(answering(500)) as receiver,
        working(database, webhook_retry_schedule=(1,)) as broker,
    ):
        broker.post("/webhooks", json=webhook(receiver.url))
        publish(broker)
        [delivery] = wait_until(lambda: finished(broker))
        assert (delivery["status"], delivery["attemptsMade"]) == ("failure", 2)
        receiver.behaviour = answering(204, b"")

        again = broker.post(delivery["_links"]["tally:redeliver"]["href"])

        assert (again.status_code, again.json["status"]) == (200, "not_run")
        [delivery] = wait_until(lambda: finished(broker))
        assert delivery["status"] == "success"
        assert len(set(receiver.delivered)) == 1
        log = log_of(broker, delivery)
        assert "failed after 2 attempts" in log
        assert log.endswith("The webhook was delivered\n")


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        (hanging(30), "no complete answer within 2 seconds"),
        (dripping(0.1), "no complete answer within 2 seconds"),
        (resetting, "Connection reset by peer"),
        (
            answering(302, b"", Location="http://169.254.169.254/"),
            "redirects, and redirects are not followed",
        ),
        (answering(418), "response 418"),
    ],
)
def test_a_receiver_that_misbehaves_is_a_failure_that_says_why(database, behaviour, says):
    with receiving(behaviour) as receiver, working(database, webhook_retry_schedule=(60,)) as broker:
        broker.post("/webhooks", json=webhook(receiver.url))

        publish(broker)

        [delivery] = wait_until(lambda: [item for item in deliveries(broker) if item["attemptsMade"]])
        assert delivery["status"] == "retrying"
        assert says in log_of(broker, delivery)
        assert len(receiver.received) == 1


@pytest.mark.parametrize("schedule", [(60,), ()], ids=["being retried", "failed for good"])
def test_the_status_of_a_pact_leads_to_the_logs_of_what_failed(database, schedule):
    with receiving(answering(503)) as receiver, working(database, webhook_retry_schedule=schedule) as broker:
        broker.post("/webhooks", json=webhook(receiver.url))
        publish(broker)
        wait_until(lambda: deliveries(broker)[0]["attemptsMade"])

        status = broker.get("/pacts/provider/Orders/consumer/Shop/webhooks/status").json

        assert status["summary"].get("retrying", 0) + status["summary"]["failed"] == 1
        (log,) = status["_links"]["pb:error-logs"]
        assert "503" in broker.get(log["href"], headers={"Accept": "text/plain"}).text


def test_a_body_without_end_is_cut(database):
    with (
        receiving(sending_without_end) as receiver,
        working(database, webhook_response_kilobytes=1) as broker,
    ):
        broker.post("/webhooks", json=webhook(receiver.url))

        publish(broker)

        [delivery] = wait_until(lambda: finished(broker))
        assert delivery["status"] == "success"
        log = log_of(broker, delivery)
        assert log.count("x" * 1024 + " … (cut)") == 1


def test_a_slow_receiver_does_not_delay_the_others(database):
    with (
        receiving(hanging(60)) as slow,
        receiving() as quick,
        working(database, webhook_timeout=20, webhook_senders=4) as broker,
    ):
        broker.post("/webhooks", json=webhook(slow.url))
        for version in range(30):
            publish(broker, str(version))
        broker.post("/webhooks", json=webhook(quick.url))
        wait_until(lambda: len(slow.received) >= 4)

        started = time.monotonic()
        publish(broker, "quick")
        wait_until(lambda: quick.received)

        assert time.monotonic() - started < 5
        assert len(slow.received) < 10


def test_a_webhook_is_disabled_after_too_many_failures_and_says_so(database):
    with (
        receiving(answering(500)) as receiver,
        working(database, webhook_retry_schedule=(0,), webhook_disable_after=3) as broker,
    ):
        created = broker.post("/webhooks", json=webhook(receiver.url)).json
        itself = created["_links"]["self"]["href"]
        for version in ("1", "2", "3"):
            publish(broker, version)
            wait_until(lambda version=version: finished(broker, version))

        disabled = broker.get(itself).json

        assert disabled["enabled"] is False
        assert [notice["type"] for notice in disabled["notices"]] == ["danger"]
        assert "because its last 3 deliveries failed for good" in disabled["notices"][0]["text"]
        told = publish(broker, "4")
        assert deliveries(broker, "4") == []
        [warning] = [item["text"] for item in told["notices"] if item["type"] == "warning"]
        assert (
            f'Webhook "POST 127.0.0.1 ({created["uuid"]})" was not triggered: its deliveries kept failing'
            in warning
        )
        assert broker.put(itself, json=webhook(receiver.url)).json.get("notices") is None


def test_a_success_forgets_the_failures_before(database):
    with (
        receiving(failing_first(2)) as receiver,
        working(database, webhook_retry_schedule=(0,), webhook_disable_after=1) as broker,
    ):
        created = broker.post("/webhooks", json=webhook(receiver.url)).json
        publish(broker)
        wait_until(lambda: finished(broker))
        broker.put(created["_links"]["self"]["href"], json=webhook(receiver.url))

        publish(broker, "2")

        wait_until(lambda: finished(broker, "2"))
        shown = broker.get(created["_links"]["self"]["href"]).json
        assert shown["enabled"] is True
        assert "notices" not in shown


def test_a_delivery_whose_webhook_was_deleted_fails(database):
    broker = create_app(Settings(**LOCAL), database).test_client()
    created = broker.post("/webhooks", json=webhook("http://127.0.0.1:9/")).json
    publish(broker)
    broker.delete(created["_links"]["self"]["href"])

    with working(database) as broker:
        [delivery] = wait_until(lambda: finished(broker))

    assert delivery["status"] == "failure"
    assert "pb:webhook" not in delivery["_links"]
    assert "The webhook was deleted" in log_of(broker, delivery)


def test_a_fault_of_the_broker_is_a_failed_attempt_and_not_the_end(database, monkeypatch, caplog):
    real = deliver.attempt_once
    faults = [RuntimeError("a fault")]

    def attempt(*arguments):
        if faults:
            raise faults.pop()
        return real(*arguments)

    monkeypatch.setattr(deliver, "attempt_once", attempt)
    with (
        receiving(answering(200)) as receiver,
        working(database, webhook_retry_schedule=(1,)) as broker,
    ):
        broker.post("/webhooks", json=webhook(receiver.url))
        publish(broker)
        [delivery] = wait_until(lambda: finished(broker))

    assert (delivery["status"], delivery["attemptsMade"]) == ("success", 2)
    assert "could not be sent" in caplog.text


def test_a_fault_when_deliveries_are_claimed_is_logged_and_tried_again(database, monkeypatch, caplog):
    real = deliver.claim
    faults = [RuntimeError("a fault")]

    def claim(*arguments):
        if faults:
            raise faults.pop()
        return real(*arguments)

    monkeypatch.setattr(deliver, "claim", claim)
    with receiving(answering(200)) as receiver, working(database) as broker:
        broker.post("/webhooks", json=webhook(receiver.url))
        publish(broker)
        [delivery] = wait_until(lambda: finished(broker))

    assert delivery["status"] == "success"
    assert "Webhooks cannot be sent at the moment" in caplog.text
