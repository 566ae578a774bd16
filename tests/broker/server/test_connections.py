"""What a client may hold of a server: its time, its memory and its connections."""

import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from support.serving import free_port

from broker.server.connections import ConnectionLimits
from broker.server.gateway import EXECUTING, Gateway
from broker.server.held_answers import HeldAnswers
from broker.server.request_bodies import RequestBodies
from broker.server.server import server_of
from broker.server.watchers import Watchers
from broker.settings.settings import Settings
from broker.web.asked_by_gateway import JUDGE, SENDS_LATER
from broker.web.description.refusals import components

QUICK = ConnectionLimits(
    most=20, most_per_address=10, header_seconds=1, idle_seconds=1, stall_seconds=1, header_bytes=9000
)
MANY = ConnectionLimits(most=100, most_per_address=100)
PATIENT = ConnectionLimits(most=20, most_per_address=10)
HEAD = b"POST / HTTP/1.1\r\nHost: broker\r\n"
MEGABYTE = 1024 * 1024


class Application:
    """Notes what is carried out. It wants credentials, and nothing but POST of text to /."""

    def __init__(self):
        self.carried_out = []
        self.content = b"done"
        self.is_quick = set()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self, environ, start_response):
        if "HTTP_AUTHORIZATION" not in environ and environ["PATH_INFO"] == "/secret":
            return answer(start_response, "401 Unauthorized")
        if JUDGE in environ:
            return answer(start_response, "100 Continue")
        if SENDS_LATER in environ and environ["PATH_INFO"].startswith("/webhooks/"):
            return answer(start_response, "100 Continue")
        body = environ["wsgi.input"].read()
        self.carried_out.append(body)
        assert environ["PATH_INFO"] in self.is_quick or self.may_go_on.wait(20)
        return answer(start_response, "200 OK", self.content)


def answer(start_response, status, content=b""):
    start_response(status, [("Content-Length", str(len(content)))])
    return [content]


@contextmanager
def served(application, limits=PATIENT, *, stop_seconds=1):
    """Yield the port of a server in a thread, in this process."""
    settings = Settings(port=free_port(), stop_seconds=stop_seconds)
    bodies = RequestBodies(largest=10 * MEGABYTE, most=20 * MEGABYTE)
    gateway = Gateway(application, HeldAnswers(frozenset), bodies, watchers=Watchers(frozenset), threads=4)
    server = server_of(gateway, limits, settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    try:
        yield settings.port
    finally:
        server.should_exit = True
        application.may_go_on.set()
        thread.join(20)


def until(holds, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


_opened = []


@pytest.fixture(autouse=True)
def _connections_are_closed():
    yield
    while _opened:
        _opened.pop().close()


def connected(port, data=b""):
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    _opened.append(connection)
    connection.sendall(data)
    return connection


def all_of(connection):
    """Return everything until the server closes the connection."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def status_of(port, path="/", **options):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(options.pop("method", "POST"), path, **options)
    found = connection.getresponse()
    found.read()
    connection.close()
    return found.status


@pytest.fixture
def application():
    return Application()


@pytest.mark.parametrize(
    "cut_off",
    [
        HEAD + b"Content-Length: 32\r\n\r\n",
        HEAD + b'Content-Length: 32\r\n\r\n{"half":',
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nha",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
    ],
    ids=["no body", "half a body", "no last chunk", "half a chunk", "no end"],
)
def test_a_request_that_never_came_whole_does_nothing(application, cut_off):
    with served(application) as port:
        connected(port, cut_off).close()
        time.sleep(0.3)

        assert status_of(port, body=b"whole") == 200

    assert application.carried_out == [b"whole"]


@pytest.mark.parametrize(
    "bad",
    [
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalfmore\r\n0\r\n\r\n",
        *(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"half\r\n0\r\n\r\n"
            for size in (
                b"0x4\r\n",
                b"-4\r\n",
                b"+4\r\n",
                b" 4\r\n",
                b"4 \r\n",
                b"4\n",
                b"3\r\n",
                b"F" * 17 + b"4\r\n",
            )
        ),
        HEAD + b"Content-Length: four\r\n\r\nhalf",
        HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nhalf!",
        HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n\r\n",
        HEAD + b"Host: another\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        b"post / HTTP/1.1\r\nHost: broker\r\nContent-Length: 0\r\n\r\n",
        b"Post / HTTP/1.1\r\nHost: broker\r\nContent-Length: 0\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: broker\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=[
        *(
            "no size",
            "wrong size",
            *(f"size {number}" for number in range(8)),
            "no length",
            "two lengths",
            "a length and chunks",
        ),
        *("two hosts", "no host", "a method in lower case", "a method of mixed case", "a proxy", "TLS"),
    ],
)
def test_what_is_no_request_is_answered_400_and_does_nothing(application, bad):
    with served(application, QUICK) as port:
        connection = connected(port, bad)

        assert all_of(connection).startswith(b"HTTP/1.1 400 Bad Request\r\n")

    assert application.carried_out == []


def test_what_comes_after_a_body_is_no_header(application):
    end = b"0\r\nAuthorization: Basic x\r\n\r\n"
    with served(application) as port:
        connection = connected(
            port,
            b"POST /secret HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            + end,
        )

        assert all_of(connection).startswith(b"HTTP/1.1 401")


def test_requests_that_come_together_are_answered_one_after_the_other(application):
    one = HEAD + b"Content-Length: 3\r\n\r\n"
    last = HEAD + b"Connection: close\r\nContent-Length: 5\r\n\r\nthree"
    with served(application) as port:
        found = all_of(connected(port, one + b"one" + one + b"two" + last))

    assert found.count(b"HTTP/1.1 200 OK") == 3
    assert application.carried_out == [b"one", b"two", b"three"]


def test_a_request_before_a_broken_one_is_answered(application):
    with served(application) as port:
        found = all_of(connected(port, HEAD + b"Content-Length: 3\r\n\r\nonenonsense\r\n\r\n"))

    assert found.startswith(b"HTTP/1.1 200 OK")
    assert found.count(b"HTTP/1.1") == 1
    assert application.carried_out == [b"one"]


def test_a_client_that_asks_for_http_2_is_answered_in_http_1(application):
    upgrade = (
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMA\r\n"
    )
    with served(application) as port:
        connection = connected(port, HEAD + upgrade + b"Content-Length: 3\r\n\r\none")
        first = connection.recv(1000)
        connection.sendall(HEAD + b"Connection: close\r\nContent-Length: 3\r\n\r\ntwo")

        assert first.startswith(b"HTTP/1.1 200")
        assert all_of(connection).startswith(b"HTTP/1.1 200")

    assert application.carried_out == [b"one", b"two"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", b""),
        (b"POST / HTTP/1.1\r\nHost: x\r\nX-Half: ", b"HTTP/1.1 408"),
        (HEAD + b"Content-Length: 10\r\n\r\n", b"HTTP/1.1 408"),
        (HEAD + b"Content-Length: 0\r\n\r\n", b"HTTP/1.1 200"),
    ],
    ids=["nothing", "half a header", "no body", "nothing more"],
)
def test_a_connection_that_owes_a_request_for_too_long_is_closed(application, data, said):
    with served(application, QUICK) as port:
        began = time.monotonic()

        found = all_of(connected(port, data))

        assert found.startswith(said)
        assert 0.9 < time.monotonic() - began < 10


def test_a_body_that_does_not_come_is_answered_as_described(application):
    with served(application, QUICK) as port:
        found = all_of(connected(port, HEAD + b"Content-Length: 10\r\n\r\n"))

    (kind,) = components()["408"]["content"]
    assert found.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert f"Content-Type: {kind}\r\n".encode() in found


def test_headers_have_a_largest_size(application):
    with served(application, QUICK) as port:
        connection = connected(port, HEAD)
        with suppress(OSError):  # it hangs up in the middle
            for _ in range(30):
                connection.sendall(b"X-Long: " + b"x" * 1000 + b"\r\n")
                time.sleep(0.02)

        assert all_of(connection).startswith(b"HTTP/1.1 431")


def test_headers_that_come_at_once_have_the_same_largest_size(application):
    with served(application, QUICK) as port:
        connection = connected(port, HEAD + b"X-Long: " + b"x" * 10_000 + b"\r\nContent-Length: 0\r\n\r\n")

        assert all_of(connection).startswith(b"HTTP/1.1 431")

    assert application.carried_out == []


def test_headers_have_a_largest_number(application):
    with served(application) as port:
        kept = all_of(connected(port, HEAD + b"a:\r\n" * 90 + b"Connection: close\r\n\r\n"))
        refused = all_of(connected(port, HEAD + b"a:\r\n" * 10_000))

    assert kept.startswith(b"HTTP/1.1 200 OK")
    assert refused.startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("endless", [b"0\r\nX-Trailer: ", b"4;x=", b"0\r\nX: y\r\nX: "], ids=repr)
def test_what_is_no_body_between_and_behind_its_chunks_has_an_end(application, endless):
    with served(application) as port:
        connection = connected(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + endless)
        sent = 0
        with suppress(OSError):  # it hangs up in the middle
            while sent < 30 * MEGABYTE:
                sent += connection.send(b"x" * 65_536)

    assert sent < 30 * MEGABYTE
    assert application.carried_out == []


def test_a_client_that_does_not_wait_for_answers_gets_a_few_and_no_more(application):
    application.may_go_on.clear()
    with served(application) as port:
        connection = connected(port, (HEAD + b"Content-Length: 4\r\n\r\nbusy") * 1000)
        until(lambda: application.carried_out)
        application.may_go_on.set()

        found = all_of(connection)

    assert found.count(b"HTTP/1.1 200 OK") == len(application.carried_out) == ConnectionLimits().unanswered


def test_a_body_that_drips_is_given_up(application, monkeypatch):
    monkeypatch.setattr("broker.server.connections.ENOUGH_FOR_A_RATE", 1.0)
    with served(application, QUICK) as port:
        connection = connected(port, HEAD + b"Content-Length: 100\r\n\r\n")
        with suppress(OSError):  # it hangs up in the middle
            for _ in range(100):
                connection.sendall(b"x")
                time.sleep(0.1)

    assert application.carried_out == []


def test_an_answer_that_nobody_reads_is_given_up(application):
    application.content = b"x" * 30 * MEGABYTE
    with served(application, QUICK) as port:
        connection = connected(port, HEAD + b"Content-Length: 0\r\n\r\n")
        time.sleep(4)

        assert len(all_of(connection)) < 30 * MEGABYTE


@pytest.mark.parametrize(
    "data", [b"", HEAD, HEAD + b"Content-Length: 10\r\n\r\n"], ids=["idle", "headers", "body"]
)
def test_many_connections_that_owe_a_request_leave_room_for_others(application, data):
    with served(application) as port:
        first = connected(port, data)
        for _ in range(100):
            connected(port, data)

        if data:
            assert b"503 Service Unavailable\r\n" in (given_up := all_of(first))
            assert b"\r\nRetry-After: 1\r\n" in given_up
        answered = [status_of(port, body=b"x") for _ in range(5)]

    assert answered == [200] * 5


def test_the_idle_connections_are_given_up_before_a_body_that_comes(application):
    with served(application) as port:
        slow = connected(port, HEAD + b"Connection: close\r\nContent-Length: 4\r\n\r\nsl")
        for _ in range(50):
            connected(port)
        time.sleep(0.2)

        slow.sendall(b"ow")

        assert all_of(slow).startswith(b"HTTP/1.1 200")


def test_a_request_under_way_is_never_given_up_for_others(application):
    application.may_go_on.clear()
    with served(application) as port:
        under_way = connected(port, HEAD + b"Connection: close\r\nContent-Length: 4\r\n\r\nbusy")
        until(lambda: application.carried_out)
        for _ in range(50):
            connected(port)
        time.sleep(0.2)
        application.may_go_on.set()

        assert all_of(under_way).startswith(b"HTTP/1.1 200")


def test_a_large_body_is_refused_by_the_headers_alone(application):
    head = b"POST /secret HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n"
    with served(application) as port:
        assert connected(port, head + b"\r\n").recv(100).startswith(b"HTTP/1.1 401")
        assert connected(port, head + b"Expect: 100-continue\r\n\r\n").recv(100).startswith(b"HTTP/1.1 401")


def test_a_client_that_asks_first_is_told_to_go_on(application):
    with served(application) as port:
        connection = connected(
            port, HEAD + b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
        )
        told = connection.recv(100)
        connection.sendall(b"one")

        assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert all_of(connection).startswith(b"HTTP/1.1 200")


def test_a_body_that_is_too_large_is_refused_however_it_comes(application):
    with served(application) as port:
        announced = connected(port, HEAD + b"Content-Length: 99999999\r\n\r\n").recv(100)
        chunks = (b"x" * MEGABYTE for _ in range(12))

        assert announced.startswith(b"HTTP/1.1 413")
        assert (
            status_of(port, body=chunks, headers={"Transfer-Encoding": "chunked"}, encode_chunked=True) == 413
        )

    assert application.carried_out == []


def test_bodies_are_bounded_in_all(application):
    with served(application) as port:
        held = [connected(port, HEAD + b"Content-Length: 9000000\r\n\r\nx") for _ in range(2)]
        time.sleep(0.3)

        refused = all_of(connected(port, HEAD + b"Connection: close\r\nContent-Length: 9000000\r\n\r\nx"))
        for connection in held:
            connection.close()
        time.sleep(0.3)

        assert refused.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 1" in refused
        assert json.loads(refused.partition(b"\r\n\r\n")[2])["error"].endswith("Try again.")
        assert status_of(port, body=b"x" * 9 * MEGABYTE) == 200


def test_webhooks_that_are_sent_meanwhile_hold_up_nobody(application):
    application.may_go_on.clear()
    head = HEAD.replace(b"POST / ", b"POST /webhooks/1/execute ")
    with served(application) as port:
        for _ in range(8):
            connected(port, head + b"Content-Length: 4\r\n\r\nslow")
        until(lambda: len(application.carried_out) == 8)
        application.is_quick.add("/")

        assert status_of(port) == 200


def test_the_heartbeat_does_not_wait_behind_other_requests(application):
    application.may_go_on.clear()
    application.is_quick.add("/diagnostic/status/heartbeat")
    with served(application) as port:
        for _ in range(8):
            connected(port, b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n")
        until(lambda: len(application.carried_out) == 4)  # as many as there are threads

        assert status_of(port, "/diagnostic/status/heartbeat", method="GET") == 200


def test_more_webhooks_than_can_wait_for_receivers_are_told_to_come_again(application):
    application.may_go_on.clear()
    head = HEAD.replace(b"POST / ", b"POST /webhooks/1/execute ")
    with served(application, MANY) as port:
        for _ in range(EXECUTING):
            connected(port, head + b"Content-Length: 4\r\n\r\nslow")
        until(lambda: len(application.carried_out) == EXECUTING)
        application.is_quick.add("/")
        refused = [connected(port, head + b"Content-Length: 4\r\n\r\nmore") for _ in range(40)]

        for connection in refused:
            text = connection.recv(65536)
            assert text.startswith(b"HTTP/1.1 503")
            assert b"retry-after: 5" in text
        assert status_of(port) == 200
        assert len(application.carried_out) == EXECUTING + 1
        application.may_go_on.set()
        until(lambda: status_of(port, "/webhooks/1/execute", body=b"again") == 200)


@pytest.mark.parametrize(
    "data", [b"", HEAD, HEAD + b"Content-Length: 0\r\n\r\n"], ids=["nothing", "half a header", "a request"]
)
def test_an_idle_server_stops_at_once(application, data):
    with served(application) as port:
        connection = connected(port, data)
        time.sleep(0.2)
        began = time.monotonic()

    assert time.monotonic() - began < 2
    connection.close()


def test_a_body_that_never_comes_holds_the_stop_up_for_the_grace_period(application):
    with served(application, stop_seconds=2) as port:
        connection = connected(port, HEAD + b"Content-Length: 10\r\n\r\n")
        time.sleep(0.2)
        began = time.monotonic()

    assert 0.5 < time.monotonic() - began < 5
    assert all_of(connection).startswith((b"HTTP/1.1 503", b""))
    assert application.carried_out == []


def test_a_request_under_way_is_answered_before_the_server_stops(application):
    application.may_go_on.clear()
    with served(application) as port:
        connection = connected(port, HEAD + b"Content-Length: 4\r\n\r\nbusy")
        until(lambda: application.carried_out)

    assert all_of(connection).startswith(b"HTTP/1.1 200")
