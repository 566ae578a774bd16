"""A server that gives recorded answers in the shapes of a Pact Broker, and remembers what it was asked."""

import json
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

HAL = "application/hal+json;charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """One request, as it arrived."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Answer:
    """What is sent back; a *body* that is not text is sent as JSON."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class HalServer:
    """Answers by method and path. Several answers for one are given in turn; the last one stays."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.asked: list[Asked] = []
        self._answers: dict[tuple[str, str], list[Answer]] = defaultdict(list)

    def answers(self, method: str, path: str, *answers: Any) -> None:
        """Give these answers from now on; what is no Answer is the body of one.

        A *path* with its query string goes before the same path without one.
        """
        wrapped = [answer if isinstance(answer, Answer) else Answer(answer) for answer in answers]
        self._answers[method, path] = wrapped

    def url(self, path: str) -> str:
        return self.base_url + path

    def sent(self, method: str) -> list[Asked]:
        """Return the requests with this method, in order."""
        return [asked for asked in self.asked if asked.method == method]

    def reply(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        asked_for = f"{asked.path}?{urlencode(asked.query)}"
        queue = self._answers.get((asked.method, asked_for)) or self._answers.get((asked.method, asked.path))
        if not queue:
            return Answer({"error": f"Nothing at {asked.path}"}, 404)
        return queue.pop(0) if len(queue) > 1 else queue[0]


@contextmanager
def hal_server_running(certificate: Path | None = None) -> Iterator[HalServer]:
    """Yield a server on a free port of the loopback interface; with a *certificate* and its key, by TLS."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        http.socket = context.wrap_socket(http.socket, server_side=True)
    http.hal = HalServer(f"{'https' if certificate else 'http'}://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield http.hal
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = parse_qsl(parts.query, keep_blank_values=True)
        body = json.loads(content) if content else None
        hal: HalServer = self.server.hal
        answer = hal.reply(Asked(self.command, parts.path, query, dict(self.headers), body))
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        self.send_response(answer.status)
        for name, value in {"Content-Type": HAL, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - names of the library

    def log_message(self, *_: Any) -> None:
        """Say nothing: the tests look at what was asked."""
