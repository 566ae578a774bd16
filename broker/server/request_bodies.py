"""Read the bodies of requests, as long as they fit into the memory that there is for them."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]


class HungUpError(Exception):
    """The client is gone before the body came whole: the request never arrived (RFC 9112 §8)."""


class TooLargeError(Exception):
    """The body is larger than any may be."""


class NoRoomError(Exception):
    """The bodies that are in memory leave no room for this one."""


class RequestBodies:
    """The bodies in memory. One has *largest* bytes at most, all together *most*."""

    def __init__(self, *, largest: int, most: int) -> None:
        self._largest = largest
        self._most = most
        self._bytes = 0

    @property
    def bytes(self) -> int:
        """How many bytes are reserved. Any thread may ask."""
        return self._bytes

    @contextmanager
    def room(self) -> Iterator["Room"]:
        """Yield the room of one body, which is given back at the end of the block."""
        room = Room(self)
        try:
            yield room
        finally:
            self._bytes -= room.bytes

    def grow(self, room: "Room", size: int) -> None:
        """Make room for a body of *size* bytes. Raises TooLargeError, NoRoomError."""
        if size > self._largest:
            raise TooLargeError
        more = size - room.bytes
        if more > 0:
            if self._bytes + more > self._most:
                raise NoRoomError
            self._bytes += more
            room.bytes = size


class Room:
    """What is reserved for one body."""

    def __init__(self, bodies: RequestBodies) -> None:
        self._bodies = bodies
        self.bytes = 0

    def reserve(self, size: int) -> None:
        """Make room for a body of *size* bytes. Raises TooLargeError, NoRoomError."""
        self._bodies.grow(self, size)

    async def read(self, first: dict[str, Any], receive: Receive) -> bytes:
        """Return the whole body, which begins with *first*.

        Raises HungUpError, TooLargeError, NoRoomError.
        """
        message = first
        parts: list[bytes] = []
        size = 0
        while True:
            if message["type"] != "http.request":
                raise HungUpError
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            self.reserve(size)
            if not message.get("more_body"):
                return b"".join(parts)
            message = await receive()
