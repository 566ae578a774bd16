"""Webhooks that are executed at once, on a real server: slow receivers hold up only who asked them."""

import socket
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import requests
from support.receivers import receiving, wait_until
from support.serving import free_port

from broker.app import create_app
from broker.server.connections import ConnectionLimits
from broker.server.gateway import Gateway
from broker.server.held_answers import HeldAnswers
from broker.server.request_bodies import RequestBodies
from broker.server.server import server_of
from broker.server.watchers import Watchers
from broker.settings.settings import Settings

MEGABYTE = 1024 * 1024
THREADS = 2
UUID = "0123456789abcdef"
PATIENCE = 30


@contextmanager
def served(database, *, stop_seconds=1):
    """Yield the address of a server in a thread, in this process."""
    settings = Settings(
        port=free_port(),
        stop_seconds=stop_seconds,
        webhook_host_whitelist=("127.0.0.1",),
        webhook_scheme_whitelist=("http",),
    )
    bodies = RequestBodies(largest=MEGABYTE, most=MEGABYTE)
    gateway = Gateway(
        create_app(settings, database),
        HeldAnswers(frozenset),
        bodies,
        watchers=Watchers(frozenset),
        threads=THREADS,
    )
    server = server_of(gateway, ConnectionLimits(), settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{settings.port}"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def slow_receiver():
    """A receiver that answers when it is told to."""
    may_answer = threading.Event()

    def behave(handler):
        may_answer.wait(20)
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with receiving(behave) as receiver:
        receiver.may_answer = may_answer
        yield receiver
        may_answer.set()


def hook(receiver):
    return {"request": {"url": receiver.url}, "events": [{"name": "contract_published"}]}


def post(url, path, body=b""):
    """Send a POST, with the path as it is, and do not wait for the answer."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port), timeout=20)
    head = f"POST {path} HTTP/1.1\r\nHost: broker\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


@pytest.mark.parametrize(
    "path",
    [
        f"/webhooks/{UUID}/execute",
        f"/webhooks/{UUID}/%65xecute",
        f"/webhooks/{UUID}/execute.json",
        f"/webhooks/{UUID}/execute/",
        f"/webhooks/{UUID}/execute?dryRun=false",
    ],
)
def test_however_the_address_is_written_others_are_answered_meanwhile(database, slow_receiver, path):
    with served(database) as url:
        assert requests.put(f"{url}/webhooks/{UUID}", json=hook(slow_receiver), timeout=PATIENCE).ok
        asked = [post(url, path) for _ in range(2 * THREADS)]
        wait_until(lambda: len(slow_receiver.received) == 2 * THREADS)
        began = time.monotonic()

        assert requests.get(f"{url}/webhooks", timeout=PATIENCE).ok
        assert requests.post(f"{url}/pacticipants", json={"name": "Shop"}, timeout=PATIENCE).ok

        assert time.monotonic() - began < 5
        slow_receiver.may_answer.set()
        for connection in asked:
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            connection.close()


def test_a_webhook_that_is_not_stored_is_sent_once_with_its_body(database, slow_receiver):
    slow_receiver.may_answer.set()
    body = {**hook(slow_receiver), "request": {"url": slow_receiver.url, "body": {"a": "b"}}}
    with served(database) as url:
        answer = requests.post(f"{url}/webhooks/execute", json=body, timeout=PATIENCE)

    assert answer.json()["success"]
    assert [request.json for request in slow_receiver.received] == [{"a": "b"}]


def test_with_a_key_it_is_sent_once(database, slow_receiver):
    slow_receiver.may_answer.set()
    with served(database) as url:
        answers = [
            requests.post(
                f"{url}/webhooks/execute",
                json=hook(slow_receiver),
                headers={"Idempotency-Key": "trial-1"},
                timeout=PATIENCE,
            )
            for _ in range(2)
        ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert len(slow_receiver.received) == 1


def test_a_receiver_that_does_not_answer_does_not_keep_the_server_from_stopping(database, slow_receiver):
    with served(database) as url:
        requests.put(f"{url}/webhooks/{UUID}", json=hook(slow_receiver), timeout=PATIENCE)
        connection = post(url, f"/webhooks/{UUID}/execute")
        wait_until(lambda: slow_receiver.received)
        began = time.monotonic()

    assert time.monotonic() - began < 5
    connection.close()
