"""The transport over HTTP/1.1, with one kept-alive connection for each thread that sends at the same time.

A request costs about 25 µs, a tenth of what a session of `requests` takes. Proxies that the environment names
are not used: the provider is always reached directly.
"""

import base64
import logging
import socket
import time
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from verifier.errors import NoAnswerError, ProviderTimeoutError, UnreachableError
from verifier.transport.codings import decoded
from verifier.transport.connection import Connection, request_bytes
from verifier.transport.redaction import without_credentials
from verifier.transport.tls import Tls, tls_problem
from verifier.transport.transport import Headers, HttpRequest, HttpResponse

if TYPE_CHECKING:  # slow to load, and most providers are asked without TLS
    import ssl

Origin = tuple[str, str, int | None]

_LOG = logging.getLogger(__name__)

_PORTS = {"http": 80, "https": 443}
USER_AGENT = "tallystick-verifier"
# RFC 9110, 8.6: with these methods a request says that its content is empty; some servers insist on it.
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
# A length from the contract may be wrong for the content that is sent, and would break the connection.
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_FIRST_WAIT = 0.1


class HttpTransport:
    """Send over HTTP or HTTPS. *timeout* is in seconds, for connecting, and for each response as a whole.

    A connection that cannot be made is tried *retries* more times, after 0.1, 0.2, 0.4 … seconds. A request
    that was sent is not repeated, because the provider may have acted on it. The one exception is a request
    that only reads, sent on a kept-alive connection that the provider closed: it is repeated once.
    """

    def __init__(
        self,
        *,
        timeout: float = 30,
        tls: Tls | None = None,
        retries: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._timeout = timeout
        self._tls = tls or Tls()
        self._retries = retries
        self._sleep = sleep
        self._idle: dict[Origin, list[Connection]] = defaultdict(list)

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return the response; raises UnreachableError, ProviderTimeoutError or NoAnswerError."""
        parts = urlsplit(request.url)
        try:
            response = self._response(request, parts)
        except (OSError, ValueError) as error:
            raise _problem(request.url, error, self._seconds(request)) from error
        if _LOG.isEnabledFor(logging.DEBUG):
            _LOG.debug("%s %s: %s", request.method, without_credentials(request.url), response.status)
        return response

    def close_idle(self) -> None:
        """Close idle connections, so that a provider that serves only one at a time can accept another."""
        for origin in tuple(self._idle):
            while connection := self._popped(origin):
                connection.close()

    close = close_idle

    def _response(self, request: HttpRequest, parts: SplitResult) -> HttpResponse:
        kept = self._kept(parts)
        if kept is not None:
            try:
                return self._exchange(kept, request, parts)
            except ConnectionError:
                if request.method not in _REPEATABLE:
                    raise
        return self._exchange(self._connected(parts, self._seconds(request)), request, parts)

    def _seconds(self, request: HttpRequest) -> float:
        return self._timeout if request.timeout is None else request.timeout

    def _exchange(self, connection: Connection, request: HttpRequest, parts: SplitResult) -> HttpResponse:
        try:
            head = request_bytes(request.method, _target(parts), _headers(request, parts))
            response = connection.exchange(
                head + request.content, request.method, timeout=self._seconds(request)
            )
        except BaseException:
            # Also after an interrupt: the rest of this response must not be read as the next one.
            connection.close()
            raise
        if connection.stays_open:
            self._idle[_origin(parts)].append(connection)
        else:
            connection.close()
        return decoded(response)

    def _kept(self, parts: SplitResult) -> Connection | None:
        """Return an idle connection that the provider has not closed, or None."""
        while connection := self._popped(_origin(parts)):
            if not connection.is_dropped():
                return connection
            connection.close()
        return None

    def _popped(self, origin: Origin) -> Connection | None:
        """Return an idle connection, or None; another thread may take the last one at any moment."""
        try:
            return self._idle[origin].pop()
        except IndexError:
            return None

    def _connected(self, parts: SplitResult, timeout: float) -> Connection:
        for attempt in range(self._retries + 1):
            try:
                return self._new(parts, timeout)
            except OSError as error:
                # A certificate that is not trusted now will not be trusted a moment later.
                if attempt == self._retries or tls_problem(error):
                    raise _unreachable(parts.geturl(), error) from error
                self._sleep(_FIRST_WAIT * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _new(self, parts: SplitResult, timeout: float) -> Connection:
        scheme, host, port = _origin(parts)
        opened = socket.create_connection((host, port or _PORTS[scheme]), timeout)
        try:
            # A request longer than one packet would wait for the acknowledgement of its first part.
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if scheme == "https":
                opened = self._context.wrap_socket(opened, server_hostname=host)
        except BaseException:
            opened.close()
            raise
        return Connection(opened)

    @cached_property
    def _context(self) -> "ssl.SSLContext":
        return self._tls.context()


def _problem(url: str, error: Exception, timeout: float) -> Exception:
    shown = without_credentials(url)
    if isinstance(error, TimeoutError):
        return ProviderTimeoutError(f"{shown} did not respond within {timeout:g} s (--timeout)")
    if isinstance(error, ConnectionError):
        return NoAnswerError(f"{shown} closed the connection without a response")
    return NoAnswerError(f"The request to {shown} failed: {type(error).__name__}: {error}")


def _origin(parts: SplitResult) -> Origin:
    return _origin_of(parts.scheme, parts.netloc)


# A run has few origins, and asks for the one of its provider several times for each request.
@lru_cache(maxsize=64)
def _origin_of(scheme: str, netloc: str) -> Origin:
    parts = SplitResult(scheme, netloc, "", "", "")
    return scheme, parts.hostname or "", parts.port


@lru_cache(maxsize=64)
def _host_of(netloc: str) -> str:
    return netloc.rpartition("@")[2].encode("idna").decode()


def _unreachable(url: str, error: OSError) -> UnreachableError:
    shown = without_credentials(url)
    if problem := tls_problem(error):
        return UnreachableError(f"{shown}: TLS failed, or its certificate is not trusted ({problem})")
    reason = "the connection was refused, the host is unknown, or it does not respond"
    return UnreachableError(f"{shown} could not be reached: {reason}")


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _headers(request: HttpRequest, parts: SplitResult) -> Headers:
    """Return the headers of *request*, and those that HTTP itself needs."""
    given = [
        (name, value) for name, value in _credentials(parts, request.headers) if name.lower() not in _FRAMING
    ]
    names = {name.lower() for name, _ in given}
    added = []
    if "host" not in names:
        # A name outside ASCII is registered in its IDNA form, and virtual hosts are found by that.
        added.append(("Host", _host_of(parts.netloc)))
    if "user-agent" not in names:
        added.append(("User-Agent", USER_AGENT))
    if request.content or request.method in _WITH_LENGTH:
        given.append(("Content-Length", str(len(request.content))))
    return (*added, *given)


def _credentials(parts: SplitResult, headers: Headers) -> Headers:
    """Return the headers with the credentials of the URL, which replace those in *headers*."""
    if not parts.username:
        return headers
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    others = tuple(header for header in headers if header[0].lower() != "authorization")
    return (*others, ("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
