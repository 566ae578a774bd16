"""HTTP/1.1 as bytes: a request read piece by piece, and an answer written."""

from http import HTTPStatus

from consumer_sdk.judging.exchanges import Answer, ReceivedRequest
from consumer_sdk.judging.senders import Sender

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_END_OF_HEAD = b"\r\n\r\n"
_OF_FRAMING = frozenset({"content-length", "transfer-encoding"})
_FIRST_WITH_BODY = 200
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class UnreadableRequestError(ValueError):
    """The bytes are no request of HTTP/1.1."""


class RequestReader:
    """Reads requests from bytes as they come; a request is there once all of it has come."""

    def __init__(self) -> None:
        self._received = bytearray()
        self.closes = False
        """Whether the client wants the connection closed after the answer to the last request."""
        self._head: ReceivedRequest | None = None
        self._told = False

    def feed(self, content: bytes | bytearray | memoryview) -> None:
        """Take the next bytes."""
        self._received += content

    @property
    def has_begun(self) -> bool:
        """Whether bytes of a request have come that `next_request` has not returned yet."""
        return bool(self._received)

    @property
    def head(self) -> ReceivedRequest | None:
        """The request without its body, as soon as its head is there."""
        if self._head is None:
            self._read_head()
        return self._head

    def takes_continue(self) -> bool:
        """Whether the client waits for the word to go on, which it is told once for each request."""
        if self._told or self.head is None or (self.head.header("expect") or "").lower() != "100-continue":
            return False
        self._told = True
        return True

    @property
    def is_complete(self) -> bool:
        """Whether a whole request has come."""
        return self.head is not None and self._body() is not None

    def next_request(self, sender: Sender | None = None) -> ReceivedRequest | None:
        """Return the next request that has come whole, or None; *sender* is the line that sent it."""
        head = self.head
        body = None if head is None else self._body()
        if head is None or body is None:
            return None
        content, end = body
        del self._received[:end]
        self._head, self._told = None, False
        return ReceivedRequest(head.method, head.target, head.headers, content, sender)

    def _read_head(self) -> None:
        end = self._received.find(_END_OF_HEAD)
        if end < 0:
            return
        first, *lines = self._received[:end].decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        target, _, version = rest.rpartition(" ")
        if not version.startswith("HTTP/") or not target:
            raise UnreadableRequestError(f"no request of HTTP/1.1: {first[:80]!r}")
        pairs = [line.partition(":") for line in lines]
        headers = tuple((name, _utf8(value.strip())) for name, _, value in pairs)
        said = ", ".join(value for name, value in headers if name.lower() == "connection").lower()
        self.closes = "close" in said or (version == "HTTP/1.0" and "keep-alive" not in said)
        head = ReceivedRequest(method, _path(target), headers)
        self._head, self._begin = head, end + len(_END_OF_HEAD)
        length = head.header("content-length") or "0"
        self._is_chunked = "chunked" in (head.header("transfer-encoding") or "").lower()
        self._length = int(length) if length.isdigit() else 0
        self._chunks, self._at = bytearray(), self._begin

    def _body(self) -> tuple[bytes, int] | None:
        """Return the body and where it ends, once it is there."""
        if self._is_chunked:
            return self._chunked_body()
        end = self._begin + self._length
        return (bytes(self._received[self._begin : end]), end) if len(self._received) >= end else None

    def _chunked_body(self) -> tuple[bytes, int] | None:
        """Read the chunks that have come; the last one has the length 0, and trailers may follow it."""
        while (line_end := self._received.find(b"\r\n", self._at)) >= 0:
            size = int(self._received[self._at : line_end].partition(b";")[0] or b"0", 16)
            begin = line_end + 2
            if size == 0:
                if self._received.startswith(b"\r\n", begin):
                    return bytes(self._chunks), begin + 2
                end = self._received.find(_END_OF_HEAD, begin)
                return None if end < 0 else (bytes(self._chunks), end + len(_END_OF_HEAD))
            if len(self._received) < begin + size + 2:
                return None
            self._chunks += self._received[begin : begin + size]
            self._at = begin + size + 2
        return None


def _path(target: str) -> str:
    """Return the target without the origin that a request to a proxy has."""
    if target.startswith("/") or "://" not in target:
        return target
    rest = target.partition("://")[2]
    return rest[rest.find("/") :] if "/" in rest else "/"


def _utf8(value: str) -> str:
    """Return a header value as UTF-8, if that is what its bytes are."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value


def answer_bytes(answer: Answer, method: str) -> bytes:
    """Return the answer to a request with *method*; its length replaces whatever framing is declared."""
    lines = [f"HTTP/1.1 {answer.status} {_PHRASES.get(answer.status, '')}"]
    lines += [f"{name}: {value}" for name, value in framed(answer)]
    head = "\r\n".join(lines).encode("latin-1", "surrogateescape") + _END_OF_HEAD
    return head if method == "HEAD" else head + sent_body(answer)


def sent_body(answer: Answer) -> bytes:
    """Return the body, which some statuses never have."""
    return answer.body if has_body(answer.status) else b""


def has_body(status: int) -> bool:
    """Whether an answer with this status may have a body."""
    return status >= _FIRST_WITH_BODY and status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


def framed(answer: Answer) -> list[tuple[str, str]]:
    """Return the headers with the length that the answer has, as text that HTTP can carry."""
    said = [(name, _on_one_line(value)) for name, value in answer.headers if name.lower() not in _OF_FRAMING]
    return [*said, ("Content-Length", str(len(answer.body)))] if has_body(answer.status) else said


def _on_one_line(value: str) -> str:
    if "\r" in value or "\n" in value:
        value = " ".join(value.splitlines())
    return value if value.isascii() else value.encode().decode("latin-1")
