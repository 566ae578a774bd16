"""Deliveries from their cause to the receiver: through the real application, a real worker and real HTTP."""

import hashlib
import hmac
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import requests
from sqlalchemy import text
from support.clocks import sqlite_clock
from support.factories import a_pact, a_publication, an_interaction
from support.receivers import answer, answering, receiving, wait_until
from support.serving import TALLY, free_port, serving
from support.webhook_worker import LOCAL, deliveries, finished, log_of, publish, webhook, working

from broker.app import create_app
from broker.background.worker import Worker
from broker.settings.settings import Settings
from broker.storage.database import Database
from tally import health_check

KEY = "Zx0Ni_OBPFXRFFRtpLHHRlFQJkEPYv3T1oZL5GkcuEM="


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


def test_a_secret_is_sent_but_never_shown(database):
    with receiving() as receiver, working(database, secrets_key=(KEY,)) as broker:
        assert broker.put("/secrets/ci", json={"value": "s3cr&t"}).status_code == 201
        described = webhook(receiver.url + "/${secret.ci}")
        described["request"]["headers"] = {"X-Key": "${secret.ci}"}
        described["request"]["body"] = {"key": "${secret.ci}"}
        created = broker.post("/webhooks", json=described)
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
            claimed = storage.outbox.claim(1.5, most=10)
        assert len(claimed) == 1

        with working(database) as broker:
            wait_until(lambda: finished(broker))

        assert len(receiver.received) == 1
        assert datetime.now(UTC) - now > timedelta(seconds=1.4)


@pytest.mark.parametrize("longest", [10, 7200])
def test_a_clock_that_is_set_back_delays_no_delivery(database, caplog, longest):
    moved = sqlite_clock(database)
    moved.append(5)
    with receiving() as receiver:
        broker = create_app(Settings(**LOCAL), database).test_client()
        broker.post("/webhooks", json=webhook(receiver.url))
        publish(broker)
        moved.append(0)  # it is due in five hours now

        with working(database, webhook_retry_schedule=(longest,)) as broker:
            wait_until(lambda: finished(broker))

    assert len(receiver.received) == 1
    assert "The clock was set back" in caplog.text


def test_a_delivery_that_waits_for_its_next_attempt_is_not_brought_forward(database, caplog):
    schedule = {"webhook_retry_schedule": (7200,)}
    with receiving(answering(503)) as receiver:
        with working(database, **schedule) as broker:
            broker.post("/webhooks", json=webhook(receiver.url))
            publish(broker)
            wait_until(lambda: deliveries(broker)[0]["status"] == "retrying")
        with working(database, **schedule):
            time.sleep(0.7)

    assert len(receiver.received) == 1
    assert "clock" not in caplog.text


@pytest.mark.parametrize("hours", [3, -3])
def test_a_clock_that_jumps_during_an_attempt_sends_nothing_twice(database, caplog, hours):
    may_answer = threading.Event()
    moved = sqlite_clock(database)

    def slow(request):
        moved.append(hours)  # the lease of the delivery seems to have ended long ago, or to last for hours
        assert may_answer.wait(20)
        answer(request)

    with receiving(slow) as receiver:
        broker = create_app(Settings(**LOCAL), database).test_client()
        broker.post("/webhooks", json=webhook(receiver.url))
        publish(broker)
        worker = Worker(
            database, Settings(**LOCAL), clock=lambda: datetime.now(UTC) + timedelta(hours=moved[-1])
        )
        worker.start()
        wait_until(lambda: receiver.received)
        time.sleep(1.5)  # so that it looks for more in the meantime
        may_answer.set()
        [delivery] = wait_until(lambda: finished(broker))
        worker.stop()

    assert (delivery["status"], delivery["attemptsMade"]) == ("success", 1)
    assert len(receiver.received) == 1
    assert not caplog.records


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_drops_its_connections_loses_nothing(database, database_url):
    drop = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    with receiving() as receiver:
        broker = create_app(Settings(**LOCAL), database).test_client()
        broker.post("/webhooks", json=webhook(receiver.url))
        own = Database(database_url)
        worker = Worker(own, Settings(**LOCAL))
        worker.start()

        for version in range(30):
            publish(broker, str(version))
            if version % 10 == 5:
                with database.connection() as connection:
                    connection.execute(text(drop))
                    connection.rollback()

        wait_until(lambda: len(set(receiver.delivered)) == 30)
        wait_until(lambda: all(finished(broker, str(version)) for version in range(30)))
        worker.stop()
        own.close()
    assert {deliveries(broker, str(version))[0]["status"] for version in range(30)} == {"success"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_is_healthy_and_records_what_it_has_begun_when_it_is_told_to_stop(
    database, database_url, number
):
    def take_a_second(handler):
        time.sleep(1)
        answer(handler)

    environment = {
        "TALLY_DATABASE_URL": database_url,
        "TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8",
        "TALLY_WEBHOOK_SCHEME_WHITELIST": "http",
        "TALLY_WORKER_HEALTH_PORT": str(free_port()),
    }
    with receiving(take_a_second) as receiver:
        broker = create_app(Settings(**LOCAL), database).test_client()
        broker.post("/webhooks", json=webhook(receiver.url))
        publish(broker)
        process = subprocess.Popen(
            [TALLY, "worker"], env={**os.environ, **environment}, stdout=subprocess.DEVNULL
        )
        wait_until(lambda: receiver.received)
        health = subprocess.run([sys.executable, health_check.__file__], env=environment, check=False)

        process.send_signal(number)

        assert health.returncode == 0
        assert process.wait(30) == 0
        [delivery] = deliveries(broker)
        assert (delivery["status"], delivery["attemptsMade"]) == ("success", 1)


@contextmanager
def program(command, database_url, port):
    """Run a command of the broker that sends webhooks, and has a second to stop."""
    environment = {
        "TALLY_DATABASE_URL": database_url,
        "TALLY_PORT": str(port),
        "TALLY_STOP_SECONDS": "1",
        "TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8",
        "TALLY_WEBHOOK_SCHEME_WHITELIST": "http",
    }
    with subprocess.Popen(
        [TALLY, command], env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    ) as process:
        yield process
        process.kill()


def a_body_that_never_comes(port):
    with suppress(ConnectionRefusedError):
        connection = socket.create_connection(("127.0.0.1", port), timeout=30)
        connection.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
        return connection
    return None


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_receiver_that_never_answers_holds_the_stop_up_for_the_grace_period(
    database, database_url, command
):
    port, is_over = free_port(), threading.Event()
    with receiving(lambda _: is_over.wait(30)) as receiver:
        broker = create_app(Settings(**LOCAL), database).test_client()
        broker.post("/webhooks", json=webhook(receiver.url))
        publish(broker)
        with program(command, database_url, port) as process, ExitStack() as stack:
            wait_until(lambda: receiver.received)
            if command == "serve":  # the time for both is the same, not one after the other
                stack.enter_context(wait_until(lambda: a_body_that_never_comes(port)))
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)

            assert process.wait(30) == 0
            assert 0.9 < time.monotonic() - began < 5
        is_over.set()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_of_several_processes_sends_beside_them(database_url, tmp_path):
    environment = {
        "TALLY_WORKERS": "2",
        "TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8",
        "TALLY_WEBHOOK_SCHEME_WHITELIST": "http",
    }
    with receiving() as receiver, serving(database_url, tmp_path / "log", environment=environment) as url:
        requests.post(f"{url}/webhooks", json=webhook(receiver.url), timeout=10).raise_for_status()

        requests.post(f"{url}/contracts/publish", json=a_publication(), timeout=10).raise_for_status()

        wait_until(lambda: receiver.received)

    assert len(receiver.received) == 1
