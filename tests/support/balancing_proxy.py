"""A proxy in front of several brokers: it asks which of them are ready, and keeps connections to them open.

A request that may have been carried out is never sent twice, unless it only reads.
"""

import http.client
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

READY = "/health/ready"
SECONDS_BETWEEN_PROBES = 0.1
PATIENCE = 60.0
_PASSED_ON = ("Accept", "Content-Type")


class Replica:
    """One broker, whether it is ready, and the connections to it that nobody uses at the moment."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url).netloc
        self.is_ready = False
        self._idle: list[http.client.HTTPConnection] = []

    def probe(self) -> None:
        """Ask whether it is ready. Where it is not, no idle connection is kept."""
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        self.is_ready = self._answers(connection)
        connection.close()
        if not self.is_ready:
            self.close_idle()

    def close_idle(self) -> None:
        """Close the connections that nobody uses."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def _answers(self, connection: http.client.HTTPConnection) -> bool:
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", READY)
            return connection.getresponse().status == http.HTTPStatus.OK
        return False

    def take(self) -> http.client.HTTPConnection:
        """Return a connection that is open, or opens when it is used."""
        with suppress(IndexError):
            return self._idle.pop()
        return http.client.HTTPConnection(self.address, timeout=PATIENCE)

    def give_back(self, connection: http.client.HTTPConnection) -> None:
        """Keep a connection, unless the broker has closed it or should get no more requests."""
        if connection.sock is not None and self.is_ready:
            self._idle.append(connection)
        else:
            connection.close()


class BalancingProxy:
    """Passes each request on to the next of the replicas that are ready."""

    def __init__(self, urls: Sequence[str]) -> None:
        self.replicas = [Replica(url) for url in urls]
        self.lost: list[str] = []
        """Requests that no replica has answered."""
        self._turn = 0
        self._stopping = threading.Event()

    def watch(self) -> None:
        """Ask all replicas again and again, until stopped."""
        while not self._stopping.is_set():
            for replica in self.replicas:
                replica.probe()
            self._stopping.wait(SECONDS_BETWEEN_PROBES)

    def stop(self) -> None:
        self._stopping.set()

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Return the answer of a replica; 502 if there is none."""
        for _ in range(2 if method in {"GET", "HEAD"} else 1):
            replica = self._next()
            if replica is None:
                break
            connection = replica.take()
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self.lost.append(f"{method} {path}: {error!r}")
                continue
            replica.give_back(connection)
            return answer.status, content
        return 502, b""

    def _next(self) -> Replica | None:
        ready = [replica for replica in self.replicas if replica.is_ready]
        self._turn += 1
        return ready[self._turn % len(ready)] if ready else None


@contextmanager
def balancing(urls: Sequence[str]) -> Iterator[tuple[str, BalancingProxy]]:
    """Yield the address of a proxy in front of the brokers at *urls*, and the proxy."""
    proxy = BalancingProxy(urls)
    for replica in proxy.replicas:
        replica.probe()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
    server.daemon_threads = True
    threads = [
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}),
        threading.Thread(target=proxy.watch),
    ]
    for thread in threads:
        thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", proxy
    finally:
        proxy.stop()
        server.shutdown()
        for thread in threads:
            thread.join()
        server.server_close()
        for replica in proxy.replicas:
            replica.close_idle()


def _handler(proxy: BalancingProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            headers = {name: self.headers[name] for name in _PASSED_ON if self.headers[name]}
            status, content = proxy.ask(self.command, self.path, body, headers)
            self.send_response(status)
            self.send_header("Content-Type", "application/hal+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
