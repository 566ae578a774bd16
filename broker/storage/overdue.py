"""End connections whose server gives no answer: one that hangs keeps no limit of time by itself.

The kernel of a machine whose server is frozen still acknowledges what it is sent, so it looks alive to TCP.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

from sqlalchemy import Connection


class Overdue:
    """Connections of PostgreSQL in use, each to be done with after so many *seconds*; for all threads."""

    def __init__(self, seconds: float, timer: Callable[[], float]) -> None:
        self._seconds = seconds
        self._timer = timer
        self._lock = Lock()
        self._in_use: dict[int, tuple[float, Any]] = {}

    @contextmanager
    def watching(self, connection: Connection) -> Iterator[None]:
        """Let the connection be ended if the block takes too long: what waits for it then fails."""
        driver = connection.connection.driver_connection
        with self._lock:
            self._in_use[id(driver)] = (self._timer() + self._seconds, driver)
        try:
            yield
        finally:
            with self._lock:
                del self._in_use[id(driver)]

    def end(self) -> int:
        """End what is overdue; return how many connections that were."""
        now, ended = self._timer(), 0
        with self._lock:
            for due, driver in self._in_use.values():
                if due <= now and not driver.closed:
                    ended += 1
                    # Only a copy is closed here: the driver closes its own when it notices.
                    with suppress(OSError), socket.socket(fileno=os.dup(driver.fileno())) as copy:
                        copy.shutdown(socket.SHUT_RDWR)
        return ended
