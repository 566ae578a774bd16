"""Counting everything, which reads whole tables, at most as often as is reasonable."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from time import perf_counter

from broker.domain.overview.counts import Metrics
from broker.services.overview import counts
from broker.storage.database import Database

LONG = 0.05
"""Seconds; a count that takes less is repeated for each request."""
REST = 100
"""A slower count is kept for this many times its duration: counting takes 1 % of a processor at most."""


class Counting:
    """The newest count of a database; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        timer: Callable[[], float] = perf_counter,
    ) -> None:
        self._database = database
        self._clock = clock
        self._timer = timer
        self._one_at_a_time = Lock()
        self._kept: tuple[Metrics, datetime] | None = None
        self._kept_until = 0.0

    def newest(self) -> tuple[Metrics, datetime]:
        """Return how much there is, and when that was counted."""
        with self._one_at_a_time:
            started = self._timer()
            if self._kept is None or started >= self._kept_until:
                self._kept = self._database.read_shown(counts.everything), self._clock()
                took = self._timer() - started
                self._kept_until = started + (REST * took if took > LONG else 0)
            return self._kept
