"""Receivers that mean no good: an attempt ends in time, reads no more than it must, and goes nowhere else."""

import itertools
import resource
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from support.receivers import answering, receiving

from broker.services.outgoing.connection import OutgoingRequest, SendingError
from broker.services.webhooks.send import send
from broker.settings.settings import Settings

SECONDS = 1


def settings(**changes):
    values = {"webhook_host_whitelist": ("127.0.0.0/8", "*.example.org"), "webhook_timeout": SECONDS}
    return Settings(**{**values, **changes})


def a_request(url):
    return OutgoingRequest("POST", url, {"host": "ci", "content-length": "2"}, b"{}")


@contextmanager
def speaking(parts, *, pause=0.0):
    """Yield the URL of one that says these parts, whatever it is asked, and then keeps the line open."""
    over = threading.Event()

    def speak(listener):
        client, _ = listener.accept()
        with client, suppress(OSError):
            client.recv(4096)
            for part in parts:
                client.sendall(part)
                if over.wait(pause):
                    return
            over.wait(10)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=speak, args=(listener,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("parts", "pause"),
    [
        (itertools.chain([HEAD, b"Content-Length: 9999\r\n\r\n"], itertools.repeat(b"x")), 0.05),
        (
            itertools.chain([HEAD, b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"1\r\nx\r\n")),
            0.05,
        ),
        (itertools.chain([HEAD, b"Connection: close\r\n\r\n"], itertools.repeat(b"x")), 0.05),
        (itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), 0.001),
        (itertools.chain([HEAD], (b"X-%d: y\r\n" % number for number in range(99))), 0.05),
        ([b""], 0),
        ([HEAD], 0),
    ],
    ids=[
        "body in drops",
        "chunks in drops",
        "drops until it closes",
        "continue for ever",
        "headers in drops",
        "silence",
        "half an answer",
    ],
)
def test_an_answer_that_does_not_end_is_cut_in_time(parts, pause):
    with speaking(parts, pause=pause) as url:
        started = time.monotonic()

        with pytest.raises(SendingError, match="no complete answer within 1 seconds") as cut:
            send(a_request(url), settings())

    assert time.monotonic() - started < SECONDS + 5
    assert cut.value.sent, "the receiver may have it"


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([HEAD, *(b"X-%d: y\r\n" % number for number in range(2000))], "more than 100 headers"),
        ([HEAD, b"X: " + b"y" * 70_000], "header line"),
        ([b"y" * 70_000], "status line|got more than 65536 bytes|y"),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], "SSH-2.0"),
        ([b"HTTP/1.1 two hundred\r\n\r\n"], "two hundred"),
        ([HEAD, b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n"], "IncompleteRead|invalid"),
    ],
    ids=["many headers", "a long header", "a long status", "another protocol", "no status", "no chunk"],
)
def test_what_is_no_http_is_said(parts, says):
    with speaking(parts) as url, pytest.raises(SendingError, match=says):
        send(a_request(url), settings())


def test_no_more_of_a_huge_body_is_read_than_is_kept():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    body = itertools.chain([HEAD, b"Content-Length: 99999999999\r\n\r\n"], itertools.repeat(b"x" * 65_536))

    with speaking(body) as url:
        answer = send(a_request(url), settings(webhook_response_kilobytes=8))

    assert (len(answer.body), answer.is_cut) == (8192, True)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000, "kilobytes"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with receiving() as target, receiving(answering(status, b"", Location=target.url)) as receiver:
        answer = send(a_request(receiver.url), settings())

        assert answer.status == status
        assert len(receiver.received) == 1
        assert target.received == []


def test_tls_with_one_who_speaks_none_is_refused():
    with receiving() as receiver, pytest.raises(SendingError, match="while setting up TLS") as refused:
        send(a_request(receiver.url.replace("http://", "https://")), settings())

    assert not refused.value.sent


def test_a_name_that_means_another_address_at_the_next_attempt_is_judged_again(monkeypatch):
    answers = iter(["127.0.0.1", "169.254.169.254"])
    real = socket.getaddrinfo

    def look_up(host, port, *arguments, **options):
        address = next(answers) if host == "ci.example.org" else host
        return real(address, port, *arguments, **options)

    with receiving() as receiver:
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        url = receiver.url.replace("127.0.0.1", "ci.example.org")

        assert send(a_request(url), settings()).status == 200
        with pytest.raises(SendingError, match=r"is 169\.254\.169\.254, which is not public"):
            send(a_request(url), settings())
