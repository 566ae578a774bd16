"""How many requests are under way, and how long they waited for a thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import perf_counter

WORTH_COUNTING = 0.001
"""Seconds from which on a wait is counted."""


class RequestLoad:
    """The requests of a process that has so many *threads* for them.

    The event loop counts; any thread may read.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.waits, self.seconds_waited = 0, 0.0
        self._in_all = 0
        self._lock = Lock()

    @property
    def under_way(self) -> int:
        """How many have a thread."""
        return min(self._in_all, self.threads)

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return max(0, self._in_all - self.threads)

    @contextmanager
    def asking(self) -> Iterator[Callable[[], None]]:
        """Count a request in the block. Yield what its thread calls when it begins."""
        asked = perf_counter()

        def begin() -> None:
            waited = perf_counter() - asked
            if waited >= WORTH_COUNTING:
                with self._lock:
                    self.waits += 1
                    self.seconds_waited += waited

        self._in_all += 1
        try:
            yield begin
        finally:
            self._in_all -= 1
