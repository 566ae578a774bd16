"""A server on the loopback interface that passes requests on to the provider, and keeps what it saw."""

import http.client
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tally.drafts.exchanges import Exchange, Fields, decoded_query
from tally.drafts.folding import Folding
from tally.drafts.path_templates import read_path
from tally.drafts.streams import BadRequestError, Capture, incoming
from tally.errors import UsageError
from tally.values import dataclass

ADDRESS = "127.0.0.1"
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"}
    | {"trailer", "transfer-encoding", "upgrade"}
)
_READABLE = frozenset({"gzip", "deflate", "identity"})
"""Encodings of bodies that can be read; no other is asked of the provider."""
_PIECE = 64 * 1024
_NO_BODY = frozenset({204, 304})
_PATIENCE = 5.0
"""Seconds to wait at the end for answers that are on their way."""

Say = Callable[[str, str], None]
"""Takes a line for the user, and its kind: info, warning."""


@dataclass(frozen=True)
class Upstream:
    """The provider that is recorded. *timeout* is in seconds, for connecting and for each piece of data."""

    url: str
    context: ssl.SSLContext | None = None
    timeout: float = 60.0

    def __post_init__(self) -> None:
        """Raise UsageError when the address is none of a server."""
        try:
            parts = urlsplit(self.url)
            has_port = parts.port != 0
        except ValueError as error:
            raise UsageError(f"--upstream {self.url!r} is no address: {error}.") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname or not has_port:
            raise UsageError(f"--upstream {self.url!r} is no address: write it as https://host:port/path.")
        if parts.username is not None or parts.query or parts.fragment:
            raise UsageError(
                "--upstream takes no user, query or fragment: the consumer's requests have what they need."
            )

    @property
    def origin(self) -> str:
        """Scheme and host, as redirects name them."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """What comes before the path of each request."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def host(self) -> str:
        """The header Host."""
        return urlsplit(self.url).netloc

    def connect(self) -> http.client.HTTPConnection:
        """Return a new connection, which opens itself."""
        parts = urlsplit(self.url)
        name = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(name, parts.port, timeout=self.timeout)
        return http.client.HTTPSConnection(name, parts.port, timeout=self.timeout, context=self.context)


class RecordingProxy(ThreadingHTTPServer):
    """Keeps what it passes on in *folding*; what it does not keep, it says."""

    daemon_threads = True

    def __init__(self, upstream: Upstream, folding: Folding, say: Say, port: int = 0) -> None:
        self.upstream = upstream
        self.folding = folding
        self.say = say
        self._running = 0
        self._quiet = threading.Condition()
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            raise UsageError(f"--port {port}: cannot be used ({error.strerror}): give another.") from error

    @property
    def url(self) -> str:
        """The address for the consumer."""
        return f"http://{ADDRESS}:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hung up: what it asked for is not kept, which was said."""

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Count an exchange that is on its way."""
        with self._quiet:
            self._running += 1
        try:
            yield
        finally:
            with self._quiet:
                self._running -= 1
                self._quiet.notify_all()

    def finish(self) -> None:
        """Wait a little for exchanges that are on their way, and say so when some are not over."""
        with self._quiet:
            self._quiet.wait_for(lambda: not self._running, _PATIENCE)
            running = self._running
        if running:
            self.say(f"{running} requests had no whole answer at the end: not recorded.", "warning")


@contextmanager
def recording(upstream: Upstream, folding: Folding, say: Say, port: int = 0) -> Iterator[RecordingProxy]:
    """Run the proxy on *port* of the loopback interface, 0 for any that is free."""
    with RecordingProxy(upstream, folding, say, port) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.finish()
            proxy.shutdown()
            thread.join(_PATIENCE)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: RecordingProxy

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._forward  # any method, also those that are not invented yet
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Say nothing: each request has its line already."""

    def _forward(self) -> None:
        with self.server.busy():
            try:
                target = self._target()
            except BadRequestError as error:
                self._refuse(error.status, str(error))
                return
            self._exchange(target)

    def _target(self) -> str:
        """Return path and query; raises BadRequestError for what is meant for another kind of proxy."""
        if self.command == "CONNECT":
            raise BadRequestError("give the consumer this address as the provider's, not as a proxy", 405)
        if self.headers.get("Upgrade", "").lower() == "websocket":
            raise BadRequestError("WebSockets are not passed on: declare their messages in tests", 501)
        if self.path.startswith("/"):
            return self.path
        origin = self.server.upstream.origin
        if self.path.startswith(origin + "/"):
            return self.path[len(origin) :]
        raise BadRequestError(f"{self.path!r} is no path of {origin}", 400)

    def _exchange(self, target: str) -> None:
        connection = self.server.upstream.connect()
        sent, received = Capture(), Capture()
        try:
            answer = self._answer(connection, target, sent)
            if answer is not None and self._pass_back(answer, received):
                self._keep(target, sent, received, answer)
        finally:
            connection.close()

    def _answer(
        self, connection: http.client.HTTPConnection, target: str, sent: Capture
    ) -> http.client.HTTPResponse | None:
        """Return the beginning of the provider's answer, or None after a refusal."""
        upstream = self.server.upstream
        try:
            self._send(connection, target, sent)
            return connection.getresponse()
        except BadRequestError as error:
            self._refuse(error.status, str(error))
        except (http.client.InvalidURL, ValueError) as error:
            self._refuse(400, f"the request cannot be passed on: {error}")
        except TimeoutError:
            self._refuse(504, f"{upstream.url} gave no answer within {upstream.timeout:g} seconds")
        except (OSError, http.client.HTTPException) as error:
            self._refuse(502, f"{upstream.url} cannot be reached: {error or type(error).__name__}")
        return None

    def _send(self, connection: http.client.HTTPConnection, target: str, sent: Capture) -> None:
        upstream = self.server.upstream
        connection.putrequest(self.command, upstream.path + target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", upstream.host)
        body, is_chunked = incoming(self.headers, self.rfile, sent)
        for name, value in self.headers.items():
            if name.lower() == "accept-encoding":
                connection.putheader(name, _readable(value))
            elif name.lower() not in {*_HOP_BY_HOP, *_named_in(self.headers), "host", "expect"}:
                connection.putheader(name, value.encode("latin-1"))
        if is_chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders(body, encode_chunked=is_chunked)

    def _pass_back(self, answer: http.client.HTTPResponse, received: Capture) -> bool:
        """Send the answer to the client piece by piece, as it comes; return whether all of it was sent."""
        try:
            self._pass_pieces(answer, received)
        except (OSError, http.client.HTTPException) as error:
            self.close_connection = True
            self._not_recorded(f"the answer was cut off ({error or type(error).__name__})")
            return False
        return True

    def _pass_pieces(self, answer: http.client.HTTPResponse, received: Capture) -> None:
        has_body = self.command != "HEAD" and answer.status not in _NO_BODY
        length = None if answer.chunked else answer.getheader("Content-Length")
        is_chunked = has_body and length is None and self.request_version != "HTTP/1.0"
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP and not (is_chunked and name.lower() == "content-length"):
                self.send_header(name, self._here(value) if name.lower() == "location" else value)
        if is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif has_body and length is None:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()
        while has_body and (piece := answer.read1(_PIECE)):
            received.add(piece)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
            self.wfile.flush()
        if has_body and length is not None and received.size < int(length):
            raise http.client.IncompleteRead(b"", int(length) - received.size)
        if is_chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _here(self, location: str) -> str:
        """Return the address of a redirect as seen from here, so that the client stays with the proxy."""
        upstream = self.server.upstream
        base = upstream.origin + upstream.path
        is_below = location == base or location.startswith((base + "/", base + "?"))
        return self.server.url + location[len(base) :] if is_below else location

    def _keep(self, target: str, sent: Capture, received: Capture, answer: http.client.HTTPResponse) -> None:
        path, _, query = target.partition("?")
        request_headers: Fields = tuple(self.headers.items())
        response_headers: Fields = tuple(answer.getheaders())
        exchange = Exchange(
            self.command,
            path,
            decoded_query(query),
            sent.part(request_headers),
            answer.status,
            received.part(response_headers),
        )
        reason = self.server.folding.add(exchange)
        said = f"{self.command} {read_path(path).path} {answer.status}"
        if reason:
            self.server.say(f"{said}: not recorded: {reason}", "warning")
        else:
            self.server.say(said, "debug")

    def _refuse(self, status: int, reason: str) -> None:
        """Answer in place of the provider, and say that nothing is recorded."""
        self.close_connection = True
        content = f"tally record: {reason}\n".encode()
        self.send_response_only(status)
        for name, value in (("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self._not_recorded(reason)

    def _not_recorded(self, reason: str) -> None:
        self.server.folding.leave_out("requests without a whole answer of the provider")
        path = read_path(self.path.partition("?")[0]).path
        self.server.say(f"{self.command} {path}: not recorded: {reason}", "warning")


def _readable(value: str) -> str:
    wanted = [item.strip() for item in value.split(",")]
    known = [item for item in wanted if item.partition(";")[0].strip().lower() in _READABLE]
    return ", ".join(known) or "identity"


def _named_in(headers: Any) -> set[str]:
    """Return the headers that Connection says are for one connection only."""
    return {name.strip().lower() for value in headers.get_all("Connection", []) for name in value.split(",")}
