"""A circuit for each service: after repeated failures it is not asked for a while."""

import threading
import time
from collections.abc import Callable

from tally.workflows.model import CircuitLimits


class Circuit:
    """Closed, until so many requests in a row failed; then open, so that nothing is sent for a while.

    After the wait one request is let through (half-open): its success closes the circuit, its failure opens
    it again. Several threads may use it.
    """

    def __init__(
        self, name: str, limits: CircuitLimits, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._last = ""
        self._open_until: float | None = None
        self._is_trying = False
        self.times_opened = 0
        self.refused = 0
        """How many requests were not sent."""

    def refusal(self) -> str | None:
        """Return why nothing is sent now, or None when the request may be; then `record` has to follow."""
        with self._lock:
            if self._open_until is None:
                return None
            left = self._open_until - self._clock()
            if left <= 0 and not self._is_trying:
                self._is_trying = True
                return None
            self.refused += 1
            when = f"for another {left:.1f} s" if left > 0 else "while one request tries it"
            return (
                f"Not sent: {self._name} failed {self._failures} times in a row, so it is not asked {when} "
                f"(last failure: {self._last})"
            )

    def record(self, failure: str | None) -> None:
        """Count a request that was let through; *failure* says how it failed, None that it did not."""
        with self._lock:
            self._is_trying = False
            if failure is None:
                self._failures = 0
                self._open_until = None
                return
            self._failures += 1
            self._last = failure
            if self._open_until is not None or self._failures >= self._limits.failures:
                self.times_opened += self._open_until is None
                self._open_until = self._clock() + self._limits.wait
