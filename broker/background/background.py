"""Work beside requests: turn after turn, in a thread of the server or of the worker's process."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import ClassVar

from broker.logs import OnceAMinute
from broker.storage.database import Database
from broker.storage.failures import failure_of
from broker.storage.retrying import Retrying
from broker.storage.storage import Storage

REST, LONGEST_REST = 2.0, 0.5
"""How many times as long as it wrote, and how many seconds at most, work lets others write."""
AFTER_AN_ERROR = 5.0
"""Seconds until the next turn."""


class Background(ABC):
    """Turns of work until stopped. What a turn leaves undone is done by a later one, of any process."""

    name: ClassVar[str]
    """Of the thread, and of its log below `broker`."""
    trouble: ClassVar[str]
    """A sentence for the log when a turn fails, such as "Results cannot be counted at the moment"."""
    waiting: ClassVar[str]
    """What waits while the database cannot be used, such as "counting waits"."""
    idle: ClassVar[float] = 1.0
    """Seconds until the next turn when there was nothing to do."""
    seconds_to_stop: ClassVar[float] = 5.0

    def __init__(self, retrying: Retrying) -> None:
        self._retrying = retrying
        self._logger = logging.getLogger(f"broker.{self.name}")
        self._warned = OnceAMinute()
        self._stopping = Event()
        self._thread = Thread(target=self.run, name=self.name, daemon=True)

    @abstractmethod
    def turn(self) -> bool:
        """Do some of what is to be done; return whether there may be more."""

    @contextmanager
    def running(self) -> Iterator[Callable[[], None]]:
        """Work in a thread while the block runs. Yield how to begin to stop before its end."""
        self._thread.start()
        try:
            yield self._stopping.set
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop, and wait some seconds for what is under way."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(self.seconds_to_stop)

    def run(self) -> None:
        """Work until asked to stop. An error is logged, and work goes on."""
        while not self._stopping.is_set():
            try:
                if not self._retrying.run(self.turn):
                    self._stopping.wait(self.idle)
            except Exception as error:  # noqa: BLE001 - whatever it is, work goes on
                self._report(error)
                self._stopping.wait(AFTER_AN_ERROR)

    @contextmanager
    def unhurried(self, database: Database) -> Iterator[Storage]:
        """Yield a Storage to write to. Afterwards others can write, for longer than that took.

        SQLite has one writer of all processes, and lets others wait in no order: a process that writes
        without a pause keeps the others from writing.
        """
        started = time.monotonic()
        with database.transaction() as storage:
            yield storage
        self._stopping.wait(min(LONGEST_REST, REST * (time.monotonic() - started)))

    def _report(self, error: Exception) -> None:
        failure = failure_of(error)
        if failure is None:
            self._logger.error(self.trouble, exc_info=error)
        elif self._warned.is_time(failure):
            reason = str(error).partition("\n")[0]
            self._logger.warning(
                "The database is %s; %s until it is not: %s", failure.value, self.waiting, reason
            )
