"""A provider and a broker to talk to, on real ports, and the command as a user calls it."""

import itertools
import json
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner

from verifier.cli import verify


@dataclass(frozen=True)
class Asked:
    """A request that a server received; *connection* tells connections apart."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: tuple[str, int]
    client_name: str | None = None
    """Whose certificate the client has shown."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What a server answers; *body* is bytes as they are, everything else as JSON."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class QuietServer(ThreadingHTTPServer):
    """Says nothing about connections that end early: tests end them on purpose."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


class HttpServer:
    """Answers what it was told to answer, 404 otherwise, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._silently_closing = False
        self._answers: dict[tuple[str, str], Callable[[Asked], Answer]] = {}
        self._server = QuietServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def on(self, method: str, path: str, body: Any = b"", *, status: int = 200, **headers: str) -> None:
        """Answer *method* on *path* (query string included) with *body*, or what the function *body* says."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self._answers[method, path] = body if callable(body) else lambda _: Answer(body, status, names)

    def in_turn(self, method: str, path: str, *bodies: Any) -> None:
        """Answer with one of *bodies* after the other, and again from the first."""
        turns = itertools.cycle(bodies)
        self.on(method, path, lambda _: Answer(next(turns)))

    def asked_for(self, method: str, path: str) -> list[Asked]:
        return [asked for asked in self.asked if (asked.method, asked.path) == (method, path)]

    def late(self, seconds: float) -> Answer:
        """Be an answer that takes its time."""
        time.sleep(seconds)
        return Answer()

    def answer(self, body: Any, status: int = 200) -> Answer:
        """Be an answer."""
        return Answer(body, status)

    def speak_tls(self, context: ssl.SSLContext) -> None:
        """Speak TLS with everybody who comes from now on."""
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    def close_after_each_answer(self) -> None:
        """Close each connection after one answer, without saying so."""
        self._silently_closing = True

    def hang_up(self) -> Answer:
        """Be the answer that never comes: the connection is closed."""
        raise ConnectionAbortedError

    def last(self, body: Any) -> Answer:
        """Be the last answer: no other connection is accepted."""
        self._server.shutdown()
        self._server.server_close()
        return Answer(body, headers={"Connection": "close"})

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self._answers.get((asked.method, asked.path), lambda _: Answer({"error": "no"}, 404))(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                client = client_name_of(self.connection)
                answer = server._answer(
                    Asked(self.command, self.path, dict(self.headers), body, self.client_address, client)
                )
                is_bytes = isinstance(answer.body, bytes)
                content = answer.body if is_bytes else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                headers = {"Content-Length": str(len(content)), **answer.headers}
                if not is_bytes and "Content-Type" not in headers:
                    headers["Content-Type"] = "application/json"
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)
                self.close_connection = self.close_connection or server._silently_closing

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_any  # noqa: N815 - http.server's names

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


def client_name_of(connection: socket.socket) -> str | None:
    """Return the common name of the certificate that a client has shown."""
    certificate = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else None
    names = [pair for part in (certificate or {}).get("subject", ()) for pair in part]
    return dict(names).get("commonName")


@pytest.fixture
def provider():
    """A provider that knows nothing yet."""
    server = HttpServer()
    yield server
    server.stop()


@pytest.fixture
def keeping(provider):
    """A provider that keeps the contract of `a_pact()`."""
    provider.on("GET", "/orders/1", {"id": 1, "status": "paid"})
    return provider


@pytest.fixture
def broker_server():
    """A server that a test makes into a broker."""
    server = HttpServer()
    yield server
    server.stop()


class HalBroker:
    """A broker with pacts for one provider, whose URLs are unlike those of any real one."""

    def __init__(self, server):
        self.url = f"{server.url}/b"
        self.server = server
        self._entries = []
        server.on("GET", "/b", {"_links": self._index()})
        server.on("POST", "/b/verify-Orders", {"_embedded": {"pacts": self._entries}, "_links": {}})
        server.on("GET", "/b/who/Orders", {"_links": self._pacticipant()})

    def offers(self, pact, *, pending=False, notices=()):
        """Want *pact* verified, and return its URL."""
        number = len(self._entries) + 1
        href = f"{self.url}/pact/{number}"
        properties = {"pending": pending, "notices": list(notices)}
        self._entries.append({"verificationProperties": properties, "_links": {"self": {"href": href}}})
        links = {
            "self": {"href": href},
            "pb:provider": {"href": f"{self.url}/who/Orders"},
            "pb:publish-verification-results": {"href": f"{href}/results"},
        }
        self.server.on("GET", f"/b/pact/{number}", {**pact, "_links": links})
        self.server.on("POST", f"/b/pact/{number}/results", {}, status=201)
        return href

    def has_service_contract(self, document, sha):
        """Have the service contract of Orders, version 9f8e7d."""
        href = f"{self.url}/promise/Orders/9f8e7d"
        links = {
            "tally:publish-verification-results": {"href": f"{href}/results"},
            "pb:pacticipant": {"href": f"{self.url}/who/Orders"},
        }
        self.server.on("GET", "/b/promise/Orders/9f8e7d", {"sha": sha, "content": document, "_links": links})
        self.server.on("POST", "/b/promise/Orders/9f8e7d/results", {}, status=201)

    def has_documents(self, **documents):
        """Have several documents, by name, as the service contract of Orders, version 9f8e7d."""
        listed = []
        for name, document in documents.items():
            href = f"{self.url}/promise/Orders/9f8e7d/{name}"
            links = {"tally:publish-verification-results": {"href": f"{href}/results"}}
            self.server.on("GET", f"/b/promise/Orders/9f8e7d/{name}", {"content": document, "_links": links})
            listed.append({"name": name, "_links": {"self": {"href": href}}})
        self.server.on("GET", "/b/promise/Orders/9f8e7d", {"_embedded": {"documents": listed}, "_links": {}})

    @property
    def service_contract_results(self):
        return [asked.json for asked in self.server.asked_for("POST", "/b/promise/Orders/9f8e7d/results")]

    @property
    def asked_for_pacts(self):
        return [asked.json for asked in self.server.asked_for("POST", "/b/verify-Orders")]

    def results(self, number=1):
        return [asked.json for asked in self.server.asked_for("POST", f"/b/pact/{number}/results")]

    def _index(self):
        return {
            "pb:provider-pacts-for-verification": {
                "href": f"{self.url}/verify-{{provider}}",
                "templated": True,
            },
            "tally:service-contract": {
                "href": f"{self.url}/promise/{{pacticipant}}/{{version}}",
                "templated": True,
            },
        }

    def _pacticipant(self):
        for path in ("/b/branch/feat%2Fx/of/9f8e7d", "/b/tag/dev/of/9f8e7d", "/b/tag/eu/of/9f8e7d"):
            self.server.on("PUT", path, {}, status=201)
        return {
            "pb:branch-version": {"href": f"{self.url}/branch/{{branch}}/of/{{version}}", "templated": True},
            "pb:version-tag": {"href": f"{self.url}/tag/{{tag}}/of/{{version}}", "templated": True},
        }


@pytest.fixture
def hal_broker(broker_server):
    """A broker that knows the provider Orders, and wants nothing verified yet."""
    return HalBroker(broker_server)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


@pytest.fixture
def tally_verify(monkeypatch, tmp_path):
    """Call `tally verify` with arguments, as on a machine that sets nothing for it."""
    for name in [name for name in os.environ if name.startswith(("PACT_", "GITHUB_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*arguments: Any) -> Ended:
        result = CliRunner().invoke(verify, [str(argument) for argument in arguments], catch_exceptions=False)
        return Ended(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def pact_file(tmp_path):
    """Write a pact document to a file of its own, and return its path."""

    def write(document: Any, name: str = "pact.json") -> Any:
        path = tmp_path / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return write


@pytest.fixture
def verify_from_broker(hal_broker, provider, tally_verify):
    def call(*options):
        return tally_verify(
            "--broker-base-url",
            hal_broker.url,
            "--provider",
            "Orders",
            "--provider-url",
            provider.url,
            *options,
        )

    return call
