"""Keep the index of the search up to date: in a thread of the server, or of the worker's process."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from uuid import uuid4

from broker.logs import OnceAMinute
from broker.services.search import index
from broker.storage.database import Database
from broker.storage.failures import failure_of

logger = logging.getLogger("broker.indexer")
IDLE = 0.5
"""Seconds until the next look when nothing waited."""
AFTER_AN_ERROR = 5.0
SECONDS_TO_STOP = 10.0
SECONDS_BETWEEN_SWEEPS = 600.0
"""Words that nothing has any more are looked for after that time, if anything has changed meanwhile."""


class Indexer:
    """Bring what waits into the index until stopped; of several processes, one at a time does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holder = str(uuid4())
        self._has_changed = False
        self._swept_until = 0
        self._next_sweep = time.monotonic() + SECONDS_BETWEEN_SWEEPS
        self._warned = OnceAMinute()
        self._stopping = Event()
        self._thread = Thread(target=self.run, name="indexing", daemon=True)

    def start(self) -> None:
        """Work in a thread."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Make `run` end after the transaction that it is in."""
        self._stopping.set()

    def stop(self) -> None:
        """Stop, and wait some seconds for what is under way."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(SECONDS_TO_STOP)

    def run(self) -> None:
        """Work until asked to stop. An error is logged, and work goes on."""
        while not self._stopping.is_set():
            try:
                if not self.turn():
                    self._stopping.wait(IDLE)
            except Exception as error:  # noqa: BLE001 - whatever it is, work goes on
                self._report(error)
                self._stopping.wait(AFTER_AN_ERROR)

    def turn(self) -> bool:
        """Index some of what waits, or remove some words that are left; return whether there may be more."""
        found = index.index_some(self._database.reading, self._database.transaction, self._holder)
        self._has_changed |= found is not index.Outcome.NOTHING
        if found is index.Outcome.MORE:
            return True
        return self._sweep()

    def _sweep(self) -> bool:
        if not self._has_changed or time.monotonic() < self._next_sweep:
            return False
        self._swept_until = index.sweep(self._database.transaction, self._holder, self._swept_until)
        if not self._swept_until:
            self._has_changed = False
            self._next_sweep = time.monotonic() + SECONDS_BETWEEN_SWEEPS
        return bool(self._swept_until)

    def _report(self, error: Exception) -> None:
        failure = failure_of(error)
        if failure is None:
            logger.error("The search cannot be brought up to date at the moment", exc_info=error)
        elif self._warned.is_time(failure):
            reason = str(error).partition("\n")[0]
            logger.warning(
                "The database is %s; the search is brought up to date when it is not: %s",
                failure.value,
                reason,
            )


@contextmanager
def indexing(database: Database) -> Iterator[Callable[[], None]]:
    """Index in a thread while the block runs. Yield how to begin to stop before its end."""
    indexer = Indexer(database)
    indexer.start()
    try:
        yield indexer.ask_to_stop
    finally:
        indexer.stop()
