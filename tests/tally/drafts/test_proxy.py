"""The recording proxy, between real clients and a provider that does difficult things."""

import gzip
import http.client
import socket
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from tally.drafts.draft import draft
from tally.drafts.folding import Folding
from tally.drafts.proxy import Upstream, recording

ANSWERS = {
    "/api/gzip": {"body": gzip.compress(b'{"id": 7}'), "Content_Encoding": "gzip"},
    "/api/raw-deflate": {"body": zlib.compress(b'{"id": 7}', wbits=-15), "Content_Encoding": "deflate"},
    "/api/brotli": {"body": b"x", "Content_Encoding": "br"},
    "/api/no-gzip": {"body": b"this is plain text", "Content_Encoding": "gzip"},
    "/api/broken": {"body": b'{"error": "out of order"}', "status": 500},
    "/api/nothing": {"body": b"", "status": 204, "Content_Length": None},
}


class _Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Say nothing."""

    def answer(self, body=b"{}", status=200, **headers):
        self.send_response(status)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **given,
        }.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        path = self.path.split("?")[0]
        match path:
            case _ if path in ANSWERS:
                self.answer(**ANSWERS[path])
            case "/api/stream":
                self.stream()
            case "/api/without-length":
                self.close_connection = True
                self.answer(b'{"id": 7}', Content_Length=None, Connection="close")
            case "/api/cut-off":
                self.close_connection = True
                self.answer(b'{"id"', Content_Length="100")
            case "/api/silent":
                self.close_connection = True
            case "/api/moved":
                self.answer(b"", 302, Location=f"http://{self.headers['Host']}/api/orders/7")
            case "/api/cookies":
                self.send_response(200)
                for name in ("one", "two"):
                    self.send_header("Set-Cookie", f"{name}={self.headers['Authorization']}")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "/api/slow":
                time.sleep(1)
                self.answer()
            case _:
                self.answer(
                    f'{{"path": "{self.path}", "accept": "{self.headers["Accept-Encoding"]}"}}'.encode()
                )

    do_HEAD = do_PURGE = do_GET  # noqa: N815 - http.server's names

    def do_POST(self):
        body = b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(body)

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"9\r\ndata: 1\n\n\r\n")
        self.server.first_was_read.wait(10)
        self.wfile.write(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Say nothing of clients that hang up: they are told to."""


@pytest.fixture
def provider():
    with _QuietServer(("127.0.0.1", 0), _Provider) as server:
        server.first_was_read = threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}/api"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Recorded:
    def __init__(self):
        self.folding = Folding()
        self.said = []
        self.url = ""

    @property
    def interactions(self):
        made = draft(self.folding.folded(), consumer="Shop", provider="Orders")
        return {each.description: each.document for each in made.interactions}


@pytest.fixture
def proxy(provider):
    """A proxy before the provider; what it recorded is read when it has ended."""
    recorded = Recorded()
    with recording(
        Upstream(provider.url, timeout=0.5), recorded.folding, lambda text, _: recorded.said.append(text)
    ) as server:
        recorded.url = server.url
        recorded.finish = server.finish
        yield recorded


def body_of(document):
    return document["response"]["body"]["content"]


def test_requests_come_back_as_the_provider_answers(proxy):
    answer = requests.get(
        proxy.url + "/orders/7?page=2", headers={"Accept-Encoding": "br, gzip;q=0.5"}, timeout=5
    )

    assert answer.json() == {"path": "/api/orders/7?page=2", "accept": "gzip;q=0.5"}
    proxy.finish()
    [document] = proxy.interactions.values()
    assert document["request"]["path"] == "/orders/7"
    assert document["request"]["query"] == {"page": ["2"]}


def test_credentials_and_cookies_are_passed_on_and_not_recorded(proxy):
    answer = requests.get(
        proxy.url + "/cookies", headers={"Authorization": "Bearer hunter2hunter2"}, timeout=5
    )

    assert answer.raw.headers.getlist("Set-Cookie") == [
        f"{name}=Bearer hunter2hunter2" for name in ("one", "two")
    ]
    proxy.finish()
    [document] = proxy.interactions.values()
    assert document["request"]["headers"]["Authorization"] == ["Bearer REDACTED"]
    assert "hunter2" not in str(document) + str(proxy.said)


@pytest.mark.parametrize("path", ["/gzip", "/raw-deflate", "/without-length"])
def test_a_body_is_recorded_as_it_was_before_its_encoding(proxy, path):
    assert requests.get(proxy.url + path, timeout=5).json() == {"id": 7}

    proxy.finish()
    [document] = proxy.interactions.values()
    assert body_of(document) == {"id": 7}
    assert document["response"]["headers"] == {"Content-Type": ["application/json"]}


@pytest.mark.parametrize("pieces", [False, True], ids=["with a length", "in chunks"])
def test_what_the_consumer_sends_is_passed_on(proxy, pieces):
    sent = b'{"sku": "tea"}'
    headers = {"Content-Type": "application/json"}
    answer = requests.post(
        proxy.url + "/a", iter([sent[:5], sent[5:]]) if pieces else sent, headers=headers, timeout=5
    )

    assert answer.content == sent
    proxy.finish()
    assert proxy.interactions["POST /a (200)"]["request"]["body"]["content"] == {"sku": "tea"}


def test_a_large_body_is_passed_on_and_left_out_of_the_draft(proxy):
    sent = b"x" * 3_000_000

    assert requests.post(proxy.url + "/a", sent, timeout=10).content == sent

    proxy.finish()
    assert "body" not in proxy.interactions["POST /a (200)"]["request"]


def test_a_stream_arrives_piece_by_piece(proxy, provider):
    with requests.get(proxy.url + "/stream", stream=True, timeout=5) as answer:
        lines = answer.iter_lines()
        assert next(lines) == b"data: 1"  # before the provider sends the second
        provider.first_was_read.set()
        assert [line for line in lines if line] == [b"data: 2"]


def test_a_redirect_stays_with_the_proxy(proxy):
    answer = requests.get(proxy.url + "/moved", timeout=5)

    assert answer.url == proxy.url + "/orders/7"
    proxy.finish()
    assert set(proxy.interactions) == {"GET /moved (302)", "GET /orders/{id} (200)"}


@pytest.mark.parametrize(
    ("method", "path", "status"), [("HEAD", "/a", 200), ("GET", "/nothing", 204), ("PURGE", "/a", 200)]
)
def test_any_method_and_answers_without_a_body(proxy, method, path, status):
    with requests.Session() as session:
        statuses = [session.request(method, proxy.url + path, timeout=5).status_code for _ in range(2)]

    assert statuses == [status, status]
    proxy.finish()
    assert list(proxy.interactions) == [f"{method} {path} ({status})"]


def test_an_error_of_the_provider_is_passed_on_and_said(proxy):
    answer = requests.get(proxy.url + "/broken", timeout=5)

    assert (answer.status_code, answer.json()) == (500, {"error": "out of order"})
    proxy.finish()
    assert proxy.folding.count == 0
    assert proxy.said == ["GET /broken 500: not recorded: GET /broken answered 500, an error of the server"]


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [("/silent", 502, "cannot be reached"), ("/slow", 504, "within 0.5 seconds")],
)
def test_a_provider_that_does_not_answer_is_said_to_both(proxy, path, status, reason):
    answer = requests.get(proxy.url + path, timeout=5)

    assert answer.status_code == status
    assert reason in answer.text
    proxy.finish()
    assert reason in proxy.said[0]
    assert proxy.folding.left_out == {"requests without a whole answer of the provider": 1}


def test_an_answer_that_is_cut_off_is_cut_off_for_the_consumer_as_well(proxy):
    with pytest.raises(requests.RequestException):
        requests.get(proxy.url + "/cut-off", timeout=5)

    proxy.finish()
    assert proxy.folding.count == 0
    assert "the answer was cut off" in proxy.said[0]


@pytest.mark.parametrize(
    ("request_", "status", "reason"),
    [
        (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 405, b"not as a proxy"),
        (b"GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, b"is no path of"),
        (
            b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
            501,
            b"WebSockets",
        ),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400, b"is no number"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400, b"is not chunked"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501, b"is not known"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx", 400, b"is shorter than"),
        (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400, b"cannot be passed on"),
    ],
)
def test_what_cannot_be_passed_on_is_refused(proxy, request_, status, reason):
    host, port = proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        said = answer.read()

    assert (answer.status, reason in said) == (status, True), said
    assert proxy.folding.count == 0


def ask_plainly(url, request_):
    """Send bytes, and return all that comes back."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_an_old_client_gets_an_answer_without_length_up_to_the_end_of_the_connection(proxy):
    answer = ask_plainly(proxy.url, b"GET /without-length HTTP/1.0\r\nHost: x\r\n\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert (b"Connection: close" in head, b"chunked" in head, body) == (True, False, b'{"id": 7}')


def test_a_whole_address_of_the_provider_is_its_path(proxy, provider):
    target = provider.url.removesuffix("/api") + "/orders"

    answer = ask_plainly(proxy.url, f"GET {target} HTTP/1.0\r\nHost: x\r\n\r\n".encode())

    assert b'"path": "/api/orders"' in answer


def test_trailers_behind_a_chunked_body_are_no_part_of_it(proxy):
    head = b"POST /orders HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

    answer = ask_plainly(proxy.url, head + b"2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n")

    assert answer.endswith(b"\r\n\r\n{}")


def test_a_refusal_of_a_head_request_has_no_body(proxy):
    answer = ask_plainly(proxy.url, b"HEAD /silent HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 502 ")
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(("path", "encoding"), [("/brotli", "br"), ("/no-gzip", "gzip")])
def test_a_body_that_cannot_be_decoded_is_left_out_and_said(proxy, path, encoding):
    ask_plainly(proxy.url, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    proxy.finish()
    [interaction] = proxy.interactions.values()
    assert "body" not in interaction["response"]
    assert any(f"it is encoded as {encoding}" in text for text in interaction["comments"]["text"])


def test_many_clients_at_once_lose_nothing(proxy):
    def ask():
        with requests.Session() as session:
            for number in range(10):
                assert session.get(f"{proxy.url}/orders/{number}", timeout=10).ok

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    proxy.finish()
    assert proxy.folding.count == 40
