"""Receivers of webhooks: real HTTP servers that remember what they were sent, and behave as they are told."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Received:
    """One request; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Where it is, and what it has received so far."""

    url: str
    received: list[Received]
    behaviour: Callable[[BaseHTTPRequestHandler], None]

    @property
    def delivered(self) -> list[str]:
        """The ids of the deliveries, one for each request."""
        return [request.headers["x-tally-delivery"] for request in self.received]


def answer(handler: BaseHTTPRequestHandler, status: int = 200, body: bytes = b"ok", **headers: str) -> None:
    """Answer with these."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def answering(status: int = 200, body: bytes = b"ok", **headers: str) -> Callable[..., None]:
    """Return the behaviour of one that answers always the same."""
    return lambda handler: answer(handler, status, body, **headers)


def failing_first(times: int) -> Callable[..., None]:
    """Return the behaviour of one that answers 503 so many times, and then 200."""
    left = [times]

    def behave(handler: BaseHTTPRequestHandler) -> None:
        left[0] -= 1
        answer(handler, 503 if left[0] >= 0 else 200)

    return behave


def hanging(seconds: float) -> Callable[..., None]:
    """Return the behaviour of one that says nothing for so long."""
    return lambda _handler: time.sleep(seconds)


def dripping(pause: float) -> Callable[..., None]:
    """Return the behaviour of one that sends its headers a byte at a time, without end."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        for character in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000:
            handler.wfile.write(bytes([character]))
            handler.wfile.flush()
            time.sleep(pause)

    return behave


def resetting(handler: BaseHTTPRequestHandler) -> None:
    """Behave as one whose connection breaks."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    handler.connection.close()
    handler.close_connection = True


def sending_without_end(handler: BaseHTTPRequestHandler) -> None:
    """Behave as one whose body has no end."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65_536)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: broken connections are what it is there for."""


@contextmanager
def receiving(
    behaviour: Callable[..., None] | None = None, *, certificate: Path | None = None
) -> Iterator[Receiver]:
    """Yield a receiver; its behaviour may be replaced while it runs. With a *certificate*, by TLS."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:  # whoever sent it died meanwhile: nothing arrived
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.command, self.path, headers, body))
            receiver.behaviour(self)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    receiver = Receiver(url, [], behaviour or answering())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def wait_until(condition: Callable[[], Any], patience: float = 20.0) -> Any:
    """Return what the condition returns as soon as that is true."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.02)
    raise AssertionError(f"not so within {patience} seconds")
