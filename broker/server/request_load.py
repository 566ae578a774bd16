"""How many requests are under way, how long they waited for a thread, and how often they changed threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import perf_counter

WORTH_COUNTING = 0.001
"""Seconds from which on a wait is counted."""


class RequestLoad:
    """The requests of a process that has so many *threads* for them; any thread may read."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.asked = 0
        """How many have or want a thread."""
        self.under_way = 0
        """How many have one."""
        self.hand_overs = 0
        """How often a request went to a thread, or came back."""
        self.waits, self.seconds_waited = 0, 0.0
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return max(0, self.asked - self.under_way)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Count a request in the block, in the event loop."""
        self.asked += 1
        self.hand_overs += 1
        try:
            yield
        finally:
            self.asked -= 1
            self.hand_overs += 1

    def begin(self, asked: float) -> None:
        """Note, in its thread, that a request begins that was asked at this time."""
        waited = perf_counter() - asked
        with self._lock:
            self.under_way += 1
            if waited >= WORTH_COUNTING:
                self.waits += 1
                self.seconds_waited += waited

    def end(self) -> None:
        """Note, in its thread, that a request has its answer."""
        with self._lock:
            self.under_way -= 1
