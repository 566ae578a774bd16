"""Bodies on their way: read as they come, and kept as far as a draft needs them."""

import re
import zlib
from collections.abc import Iterator
from email.message import Message
from io import BufferedIOBase

from tally.drafts.exchanges import MOST_KEPT, TOO_LARGE, Fields, Part

_PIECE = 64 * 1024
_MOST_LINE = 8 * 1024
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class BadRequestError(Exception):
    """What the client sent cannot be passed on; *status* is the answer to it."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Capture:
    """The beginning of a body, and its size."""

    def __init__(self) -> None:
        self.size = 0
        self._kept = bytearray()

    def add(self, piece: bytes) -> None:
        """Count a piece, and keep it while there is room."""
        self.size += len(piece)
        room = MOST_KEPT + 1 - len(self._kept)
        self._kept += piece[: max(room, 0)]

    def part(self, headers: Fields) -> Part:
        """Return the headers with the body, decoded."""
        if self.size > MOST_KEPT:
            return Part(headers, unknown=TOO_LARGE)
        encoding = Part(headers).header("content-encoding").strip().lower()
        if encoding in {"", "identity"} or not self._kept:
            return Part(headers, bytes(self._kept))
        content = _decoded(bytes(self._kept), encoding)
        if content is None:
            return Part(headers, unknown=f"the body is left out: it is encoded as {encoding}")
        return Part(headers, unknown=TOO_LARGE) if len(content) > MOST_KEPT else Part(headers, content)


def _decoded(content: bytes, encoding: str) -> bytes | None:
    """Return the content, cut off behind what is kept; None when it cannot be decoded."""
    for window in {"gzip": (_GZIP_OR_ZLIB,), "deflate": (_GZIP_OR_ZLIB, -zlib.MAX_WBITS)}.get(encoding, ()):
        try:
            return zlib.decompressobj(window).decompress(content, MOST_KEPT + 1)
        except zlib.error:
            continue
    return None


def incoming(
    headers: Message, stream: BufferedIOBase, capture: Capture
) -> tuple[Iterator[bytes] | None, bool]:
    """Return the pieces of a request's body, None when there is none, and whether it has no length.

    Raises BadRequestError, also while the pieces are read.
    """
    if headers.get("Transfer-Encoding"):
        if headers["Transfer-Encoding"].strip().lower() != "chunked":
            raise BadRequestError(f"the Transfer-Encoding {headers['Transfer-Encoding']!r} is not known", 501)
        return _kept(_chunks(stream), capture), True
    length = headers.get("Content-Length")
    if length is None:
        return None, False
    if not re.fullmatch(r"\d{1,18}", length.strip()):
        raise BadRequestError(f"the Content-Length {length!r} is no number")
    return _kept(_pieces(stream, int(length)), capture), False


def _kept(pieces: Iterator[bytes], capture: Capture) -> Iterator[bytes]:
    for piece in pieces:
        capture.add(piece)
        yield piece


def _pieces(stream: BufferedIOBase, length: int) -> Iterator[bytes]:
    while length:
        piece = stream.read(min(length, _PIECE))
        if not piece:
            raise BadRequestError("the body is shorter than its Content-Length")
        length -= len(piece)
        yield piece


def _chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    while size := _chunk_size(stream.readline(_MOST_LINE)):
        yield from _pieces(stream, size)
        stream.readline(_MOST_LINE)
    while stream.readline(_MOST_LINE).strip():
        pass  # trailers


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0].strip(), 16)
    except ValueError as error:
        raise BadRequestError("the body is not chunked, though its Transfer-Encoding says so") from error
