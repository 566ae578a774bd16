"""One HTTP/1.1 connection (RFC 9112): a request is sent in one piece, its response is read whole.

The client of the standard library parses response headers with the email package. That takes longer than
everything else about a request, so this module parses them itself.
"""

import re
import select
import socket
import time
from functools import lru_cache
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, Any

from verifier.transport.transport import Headers, HttpResponse

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_TOKEN = re.compile(r"[!#$%&'*+.^`|~\w-]+", re.ASCII)
_TARGET = re.compile(r"[\x21-\x7e]+")
_NOT_IN_VALUES = re.compile(r"[\r\n\0]")
_STATUS_LINE = re.compile(rb"HTTP/1\.(\d) (\d{3})(?: [^\r\n]*)?\r?\n")
# Without limits a provider that never ends its header would fill the memory.
_LONGEST_LINE = 65_536
_MOST_HEADERS = 1000
MOST_BYTES = 256 * 1024 * 1024
"""Of content; who answers without an end would fill the memory before the time-out."""
_PIECE = 1024 * 1024
# After 101 the connection speaks another protocol, so it is final although it is below 200.
_SWITCHING = 101
_FINAL = 200
_WITHOUT_BODY = frozenset({_SWITCHING, 204, 304})


class ProtocolError(ValueError):
    """The request cannot be written as HTTP, or the response is not HTTP."""


class _TimedSocket(RawIOBase):
    """A socket to read from and send to until a deadline: a time-out of its own is for each wait alone."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._deadline = 0.0

    def begin(self, seconds: float) -> None:
        """Let everything from now on take so many seconds together."""
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._wait_no_longer()
        return self._socket.recv_into(buffer)

    def send_all(self, content: bytes) -> None:
        """Send all of it; raises TimeoutError when the deadline comes before."""
        left = memoryview(content)
        while left:
            self._wait_no_longer()
            left = left[self._socket.send(left) :]

    def _wait_no_longer(self) -> None:
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the time for the whole response is over")
        self._socket.settimeout(seconds)


class Connection:
    """A connection over *opened*, a connected socket, whose TLS is already set up."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._timed = _TimedSocket(opened)
        raw: Any = self._timed  # typeshed's BufferedReader wants the type of its stream wherever it goes
        self._stream = BufferedReader(raw)
        self.stays_open = True
        """Whether the provider keeps the connection open for another request."""

    def exchange(self, request: bytes, method: str, *, timeout: float) -> HttpResponse:
        """Send *request* and return its response, within *timeout* seconds from the first byte to the last.

        Raises ProtocolError or OSError: TimeoutError; ConnectionError when the connection ends before the
        response begins.
        """
        self._timed.begin(timeout)
        self._timed.send_all(request)
        response, self.stays_open = read_response(self._stream, method)
        return response

    def is_dropped(self) -> bool:
        """Whether the provider has closed the connection, or sent data that belongs to no request."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        """Close the connection; nothing is exchanged afterwards."""
        self._stream.close()
        self._socket.close()


def request_bytes(method: str, target: str, headers: Headers) -> bytes:
    """Return the request line and the headers.

    Raises ProtocolError for text that would change the request, such as a line break in a header.
    """
    if not _TOKEN.fullmatch(method) or not _TARGET.fullmatch(target):
        raise ProtocolError(f"Invalid method or address {method[:100]!r} {target[:100]!r}")
    return f"{method} {target} HTTP/1.1\r\n{_lines(headers)}\r\n".encode()


# Most requests of a run have the same headers.
@lru_cache(maxsize=256)
def _lines(headers: Headers) -> str:
    for name, value in headers:
        if not _TOKEN.fullmatch(name) or _NOT_IN_VALUES.search(value):
            raise ProtocolError(f"Invalid header {name[:100]!r}")
    return "".join(f"{name}: {value}\r\n" for name, value in headers)


def read_response(stream: BufferedReader, method: str) -> tuple[HttpResponse, bool]:
    """Return the response to a request with this *method*, and whether the connection stays open."""
    minor, status, headers = _head(stream)
    while status < _FINAL and status != _SWITCHING:
        minor, status, headers = _head(stream)
    named = {name.lower(): value for name, value in headers}
    connection = named.get("connection", "").lower()
    keeps = "close" not in connection if minor else "keep-alive" in connection
    if method == "HEAD" or status in _WITHOUT_BODY:
        # Some servers send content nevertheless; it must not be read as the next response.
        content, keeps = b"", keeps and named.get("content-length", "0") == "0" and status != _SWITCHING
    elif named.get("transfer-encoding", "").lower().endswith("chunked"):
        content = _chunks(stream)
    elif "content-length" in named:
        content = _exactly(stream, _length(named["content-length"], 10))
    else:
        # Without a length, the end of the connection is the end of the content.
        content, keeps = _to_the_end(stream), False
    return HttpResponse(status, headers, content), keeps


def _head(stream: BufferedReader) -> tuple[int, int, Headers]:
    line = stream.readline(_LONGEST_LINE)
    if not line:
        raise ConnectionResetError("the connection was closed without a response")
    found = _STATUS_LINE.fullmatch(line)
    if not found:
        raise ProtocolError(f"the response is not HTTP: {line[:100]!r}")
    return int(found[1]), int(found[2]), _headers(stream)


def _headers(stream: BufferedReader) -> Headers:
    headers: list[tuple[str, str]] = []
    while (line := stream.readline(_LONGEST_LINE)) not in (b"\r\n", b"\n"):
        if not line.endswith(b"\n") or len(headers) == _MOST_HEADERS:
            raise ProtocolError("the header of the response does not end, or is too long")
        # HTTP does not say how a header is encoded; this reads any bytes, and loses none.
        text = line.decode("latin-1")
        if text[0] in " \t" and headers:  # RFC 9112, 5.2: such a line continues the one before
            name, value = headers.pop()
            headers.append((name, f"{value} {text.strip()}"))
        else:
            name, _, value = text.partition(":")
            headers.append((name.strip(), value.strip()))
    return tuple(headers)


def _chunks(stream: BufferedReader) -> bytes:
    content = bytearray()
    while size := _length(stream.readline(_LONGEST_LINE).partition(b";")[0].decode("latin-1"), 16):
        check_size(len(content) + size)
        content += _exactly(stream, size)
        stream.readline(_LONGEST_LINE)
    _headers(stream)
    return bytes(content)


def _length(text: str, base: int) -> int:
    if not re.fullmatch(r"[0-9a-fA-F]+", text.strip()):
        raise ProtocolError(f"the length of the response is not a number: {text[:100]!r}")
    return int(text, base)


def _to_the_end(stream: BufferedReader) -> bytes:
    content = bytearray()
    while piece := stream.read(_PIECE):
        content += piece
        check_size(len(content))
    return bytes(content)


def check_size(size: int) -> None:
    """Raise ProtocolError for content that is larger than anything that is compared."""
    if size > MOST_BYTES:
        raise ProtocolError(f"the response is larger than {MOST_BYTES // 1024**2} MB")


def _exactly(stream: BufferedReader, size: int) -> bytes:
    check_size(size)
    content = stream.read(size)
    if len(content) < size:
        raise ProtocolError(f"the response ended after {len(content)} of {size} bytes")
    return content
