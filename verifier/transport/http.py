"""HTTP/1.1 over kept-alive connections, one for each thread that asks at the same time.

The standard library's client, driven directly: a question costs about 40 µs, a tenth of what a session of
`requests` takes. The provider is asked directly, whatever proxies the environment names.
"""

import base64
import select
import ssl
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, unquote, urlsplit

from verifier.connecting import without_credentials
from verifier.errors import NoAnswerError, ProviderTimeoutError, UnreachableError
from verifier.transport import Answer, Headers, Question
from verifier.transport.tls import Tls

Origin = tuple[str, str, int | None]

USER_AGENT = "tallystick-verifier"
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_CODINGS = frozenset({"gzip", "x-gzip", "deflate"})
_FIRST_WAIT = 0.1


class HttpTransport:
    """Ask over HTTP or HTTPS. *timeout* is in seconds, for connecting and for each wait for the provider.

    A connection that cannot be made is tried *retries* times more, after 0.1, 0.2, 0.4 … seconds. A question
    that went out is not repeated, for the provider may have acted on it; but one that only reads is, once,
    when it met the end of a connection that was kept open.
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
        self._idle: dict[Origin, list[HTTPConnection]] = defaultdict(list)

    def ask(self, question: Question) -> Answer:
        """Return the answer to *question*.

        Raises UnreachableError, ProviderTimeoutError or NoAnswerError.
        """
        parts = urlsplit(question.url)
        try:
            return self._answer(question, parts)
        except (OSError, HTTPException, ValueError) as error:
            raise self._problem(question.url, error) from error

    def rest(self) -> None:
        """Close idle connections, so that a provider which serves one at a time can serve the next."""
        for connections in self._idle.values():
            while connections:
                connections.pop().close()

    close = rest

    def _answer(self, question: Question, parts: SplitResult) -> Answer:
        kept = self._kept(parts)
        if kept is not None:
            try:
                return self._exchange(kept, question, parts)
            except ConnectionError:
                if question.method not in _REPEATABLE:
                    raise
        return self._exchange(self._connected(parts), question, parts)

    def _exchange(self, connection: HTTPConnection, question: Question, parts: SplitResult) -> Answer:
        try:
            _send(connection, question, parts)
            response = connection.getresponse()
            answer = _read(response)
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._idle[_origin(parts)].append(connection)
        return answer

    def _kept(self, parts: SplitResult) -> HTTPConnection | None:
        """Return a connection that is kept open, if there is one that the other side keeps too."""
        idle = self._idle[_origin(parts)]
        while idle:
            connection = idle.pop()
            if not _is_dropped(connection):
                return connection
            connection.close()
        return None

    def _connected(self, parts: SplitResult) -> HTTPConnection:
        for attempt in range(self._retries + 1):
            connection = self._new(parts)
            try:
                connection.connect()
            except OSError as error:
                connection.close()
                if attempt == self._retries or isinstance(error, ssl.SSLError):
                    raise _unreachable(parts.geturl(), error) from error
                self._sleep(_FIRST_WAIT * 2**attempt)
            else:
                break
        return connection

    def _new(self, parts: SplitResult) -> HTTPConnection:
        scheme, host, port = _origin(parts)
        if scheme == "https":
            return HTTPSConnection(host, port, timeout=self._timeout, context=self._context)
        return HTTPConnection(host, port, timeout=self._timeout)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._tls.context()

    def _problem(self, url: str, error: Exception) -> Exception:
        shown = without_credentials(url)
        if isinstance(error, TimeoutError):
            return ProviderTimeoutError(f"{shown} gave no answer in {self._timeout:g} s (--timeout)")
        if isinstance(error, ConnectionError):
            return NoAnswerError(f"{shown} closed the connection without an answer")
        return NoAnswerError(f"{shown} could not be asked: {type(error).__name__}: {error}")


def _origin(parts: SplitResult) -> Origin:
    return parts.scheme, parts.hostname or "", parts.port


def _is_dropped(connection: HTTPConnection) -> bool:
    """Whether the other side has closed the connection, or sent what nobody asked for."""
    return connection.sock is None or bool(select.select([connection.sock], [], [], 0)[0])


def _unreachable(url: str, error: OSError) -> UnreachableError:
    shown = without_credentials(url)
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "verify_message", "") or error.reason or "no TLS is spoken there"
        return UnreachableError(f"{shown}: TLS failed, or its certificate is not trusted ({reason})")
    reason = "connection refused, unknown host, or nobody there"
    return UnreachableError(f"{shown} could not be reached: {reason}")


def _send(connection: HTTPConnection, question: Question, parts: SplitResult) -> None:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [*_credentials(parts, question.headers)]
    names = {name.lower() for name, _ in headers}
    connection.putrequest(question.method, target, skip_host="host" in names, skip_accept_encoding=True)
    if "user-agent" not in names:
        connection.putheader("User-Agent", USER_AGENT)
    for name, value in headers:
        if name.lower() not in _FRAMING:
            connection.putheader(name, value.encode())
    if question.content or question.method in _WITH_LENGTH:
        connection.putheader("Content-Length", str(len(question.content)))
    connection.endheaders(question.content or None)


def _credentials(parts: SplitResult, headers: Headers) -> Headers:
    """Return the headers with the credentials that stand before the host; they win."""
    if not parts.username:
        return headers
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    others = tuple(header for header in headers if header[0].lower() != "authorization")
    return (*others, ("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))


def _read(response: HTTPResponse) -> Answer:
    content = response.read()
    headers = tuple(response.getheaders())
    if content and (response.getheader("Content-Encoding") or "").lower() in _CODINGS:
        content = _decoded(content)
    return Answer(response.status, headers, content)


def _decoded(content: bytes) -> bytes:
    """Undo gzip or deflate; what turns out to be neither stays as it came."""
    for window in (47, -15):  # with a header of gzip or zlib, and without any
        try:
            return zlib.decompress(content, window)
        except zlib.error:
            continue
    return content
