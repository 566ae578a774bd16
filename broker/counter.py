"""Count results and judge quality gates: in a thread of the server, or of the worker's process."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from broker.logs import OnceAMinute
from broker.services.insights.counting import count_some
from broker.services.insights.judging import judge_gates
from broker.storage.database import Database
from broker.storage.failures import failure_of
from broker.web.hal import Links

logger = logging.getLogger("broker.counter")
IDLE = 1.0
"""Seconds until the next look when there was nothing to count."""
AFTER_AN_ERROR = 5.0
SECONDS_TO_STOP = 5.0
SECONDS_BETWEEN_JUDGEMENTS = 60.0
"""Until gates are judged again that no new result has turned: time alone turns some."""
REST = 100
"""Judging that takes long waits for this many times its duration: it takes 1 % of a processor at most."""


class Counter:
    """Count until stopped. What was counted and not committed is counted by another one later."""

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._clock = clock
        self._warned = OnceAMinute()
        self._next_judgement = time.monotonic()
        self._stopping = Event()
        self._thread = Thread(target=self.run, name="counting", daemon=True)

    def start(self) -> None:
        """Work in a thread."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Make `run` end after what it is counting."""
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
        """Count some, and judge the gates; return whether more may be left to count."""
        self._judge_all()
        with self._database.reading() as storage:
            if not storage.uncounted.any():
                return False
        with self._database.transaction() as storage:
            counted = count_some(storage)
            judge_gates(storage, self._clock(), Links, counted.provider_ids)
        return True

    def _judge_all(self) -> None:
        started = time.monotonic()
        if started < self._next_judgement:
            return
        with self._database.reading() as storage:
            there_are_gates = bool(storage.quality_gates.all())
        if there_are_gates:
            with self._database.transaction() as storage:
                storage.counters.hold()
                judge_gates(storage, self._clock(), Links)
        took = time.monotonic() - started
        self._next_judgement = started + max(SECONDS_BETWEEN_JUDGEMENTS, REST * took)

    def _report(self, error: Exception) -> None:
        failure = failure_of(error)
        if failure is None:
            logger.error("Results cannot be counted at the moment", exc_info=error)
        elif self._warned.is_time(failure):
            reason = str(error).partition("\n")[0]
            logger.warning("The database is %s; counting waits until it is not: %s", failure.value, reason)


@contextmanager
def counting(database: Database) -> Iterator[Callable[[], None]]:
    """Count in a thread while the block runs. Yield how to begin to stop before its end."""
    counter = Counter(database)
    counter.start()
    try:
        yield counter.ask_to_stop
    finally:
        counter.stop()
