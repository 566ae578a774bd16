"""Deliveries from their cause to the receiver: through the real application, a real worker and real HTTP."""

import hashlib
import hmac
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from factories import a_pact, a_publication, an_interaction
from receivers import (
    answering,
    dripping,
    failing_first,
    hanging,
    receiving,
    resetting,
    sending_without_end,
    wait_until,
)

from broker.app import create_app
from broker.settings import Settings
from broker.worker import Worker

LOCAL = {
    "webhook_host_whitelist": ("127.0.0.0/8", "localhost"),
    "webhook_scheme_whitelist": ("http", "https"),
    "webhook_timeout": 2,
}
KEY = "Zx0Ni_OBPFXRFFRtpLHHRlFQJkEPYv3T1oZL5GkcuEM="


@contextmanager
def working(database, **settings):
    """Yield a client of an application whose queue is worked."""
    chosen = Settings(**{**LOCAL, **settings})
    worker = Worker(database, chosen)
    worker.start()
    try:
        yield create_app(chosen, database).test_client()
    finally:
        worker.stop()


def webhook(url, **changes):
    return {
        "events": [{"name": "contract_published"}],
        "request": {"method": "POST", "url": url, "body": {"pact": "${pactbroker.pactUrl}"}},
        **changes,
    }


def publish(broker, version="1", *pacts, **changes):
    answer = broker.post("/contracts/publish", json=a_publication(*pacts, version=version, **changes))
    assert answer.status_code == 200, answer.text


def deliveries(broker, version="1"):
    listed = broker.get(f"/pacts/provider/Orders/consumer/Shop/version/{version}/triggered-webhooks").json
    return listed["_embedded"]["triggeredWebhooks"]


def finished(broker, version="1"):
    found = deliveries(broker, version)
    return found if all(item["status"] in {"success", "failure"} for item in found) else None


def log_of(broker, delivery):
    return broker.get(delivery["_links"]["pb:logs"]["href"], headers={"Accept": "text/plain"}).text


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_what_is_published_reaches_the_receiver_once(database):
    with receiving() as receiver, working(database) as broker:
        broker.post("/webhooks", json=webhook(receiver.url + "/hook?a=1"))

        publish(broker)

        [delivery] = wait_until(lambda: finished(broker))
        assert delivery["status"] == "success"
        assert (delivery["attemptsMade"], delivery["attemptsRemaining"]) == (1, 0)
        [request] = receiver.received
        assert (request.method, request.path) == ("POST", "/hook?a=1")
        assert request.headers["content-type"] == "application/json"
        assert request.headers["user-agent"].startswith("Tallystick/")
        assert broker.get(request.json["pact"]).json["consumer"] == {"name": "Shop"}


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
        (answering(302, b"", Location="http://169.254.169.254/"), "redirects, which is not followed"),
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


def test_what_was_published_while_no_worker_ran_is_sent_later(database):
    with receiving() as receiver:
        broker = create_app(Settings(**LOCAL), database).test_client()
        broker.post("/webhooks", json=webhook(receiver.url))
        for version in range(5):
            publish(broker, str(version))
        assert receiver.received == []

        with working(database) as broker:
            wait_until(lambda: len(receiver.received) == 5)

        assert len(set(receiver.delivered)) == 5


def test_a_refused_publication_leaves_no_delivery(database):
    with receiving() as receiver, working(database) as broker:
        broker.post("/webhooks", json=webhook(receiver.url))
        publish(broker)
        wait_until(lambda: receiver.received)

        conflict = broker.post(
            "/contracts/publish", json=a_publication(a_pact(an_interaction("other")), version="1")
        )

        assert conflict.status_code == 409
        assert len(deliveries(broker)) == 1


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_several_workers_send_nothing_twice(database, database_url):
    with receiving() as receiver:
        broker = create_app(Settings(**LOCAL), database).test_client()
        broker.post("/webhooks", json=webhook(receiver.url))
        for version in range(60):
            publish(broker, str(version))
        from broker.storage.database import Database  # noqa: PLC0415 - one for each worker, as in processes

        databases = [Database(database_url) for _ in range(3)]
        workers = [Worker(item, Settings(**LOCAL)) for item in databases]
        for worker in workers:
            worker.start()

        wait_until(lambda: len(receiver.received) >= 60)
        time.sleep(0.5)
        for worker in workers:
            worker.stop()
        for item in databases:
            item.close()

        assert len(receiver.received) == 60
        assert len(set(receiver.delivered)) == 60


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
        assert "3 deliveries in a row" in disabled["notices"][0]["text"]
        publish(broker, "4")
        assert deliveries(broker, "4") == []
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


def test_a_secret_is_sent_but_never_shown(database):
    with receiving() as receiver, working(database, secrets_key=(KEY,)) as broker:
        assert broker.put("/secrets/ci", json={"value": "s3cr&t"}).status_code == 201
        hook = webhook(receiver.url + "/${secret.ci}")
        hook["request"]["headers"] = {"X-Key": "${secret.ci}"}
        hook["request"]["body"] = {"key": "${secret.ci}"}
        created = broker.post("/webhooks", json=hook)
        assert created.status_code == 201, created.text

        publish(broker)

        [delivery] = wait_until(lambda: finished(broker))
        [request] = receiver.received
        assert (request.path, request.headers["x-key"]) == ("/s3cr%26t", "s3cr&t")
        assert request.json == {"key": "s3cr&t"}
        for shown in (log_of(broker, delivery), created.text, broker.get("/secrets/ci").text):
            assert "s3cr" not in shown
        assert "**********" in log_of(broker, delivery)


def test_a_receiver_can_check_the_signature(database):
    with receiving() as receiver, working(database, secrets_key=(KEY,)) as broker:
        broker.put("/secrets/signing", json={"value": "between us"})
        broker.post("/webhooks", json=webhook(receiver.url, signingSecret="signing"))

        publish(broker)

        wait_until(lambda: finished(broker))
        [request] = receiver.received
        stamp, signature = (
            part[part.index("=") + 1 :] for part in request.headers["x-tally-signature"].split(",")
        )
        signed = hmac.new(b"between us", stamp.encode() + b"." + request.body, hashlib.sha256)
        assert hmac.compare_digest(signed.hexdigest(), signature)
        assert abs(int(stamp) - time.time()) < 60


def test_the_lease_of_a_worker_that_died_ends(database):
    broker = create_app(Settings(**LOCAL), database).test_client()
    with receiving() as receiver:
        broker.post("/webhooks", json=webhook(receiver.url))
        publish(broker)
        now = datetime.now(UTC)
        with database.transaction() as storage:
            claimed = storage.deliveries.claim(now, now + timedelta(seconds=1.5), most=10)
        assert len(claimed) == 1

        with working(database) as broker:
            wait_until(lambda: finished(broker))

        assert len(receiver.received) == 1
        assert datetime.now(UTC) - now > timedelta(seconds=1.4)
