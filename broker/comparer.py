"""Compare what publications have left to compare: in a thread of the server, or of the worker's process.

The comparisons themselves are made in other processes, which are ended when one takes too long.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from broker.logs import OnceAMinute
from broker.services.service_contracts.comparing import SECONDS_FOR_ONE, make_due
from broker.services.service_contracts.judging_process import JudgingProcesses
from broker.storage.database import Database
from broker.storage.failures import failure_of
from broker.web.hal import Links

logger = logging.getLogger("broker.comparer")
IDLE = 1.0
"""Seconds until the next look when nothing was due."""
AFTER_AN_ERROR = 5.0
SECONDS_TO_STOP = SECONDS_FOR_ONE + 5.0


class Comparer:
    """Make what is due until stopped. What was claimed and not made is made by another one later."""

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._clock = clock
        self._processes = JudgingProcesses()
        self._warned = OnceAMinute()
        self._stopping = Event()
        self._thread = Thread(target=self.run, name="comparing", daemon=True)

    def start(self) -> None:
        """Work in a thread."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Make `run` end after the comparisons that it is making."""
        self._stopping.set()

    def stop(self) -> None:
        """Stop, and wait some seconds for what is under way."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(SECONDS_TO_STOP)
        self._processes.end()

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
        """Make some of what is due; return whether more may be due."""
        with self._database.reading() as storage:
            if not storage.pending_comparisons.any_due():
                return False
        make_due(self._database.transaction, self._processes, self._clock, Links)
        return True

    def _report(self, error: Exception) -> None:
        failure = failure_of(error)
        if failure is None:
            logger.error("Contracts cannot be compared at the moment", exc_info=error)
        elif self._warned.is_time(failure):
            reason = str(error).partition("\n")[0]
            logger.warning("The database is %s; comparisons wait until it is not: %s", failure.value, reason)


@contextmanager
def comparing(database: Database) -> Iterator[Callable[[], None]]:
    """Compare in a thread while the block runs. Yield how to begin to stop before its end."""
    comparer = Comparer(database)
    comparer.start()
    try:
        yield comparer.ask_to_stop
    finally:
        comparer.stop()
