"""What `/metrics` tells of requests and connections, also while all threads are busy."""

import socket
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import requests
from support.metrics import PLAIN, samples
from support.receivers import wait_until
from support.serving import serving

TWO_HOSTS = b"GET /pacticipants HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"


@pytest.fixture
def busy(database_url, tmp_path):
    """The address of a broker with one thread for requests."""
    with serving(database_url, tmp_path / "log", environment={"TALLY_THREADS": "1"}, is_forked=True) as url:
        yield url


def read_at(url):
    return samples(requests.get(f"{url}/metrics", timeout=20, headers=PLAIN).text)


@contextmanager
def connected(url, data):
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(data)
        yield connection


def test_requests_that_wait_for_a_thread_are_told_meanwhile(busy, database):
    def create(name):
        requests.post(f"{busy}/pacticipants", json={"name": name}, timeout=20).raise_for_status()

    clients = [threading.Thread(target=create, args=(name,)) for name in ("Shop", "Orders", "Stock")]
    with database.transaction():  # SQLite has one writer: the broker waits for us
        for client in clients:
            client.start()
        wait_until(lambda: read_at(busy)["tally_requests_waiting", ()] == 2)
        meanwhile = read_at(busy)
    for client in clients:
        client.join()
    after = read_at(busy)

    assert (meanwhile["tally_threads", ()], meanwhile["tally_requests_under_way", ()]) == (1, 1)
    assert (after["tally_requests_under_way", ()], after["tally_requests_waiting", ()]) == (0, 0)
    assert after["tally_request_waits_total", ()] >= 2
    assert 0 < after["tally_request_wait_seconds_total", ()] < 60


def test_a_read_does_not_wait_behind_writes_that_wait_for_a_lock(database_url, database, tmp_path):
    environment = {"TALLY_THREADS": "2"}
    with serving(database_url, tmp_path / "log", environment=environment, is_forked=True) as url:

        def create(name):
            requests.post(f"{url}/pacticipants", json={"name": name}, timeout=20).raise_for_status()

        clients = [threading.Thread(target=create, args=(name,)) for name in ("Shop", "Orders", "Stock")]
        with database.transaction():
            for client in clients:
                client.start()
            wait_until(lambda: read_at(url)["tally_requests_waiting", ()] == 2)
            answer = requests.get(f"{url}/pacticipants", timeout=20)
            meanwhile = read_at(url)
        for client in clients:
            client.join()

    assert answer.status_code == 200
    assert answer.json()["_embedded"] == {"pacticipants": []}
    assert (meanwhile["tally_requests_under_way", ()], meanwhile["tally_requests_waiting", ()]) == (1, 2)


def test_connections_and_what_becomes_of_them_are_counted(live_broker):
    pages = {"Accept": "text/event-stream"}
    with (
        connected(live_broker, b"GET / HTT"),
        connected(live_broker, b"no HTTP\r\n\r\n") as malformed,
        connected(live_broker, TWO_HOSTS) as refused,
        requests.get(f"{live_broker}/live", headers=pages, timeout=20, stream=True) as page,
    ):
        lines = page.iter_lines()  # to drop it would close the connection
        answers = [malformed.recv(4096), refused.recv(4096), next(lines)]
        found = read_at(live_broker)

    assert [line[:12] for line in answers] == [b"HTTP/1.1 400", b"HTTP/1.1 400", b"retry: 5000"]
    assert found["tally_connections_given_up_total", (("reason", "malformed"),)] == 1
    assert found["tally_requests_refused_total", (("status", "400"),)] == 1
    assert found["tally_pages_listening", ()] == 1
    assert found["tally_connections", (("next", "client"),)] >= 1
    assert found["tally_connections", (("next", "broker"),)] >= 2  # the page, and this one
    assert found["tally_connections_limit", ()] == 1024
