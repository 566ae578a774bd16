"""HTTP/1.1 as it is written: what is sent, and every form that an answer may have."""

import gzip
import io
import socket
import sys
import threading
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest

from verifier.errors import NoAnswerError, ProviderTimeoutError
from verifier.transport import codings, connection
from verifier.transport.connection import Connection, ProtocolError, read_response, request_bytes
from verifier.transport.http import HttpTransport
from verifier.transport.transport import HttpRequest, HttpResponse

CHUNKED = "Transfer-Encoding: chunked"


def read(text, method="GET"):
    return read_response(io.BufferedReader(io.BytesIO(text.encode("latin-1"))), method)


def lines(*parts, body=""):
    return "\r\n".join(parts) + "\r\n\r\n" + body


@pytest.mark.parametrize(
    ("text", "content", "keeps"),
    [
        (lines("HTTP/1.1 200 OK", "Content-Length: 2", body="okHTTP/1.1"), b"ok", True),
        (lines("HTTP/1.1 200", "content-length:2", body="ok"), b"ok", True),
        ("HTTP/1.1 200 OK\nContent-Length: 2\n\nok", b"ok", True),
        (lines("HTTP/1.1 200 OK", "Content-Length: 2", "Connection: Close", body="ok"), b"ok", False),
        (lines("HTTP/1.0 200 OK", "Content-Length: 2", body="ok"), b"ok", False),
        (lines("HTTP/1.0 200 OK", "Content-Length: 2", "Connection: keep-alive", body="ok"), b"ok", True),
        (lines("HTTP/1.1 200 OK", body="until the end"), b"until the end", False),
        (
            lines("HTTP/1.1 200 OK", CHUNKED, body="2\r\nok\r\nA;x=1\r\nabcdefghij\r\n0\r\n\r\n"),
            b"okabcdefghij",
            True,
        ),
        (
            lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", body="2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n"),
            b"ok",
            True,
        ),
        (lines("HTTP/1.1 204 No Content"), b"", True),
        (lines("HTTP/1.1 204 No Content", "Content-Length: 2", body="no"), b"", False),
        (lines("HTTP/1.1 304 Not Modified"), b"", True),
        (lines("HTTP/1.1 101 Switching Protocols", "Upgrade: x"), b"", False),
    ],
)  # fmt: skip
def test_an_answer_ends_where_its_header_says(text, content, keeps):
    answer, stays_open = read(text)

    assert answer.content == content
    assert stays_open is keeps


@pytest.mark.parametrize(
    "text",
    [
        lines("HTTP/1.1 200 OK", "Content-Length: 99999999999999999999999", body="ok"),
        lines("HTTP/1.1 200 OK", CHUNKED, body="FFFFFFFFFFFFFFFFFFFF\r\nok"),
        lines("HTTP/1.1 200 OK", CHUNKED, body="3e8\r\n" + "x" * 1000 + "\r\n3e8\r\n" + "x" * 1000),
        lines("HTTP/1.1 200 OK", body="x" * 2000),
    ],
)
def test_an_answer_without_an_end_does_not_fill_the_memory(monkeypatch, text):
    monkeypatch.setattr(connection, "MOST_BYTES", 1500)

    with pytest.raises(ProtocolError, match="the response is larger than"):
        read(text)


def test_nor_does_one_that_is_small_only_on_its_way(monkeypatch):
    monkeypatch.setattr(connection, "MOST_BYTES", 1500)
    monkeypatch.setattr(codings, "MOST_BYTES", 1500)
    response = HttpResponse(200, (("Content-Encoding", "gzip"),), gzip.compress(b"x" * 10_000))

    with pytest.raises(ProtocolError, match="the response is larger than"):
        codings.decoded(response)


def test_an_answer_to_head_has_no_content_whatever_its_header_says():
    answer, keeps = read(lines("HTTP/1.1 200 OK", "Content-Length: 2", body="ok"), "HEAD")

    assert answer.content == b""
    assert not keeps


def test_interim_answers_are_passed_over():
    interim = lines("HTTP/1.1 100 Continue") + lines("HTTP/1.1 103 Early Hints", "Link: </a>")

    answer, _ = read(interim + lines("HTTP/1.1 201 Created", "Content-Length: 0"))

    assert answer.status == 201
    assert answer.headers == (("Content-Length", "0"),)


def test_headers_keep_their_order_their_spelling_and_each_of_their_values():
    text = lines(
        "HTTP/1.1 204 No Content", "Set-Cookie: a=1", "X-NAME:  é ", "set-cookie: b=2", "X-Long: a", "  b"
    )

    answer, _ = read(text)

    assert answer.headers == (
        ("Set-Cookie", "a=1"),
        ("X-NAME", "é"),
        ("set-cookie", "b=2"),
        ("X-Long", "a b"),
    )
    assert answer.header("SET-COOKIE") == "a=1"


def test_no_answer_at_all_is_the_end_of_the_connection():
    with pytest.raises(ConnectionResetError):
        read("")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SSH-2.0-OpenSSH\r\n", "not HTTP"),
        ("HTTP/2 200\r\n\r\n", "not HTTP"),
        ("HTTP/1.1 200 OK\r\nX-Cut: ", "does not end"),
        (lines("HTTP/1.1 200 OK", *(f"X-{n}: 1" for n in range(1001))), "too long"),
        (lines("HTTP/1.1 200 OK", "X: " + "a" * 70_000), "too long"),
        (lines("HTTP/1.1 200 OK", "Content-Length: 5", body="cut"), "ended after 3 of 5 bytes"),
        (lines("HTTP/1.1 200 OK", "Content-Length: -5", body="x"), "is not a number"),
        (lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", body="zz\r\n"), "is not a number"),
        (lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", body="5\r\ncut"), "ended after 3 of 5 bytes"),
    ],
)
def test_what_is_no_http_is_said_to_be(text, problem):
    with pytest.raises(ProtocolError, match=problem):
        read(text)


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET /x", "/", ()),
        ("GET", "/a b", ()),
        ("GET", "/\r\nX: 1", ()),
        ("GET", "/é", ()),
        ("GET", "/", (("X", "a\r\nY: b"),)),
        ("GET", "/", (("X", "a\0"),)),
        ("GET", "/", (("X Y", "a"),)),
        ("GET", "/", (("X:", "a"),)),
    ],
)
def test_what_would_be_another_request_is_never_sent(method, target, headers):
    with pytest.raises(ProtocolError):
        request_bytes(method, target, headers)


@pytest.fixture
def raw():
    """Serve one connection with bytes as they are; returns the address, and what was received."""
    threads, received = [], []

    def serve(content):
        server = socket.create_server(("127.0.0.1", 0))

        def answer():
            with server, server.accept()[0] as connection:
                received.append(connection.recv(65_536))
                connection.sendall(content)

        threads.append(threading.Thread(target=answer))
        threads[-1].start()
        return f"http://127.0.0.1:{server.getsockname()[1]}", received

    yield serve
    for thread in threads:
        thread.join()


@pytest.fixture
def http():
    transport = HttpTransport(timeout=2)
    yield transport
    transport.close()


def test_a_request_is_written_with_what_http_needs_and_nothing_else(raw, http):
    address, received = raw(lines("HTTP/1.1 204 No Content").encode())
    request = HttpRequest(
        method="POST", url=f"{address}/a?b=c", headers=(("X-A", "é"), ("Content-Length", "99")), content=b"{}"
    )

    http.send(request)

    host = address.removeprefix("http://")
    wanted = ("POST /a?b=c HTTP/1.1", f"Host: {host}", "User-Agent: tallystick-verifier", "X-A: é")
    assert received == [lines(*wanted, "Content-Length: 2", body="{}").encode()]


def test_a_question_without_content_has_no_length_unless_its_method_wants_one(raw, http):
    for method, length in (("GET", False), ("DELETE", False), ("PUT", True)):
        address, received = raw(lines("HTTP/1.1 204 No Content", "Connection: close").encode())

        http.send(HttpRequest(method=method, url=address, headers=(("Host", "shop"), ("user-agent", "me"))))

        assert received[-1].startswith(f"{method} / HTTP/1.1\r\nHost: shop\r\nuser-agent: me\r\n".encode())
        assert (b"Content-Length: 0" in received[-1]) is length


class Counted(socket.socket):
    """A socket that knows how often something was sent, and asked for."""

    sent = asked = 0

    def send(self, *arguments):
        self.sent += 1
        return super().send(*arguments)

    def recv_into(self, *arguments):
        self.asked += 1
        return super().recv_into(*arguments)


def test_an_exchange_sends_once_and_reads_once():
    ours, theirs = socket.socketpair()
    answer = lines(
        "HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Length: 2", body="{}"
    ).encode()
    counted = Counted(fileno=ours.detach())
    kept = Connection(counted)

    with theirs:
        for _ in range(3):
            theirs.sendall(answer)
            assert kept.exchange(b"GET / HTTP/1.1\r\n\r\n", "GET", timeout=5).content == b"{}"
    kept.close()

    assert (counted.sent, counted.asked) == (3, 3)


def test_what_is_not_compressed_though_it_says_so_stays_as_it_came(raw, http):
    address, _ = raw(lines("HTTP/1.1 200 OK", "Content-Encoding: gzip", body="plain").encode())

    assert http.send(HttpRequest(method="GET", url=address)).content == b"plain"


def test_compressed_chunks_are_read_and_undone(raw, http):
    packed = gzip.compress(b"order" * 100)
    header = lines("HTTP/1.1 200 OK", "Content-Encoding: gzip", "Transfer-Encoding: chunked").encode()
    address, _ = raw(header + f"{len(packed):x}\r\n".encode() + packed + b"\r\n0\r\n\r\n")

    assert http.send(HttpRequest(method="GET", url=address)).content == b"order" * 100


def test_garbage_is_no_answer_and_names_the_address(raw, http):
    address, _ = raw(b"garbage\r\n\r\n")

    with pytest.raises(NoAnswerError, match=f"The request to {address} failed: .*not HTTP"):
        http.send(HttpRequest(method="GET", url=address))


@pytest.mark.parametrize(
    "beginning",
    [lines("HTTP/1.1 200 OK", "Content-Length: 100"), lines("HTTP/1.1 200 OK"), "HTTP/1.1 200 OK\r\nX: "],
    ids=["with a length", "until the end", "in a header"],
)
def test_the_time_is_for_the_whole_answer_not_for_each_of_its_bytes(beginning):
    server = socket.create_server(("127.0.0.1", 0))

    def trickle():
        with server, server.accept()[0] as connection, suppress(OSError):
            connection.sendall(beginning.encode())
            for _ in range(100):
                time.sleep(0.05)
                connection.sendall(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    transport = HttpTransport(timeout=0.3)
    started = time.monotonic()

    with pytest.raises(ProviderTimeoutError, match=r"did not respond within 0\.3 s"):
        transport.send(HttpRequest(method="GET", url=f"http://127.0.0.1:{server.getsockname()[1]}/"))

    assert time.monotonic() - started < 4
    thread.join()


def test_several_codings_are_undone_from_the_last(raw, http):
    packed = gzip.compress(gzip.compress(b"order"))
    head = lines("HTTP/1.1 200 OK", "Content-Encoding: gzip, gzip", f"Content-Length: {len(packed)}")
    address, _ = raw(head.encode() + packed)

    assert http.send(HttpRequest(method="GET", url=address)).content == b"order"


@pytest.mark.parametrize(("coding", "package"), [("br", "brotli"), ("zstd", "backports.zstd")])
def test_a_coding_without_its_package_is_named(raw, http, monkeypatch, coding, package):
    for name in ("brotli", "brotlicffi", "compression", "compression.zstd", "backports.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    address, _ = raw(lines("HTTP/1.1 200 OK", f"Content-Encoding: {coding}", body="x").encode())

    with pytest.raises(NoAnswerError, match=f"the coding '{coding}', for which the package {package} is nee"):
        http.send(HttpRequest(method="GET", url=address))


def test_a_coding_with_its_package_is_undone(raw, http, monkeypatch):
    monkeypatch.setitem(sys.modules, "brotli", SimpleNamespace(decompress=bytes.swapcase))
    address, _ = raw(lines("HTTP/1.1 200 OK", "Content-Encoding: br", body="ORDER").encode())

    assert http.send(HttpRequest(method="GET", url=address)).content == b"order"
