"""A proxy that has a broker at a path of its own, takes that path away, and says so."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PREFIX = "/contracts"
_PASSED_ON = ("Accept", "Content-Type")
_PASSED_BACK = ("Content-Type", "Location", "Content-Security-Policy")


@contextmanager
def behind_a_path(broker: str, pause: float = 0) -> Iterator[str]:
    """Yield the address at which the proxy has the broker, which answers at *broker*.

    It passes back half a page, and the rest *pause* seconds later.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(urlsplit(broker).netloc, pause))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(inner: str, pause: float) -> type[BaseHTTPRequestHandler]:
    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(PREFIX):
                self.send_error(404)
                return
            said = {"X-Forwarded-Host": self.headers["Host"], "X-Forwarded-Prefix": PREFIX}
            sent = {name: self.headers[name] for name in _PASSED_ON if self.headers[name]}
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            connection = http.client.HTTPConnection(inner, timeout=30)
            connection.request(self.command, self.path.removeprefix(PREFIX) or "/", body, sent | said)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            self.send_response(answer.status)
            for name in _PASSED_BACK:
                if value := answer.getheader(name):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            half = len(content) // 2 if pause and "html" in answer.getheader("Content-Type", "") else 0
            if half:
                self.wfile.write(content[:half])
                time.sleep(pause)
            self.wfile.write(content[half:])

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Proxy
