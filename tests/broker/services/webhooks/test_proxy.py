"""Webhooks through a proxy: only when told, and only to hosts that are listed."""

import socket
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from support.receivers import receiving

from broker.services.outgoing.connection import OutgoingRequest, SendingError
from broker.services.outgoing.proxy import proxy_for
from broker.services.webhooks.send import send
from broker.settings.settings import Settings

CERTIFICATE = Path(__file__).parents[3] / "data" / "tls" / "localhost.pem"
LISTED = ("ci.example.org", "127.0.0.0/8", "localhost")


def settings(**changes):
    values = {"webhook_host_whitelist": LISTED, "webhook_timeout": 2}
    return Settings(**{**values, **changes})


def a_request(url):
    return OutgoingRequest("POST", url, {"host": "ci.example.org", "content-length": "2"}, b"{}")


@contextmanager
def tunnelling(port, answer=b"HTTP/1.1 200 Connection established\r\nVia: us\r\n\r\n"):
    """Yield the address of a proxy that leads everybody to *port* of this machine, and what it is told."""
    told = []

    def serve(listener):
        client, _ = listener.accept()
        told.append(client.recv(4096).decode())
        client.sendall(answer)
        # A test whose client is refused may be over, and the host gone, before this.
        with client, suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)) as host:
            back = threading.Thread(target=pump, args=(host, client), daemon=True)
            back.start()
            pump(client, host)
            back.join(2)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", told


def pump(source, target):
    try:
        while part := source.recv(4096):
            target.sendall(part)
    except OSError:
        pass


def test_a_request_without_tls_is_given_to_the_proxy():
    with receiving() as proxy:
        address = proxy.url.replace("http://", "http://us%40here:secret@")

        answer = send(a_request("http://ci.example.org/hook?a=1"), settings(webhook_proxy=address))

        assert answer.status == 200
        [request] = proxy.received
        assert request.path == "http://ci.example.org/hook?a=1"
        assert request.headers["proxy-authorization"] == "Basic dXNAaGVyZTpzZWNyZXQ="
        assert request.headers["host"] == "ci.example.org"


def test_tls_goes_through_a_tunnel_to_the_host_itself():
    with receiving(certificate=CERTIFICATE) as receiver:
        port = int(receiver.url.rpartition(":")[2])
        with tunnelling(port) as (address, told):
            chosen = settings(webhook_proxy=f"http://a:b@{address}", webhook_certificates=(str(CERTIFICATE),))

            answer = send(a_request("https://localhost:443/hook"), chosen)

    assert answer.status == 200
    assert told == [
        "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\nproxy-authorization: Basic YTpi\r\n\r\n"
    ]
    [request] = receiver.received
    assert request.path == "/hook"
    assert "proxy-authorization" not in request.headers


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 407 Who are you?\r\n\r\n", "answered: HTTP/1.1 407 Who are you?"),
        (b"x" * 9000, "answered: xxx"),
        (b"HTTP/1.1 200", "no complete answer within 2 seconds, while asking the proxy"),
    ],
)
def test_a_proxy_that_refuses_is_told_of(answer, says):
    with (
        socket.create_server(("127.0.0.1", 0)) as host,
        tunnelling(host.getsockname()[1], answer) as (address, _),
        pytest.raises(SendingError, match=says),
    ):
        send(a_request("https://ci.example.org"), settings(webhook_proxy=f"http://{address}"))


@pytest.mark.parametrize(
    ("url", "listed"),
    [
        ("https://ci.example.org", ()),
        ("https://other.example.org", LISTED),
        ("https://169.254.169.254", ("/.*/",)),
        ("https://[::1]", ("/.*/",)),
    ],
)
def test_the_proxy_is_asked_for_nothing_that_is_not_listed(url, listed):
    with receiving() as proxy:
        with pytest.raises(SendingError, match="TALLY_WEBHOOK_HOST_WHITELIST"):
            send(a_request(url), settings(webhook_proxy=proxy.url, webhook_host_whitelist=listed))

        assert proxy.received == []


def test_proxies_of_the_environment_are_used_only_when_the_settings_say_so(monkeypatch):
    with receiving() as receiver, receiving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)

        send(a_request(receiver.url), settings())
        send(a_request("http://ci.example.org/"), settings(webhook_proxy="environment"))

        assert [request.path for request in receiver.received] == ["/"]
        assert [request.path for request in proxy.received] == ["http://ci.example.org/"]


def test_what_the_environment_exempts_is_asked_directly(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example.org:3128")
    monkeypatch.setenv("no_proxy", "localhost,.internal")

    assert proxy_for("https", "ci.example.org", 443, "environment").host == "proxy.example.org"
    assert proxy_for("https", "ci.internal", 443, "environment") is None
    assert proxy_for("http", "ci.example.org", 80, "environment") is None
