"""A socket that reaches no network: what is written to it is a request, what is read from it the answer."""

import io
import os
import socket
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from consumer_sdk.in_process.routes import ENDED, Route
from consumer_sdk.judging.exchanges import ReceivedRequest
from consumer_sdk.judging.senders import current_sender
from consumer_sdk.wire import CONTINUE, RequestReader, answer_bytes

Find = Callable[[ReceivedRequest], Route | None]


class FakeSocket:
    """Stands for the connected socket of an `http.client` connection; *find* gives the route of a request."""

    def __init__(self, find: Find) -> None:
        self.find = find
        self._reader = RequestReader()
        self._unread = b""
        self._timeout: float | None = None
        self._is_closed = False
        self._last: Route | None = None

    def sendall(self, content: Any, flags: int = 0) -> None:  # noqa: ARG002 - as of sockets
        """Take bytes of a request; other objects with a buffer are taken as their bytes."""
        if self._is_closed:
            raise BrokenPipeError("This connection is closed.")
        self._reader.feed(memoryview(content).cast("B"))

    def recv(self, count: int, flags: int = 0) -> bytes:  # noqa: ARG002 - as of sockets
        """Return bytes of the answer."""
        if not self._unread:
            self._unread = self._next_bytes()
        found, self._unread = self._unread[:count], self._unread[count:]
        return found

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Write bytes of the answer into *buffer*."""
        view = memoryview(buffer).cast("B")
        found = self.recv(nbytes or len(view), flags)
        view[: len(found)] = found
        return len(found)

    def makefile(self, mode: str = "r", buffering: int = -1, **_: Any) -> Any:  # noqa: ARG002 - as of sockets
        """Return a reader of the answer; what is wrong with the request is raised when it reads."""
        raw = _Incoming(self)
        return raw if buffering == 0 else io.BufferedReader(raw)

    def fileno(self) -> int:
        """Return a descriptor that is readable when an answer waits, or nothing more will come."""
        is_ready = bool(self._unread) or self._is_closed or self._reader.is_complete or self._has_ended
        waits = self._reader.head is not None and self._reader.head.header("expect") is not None
        return _descriptors()[is_ready or waits]

    @property
    def _has_ended(self) -> bool:
        """Whether the recording has ended: pools then drop the connection, instead of using it again."""
        return self._last is not None and self._last.has_ended

    def close(self) -> None:
        """Close it; what was sent is forgotten."""
        self._is_closed = True

    def shutdown(self, how: int) -> None:
        """Do nothing: there is nobody at the other end."""

    def settimeout(self, value: float | None) -> None:
        """Remember the time-out; an answer is there at once."""
        self._timeout = value

    def gettimeout(self) -> float | None:
        """Return the time-out."""
        return self._timeout

    def setsockopt(self, *_: Any) -> None:
        """Do nothing: no option has a meaning here."""

    def getpeername(self) -> tuple[str, int]:
        """Return an address that stands for the provider."""
        return ("127.0.0.1", 0)

    def getsockname(self) -> tuple[str, int]:
        """Return an address that stands for this process."""
        return ("127.0.0.1", 0)

    def getpeercert(self, binary_form: bool = False) -> Any:  # noqa: FBT001, FBT002 - as of TLS sockets
        """Return an empty certificate: nobody has shown one."""
        return b"" if binary_form else {}

    def version(self) -> str:
        """Return the version of TLS that programs expect to see."""
        return "TLSv1.3"

    def selected_alpn_protocol(self) -> str:
        """Return the protocol that this speaks."""
        return "http/1.1"

    def _next_bytes(self) -> bytes:
        if self._is_closed:
            return b""
        if self._reader.takes_continue():
            return CONTINUE
        request = self._reader.next_request(current_sender())
        if request is None:
            return b""
        self._last = self.find(request)
        if self._last is None:  # the recording ended between the request and its answer
            raise ConnectionResetError(ENDED)
        return answer_bytes(self._last.answer(request), request.method)


class _Incoming(io.RawIOBase):
    def __init__(self, connection: FakeSocket) -> None:
        super().__init__()
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._connection.recv_into(buffer)


@cache
def _descriptors() -> tuple[int, int]:
    """Return a descriptor that is never readable, and one that always is: the same for the whole process.

    They stay open, so that nothing closes a number that a client still looks at. On Windows they are sockets,
    which alone can be waited for there; elsewhere pipes, which no guard against sockets refuses.
    """
    if sys.platform == "win32":
        quiet, ready = socket.socketpair(), socket.socketpair()
        ready[1].send(b"!")
        numbers = [each.detach() for each in (*quiet, *ready)]
        return numbers[0], numbers[2]
    never, _ = os.pipe()
    always, writing = os.pipe()
    os.write(writing, b"!")
    return never, always
