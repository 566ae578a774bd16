"""Work the queue of webhooks: in a thread of the server, or in a process of its own.

One thread alone asks the database. It records what the senders bring back and claims what they get next, in
one transaction; each attempt has a thread that knows no database.
"""

import logging
import os
import queue
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing import get_context
from threading import Event, Thread

from broker import cleaning
from broker.domain.webhooks.concurrency import Begun, Lanes, lanes
from broker.services.webhooks import deliver
from broker.services.webhooks.deliver import Attempt, Job
from broker.settings import Settings
from broker.storage.database import Database, Limits, is_unavailable
from broker.storage.storage import Storage

logger = logging.getLogger("broker.worker")
IDLE = 0.5
"""Seconds between two looks at an empty queue."""
AFTER_AN_ERROR = 2.0
GRACE = 10.0
"""Seconds that attempts under way have to come to an end when the worker is stopped."""
REMEMBERED = 1000
"""Receivers whose speed is remembered."""

Finished = tuple[Job, Attempt]


class Worker:
    """Send what is due, until it is stopped; *database* may be shared with a server in this process."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self._is_wanted = is_wanted
        self._database = database
        self._settings = settings
        self._clock = clock
        self._finished: queue.SimpleQueue[Finished] = queue.SimpleQueue()
        self._unrecorded: list[Finished] = []
        self._under_way: dict[int, Begun] = {}
        self._durations: dict[str, float] = {}
        self._stopping = Event()
        self._thread = Thread(target=self.run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to work, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Claim nothing more, and wait some seconds for the attempts under way, to record them."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(2 * GRACE)

    def ask_to_stop(self) -> None:
        """Make `run` come to its end soon; safe in a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Work until asked to stop. An error of the database is logged, and work goes on."""
        while not self._stopping.is_set() and self._is_wanted():
            try:
                if not self._turn():
                    self._wait(IDLE)
            except Exception as error:  # noqa: BLE001 - whatever it is, work goes on
                _report(error)
                self._stopping.wait(AFTER_AN_ERROR)
        self._wind_up()

    def _turn(self) -> bool:
        """Record and claim; return whether there may be more to do at once."""
        self._collect()
        room = lanes(self._under_way, self._durations, self._settings.webhook_senders, time.monotonic())
        if not self._unrecorded and not self._is_worth_claiming(room):
            return False
        jobs = self._record_and_claim(room)
        for job in jobs:
            self._begin(job)
        return bool(jobs) and room.free > len(jobs)

    def _is_worth_claiming(self, room: Lanes) -> bool:
        if not room.free:
            return False
        with self._database.reading() as storage:
            return storage.outbox.any_due(self._clock())

    def _record_and_claim(self, room: Lanes) -> list[Job]:
        with self._database.transaction() as storage:
            self._record(storage)
            jobs = deliver.claim(storage, room, self._settings, self._clock())
        self._unrecorded.clear()
        return jobs

    def _record(self, storage: Storage) -> None:
        # In one order, so that two workers cannot wait for each other.
        for job, made in sorted(self._unrecorded, key=lambda item: item[0].webhook_id):
            deliver.record(storage, job, made, self._settings, self._clock())

    def _begin(self, job: Job) -> None:
        self._under_way[job.claimed.id] = Begun(job.claimed.receiver, time.monotonic())
        Thread(target=self._send, args=(job,), name=f"webhook {job.claimed.uuid}", daemon=True).start()

    def _send(self, job: Job) -> None:
        try:
            made = deliver.attempt(job, self._settings, self._clock)
        except Exception:
            logger.exception("The webhook %s could not be sent", job.claimed.uuid)
            made = deliver.unexpected(self._clock())
        self._finished.put((job, made))

    def _collect(self) -> None:
        while True:
            try:
                self._note(self._finished.get_nowait())
            except queue.Empty:
                return

    def _wait(self, seconds: float) -> None:
        """Wait until an attempt is finished, at most so long."""
        with suppress(queue.Empty):
            self._note(self._finished.get(timeout=seconds))

    def _note(self, finished: Finished) -> None:
        job, _ = finished
        begun = self._under_way.pop(job.claimed.id)
        self._unrecorded.append(finished)
        self._durations.pop(begun.receiver, None)  # what was used last is at the end
        self._durations[begun.receiver] = time.monotonic() - begun.since
        if len(self._durations) > REMEMBERED:
            del self._durations[next(iter(self._durations))]

    def _wind_up(self) -> None:
        deadline = time.monotonic() + GRACE
        while self._under_way and time.monotonic() < deadline:
            self._wait(deadline - time.monotonic())
        self._collect()
        if self._unrecorded:
            try:
                with self._database.transaction() as storage:
                    self._record(storage)
            except Exception:
                logger.exception("The last attempts could not be recorded, and will be made again")


def _report(error: Exception) -> None:
    if is_unavailable(error):
        reason = str(error).partition("\n")[0]
        logger.warning("The database does not answer, and webhooks wait until it does: %s", reason)
    else:
        logger.error("The queue of webhooks cannot be worked at the moment", exc_info=error)


@contextmanager
def working(database: Database, settings: Settings) -> Iterator[None]:
    """Work the queue in a thread while the block runs, unless the settings say no."""
    if not settings.webhook_worker:
        yield
        return
    worker = Worker(database, settings)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


@contextmanager
def working_beside(settings: Settings) -> Iterator[None]:
    """Work the queue in another process while the block runs, unless the settings say no.

    That is for servers that are several processes themselves: a process with a thread should not fork.
    """
    if not settings.webhook_worker:
        yield
        return
    process = get_context("spawn").Process(target=run, args=(settings, os.getpid()), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(2 * GRACE)


def run(settings: Settings, parent: int | None = None) -> None:
    """Work the queue until SIGINT or SIGTERM; attempts under way come to an end first. Clean up, if set.

    With *parent*, also until that process is gone.
    """
    database = Database(settings.database_url, Limits(connections=2))
    worker = Worker(database, settings, is_wanted=lambda: parent in {None, os.getppid()})
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.ask_to_stop())
    with cleaning.regularly(database, settings):
        worker.run()
    database.close()
