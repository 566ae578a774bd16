"""Failed log-ins, counted in memory by user and address."""

import threading
import time
from collections.abc import Callable
from math import ceil

WINDOW = 60.0
"""Seconds, of a clock that nobody sets: neither the machine's, nor a client by the date of what it sends."""
REMEMBERED = 10_000

Key = tuple[str, str]
"""The address that a request comes from, and the user name that it gives."""


class FailedLogins:
    """After *limit* failures in a minute a user cannot log in from that address until the minute is over.

    Other users from there, and the same user from elsewhere, still can. A limit of 0 means no limit. When
    there are more than *remembered* pairs of address and user, the oldest is forgotten. Safe to share between
    threads; each process counts for itself.
    """

    def __init__(
        self, limit: int, *, remembered: int = REMEMBERED, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._timer = timer
        self._limit = limit
        self._remembered = remembered
        self._failures: dict[Key, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def seconds_to_wait(self, key: Key) -> int:
        """Return how long *key* must wait before it may try again; 0 if it need not."""
        now = self._timer()
        failures, since = self._failures.get(key, (0, now))
        left = since + WINDOW - now
        return ceil(left) if self._limit and failures >= self._limit and left > 0 else 0

    def failed(self, key: Key) -> None:
        """Count a failure."""
        now = self._timer()
        with self._lock:
            failures, since = self._failures.pop(key, (0, now))
            if now >= since + WINDOW:
                failures, since = 0, now
            self._failures[key] = (failures + 1, since)
            if len(self._failures) > self._remembered:
                del self._failures[next(iter(self._failures))]

    def succeeded(self, key: Key) -> None:
        """Forget the failures of *key*."""
        if key in self._failures:
            with self._lock:
                self._failures.pop(key, None)
