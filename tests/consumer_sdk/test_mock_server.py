"""The mock server, to a client that writes bytes: what no client library sends in one piece, or at all."""

import socket
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests

LARGE = "x" * 12_000_000  # more than the buffers of a connection hold


@contextmanager
def connected(url):
    """Yield a connection, as a function that writes pieces, and a file to read from."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection.makefile("rb") as answers:
            yield connection.sendall, answers


def read_answer(answers):
    """Return the status line and the body of the next answer."""
    status, *headers = iter(lambda: answers.readline().strip(), b"")
    length = next(
        (line.partition(b":")[2] for line in headers if line.lower().startswith(b"content-length")), 0
    )
    return status, answers.read(int(length))


def test_what_is_no_http_is_told_so_and_the_connection_ends(orders):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, body="done")

    with orders.serve() as url:
        requests.get(url, timeout=5)
        with connected(url) as (write, answers):
            write(b"hello\r\n\r\n")
            status, body = read_answer(answers)
            rest = answers.read()

    assert status == b"HTTP/1.1 400 Bad Request"
    assert b"no request of HTTP/1.1: 'hello'" in body
    assert rest == b""


def test_a_client_that_waits_for_the_word_is_told_to_go_on(orders):
    orders.upon_receiving("it").with_request("PUT", "/", body="abc").will_respond_with(200, body="done")

    with orders.serve() as url, connected(url) as (write, answers):
        write(
            b"PUT / HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        )
        told = read_answer(answers)
        write(b"abc")
        got = read_answer(answers)

    assert told == (b"HTTP/1.1 100 Continue", b"")
    assert got == (b"HTTP/1.1 200 OK", b"done")


def test_chunks_may_come_in_pieces_and_end_with_trailers(orders):
    orders.upon_receiving("it").with_request("PUT", "/", body="abcd").will_respond_with(200, body="put")
    orders.upon_receiving("next").with_request("GET", "/").will_respond_with(200, body="got")

    with orders.serve() as url, connected(url) as (write, answers):
        write(b"PUT / HTTP/1.1\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")
        requests.get(url, timeout=5)  # what came so far has been read when this is answered
        write(b"c\r\n1\r\nd\r\n0\r\nX-Sum")
        requests.get(url, timeout=5)
        write(b": 7\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        got = [read_answer(answers)[1] for _ in range(2)]

    assert got == [b"put", b"got"]


def test_a_client_that_reads_late_gets_every_answer_whole_and_one_that_leaves_harms_nobody(orders):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, body=LARGE)
    orders.upon_receiving("little").with_request("GET", "/little").will_respond_with(200, body="a")

    with orders.serve() as url:
        with connected(url) as (write, _):
            write(b"GET / HTTP/1.1\r\n\r\n")
            requests.get(f"{url}/little", timeout=5)  # the first answer is on its way
        with connected(url) as (write, answers):
            write(b"GET / HTTP/1.1\r\n\r\n")
            requests.get(f"{url}/little", timeout=5)  # the first answer waits for its reader
            write(b"GET / HTTP/1.1\r\n\r\n")
            requests.get(f"{url}/little", timeout=5)
            got = [len(read_answer(answers)[1]) for _ in range(2)]

    assert got == [len(LARGE)] * 2


def test_a_connection_that_is_kept_ends_with_the_recorder(orders):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, body="done")

    with orders.serve() as url:
        opened = connected(url)
        write, answers = opened.__enter__()
        write(b"GET / HTTP/1.1\r\n\r\n")
        assert read_answer(answers)[1] == b"done"
    orders.close()

    assert answers.read() == b""
    opened.__exit__(None, None, None)
