"""A provider over HTTP that answers as a function says, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    """By names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is answered; a header may occur several times."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class AnsweringProvider:
    """The address, and what was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def answering(answer: Callable[[Asked], Answer]) -> Iterator[AnsweringProvider]:
    """Serve until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                content,
            )
            provider.asked.append(asked)
            said = answer(asked)
            self.send_response(said.status)
            for name, value in (*said.headers, ("Content-Length", str(len(said.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_POST = do_any  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = AnsweringProvider(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
