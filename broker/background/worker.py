"""Send the deliveries of webhooks that are due: in a thread of the server, or in a process of its own.

One thread alone uses the database for that. In one transaction it records the attempts that are finished,
and claims the deliveries to send next. Each attempt has a thread of its own, which does not use the database.
Beside it contracts are compared, results counted, the search kept up to date, and the audit log sealed: see
`comparer`, `counter`, `indexer` and `sealer`.
"""

import logging
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING

from broker.background.account_keeper import AccountKeeper
from broker.background.background import Background
from broker.background.comparer import Comparer
from broker.background.content_mover import RegularMover, Rules
from broker.background.counter import Counter
from broker.background.indexer import Indexer
from broker.background.sealer import Sealer
from broker.domain.webhooks.concurrency import AttemptUnderWay, SendingCapacity, sending_capacity
from broker.logs import OnceAMinute
from broker.services.webhooks import deliver
from broker.services.webhooks.deliver import Attempt, DeliveryToSend
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.failures import failure_of
from broker.storage.storage import Storage
from tally.values import dataclass

if TYPE_CHECKING:
    from broker.observability.telemetry import Telemetry

logger = logging.getLogger("broker.worker")
IDLE = 0.5
"""Seconds until the next look when nothing was due."""
AFTER_AN_ERROR = 2.0
SECONDS_TO_RECORD = 5.0
"""How much longer than the grace period the end may take, to record what was sent."""
SECONDS_UNTIL_REMOVAL, SECONDS_BETWEEN_REMOVALS = 60.0, 600.0
"""Before requests with a key, and changes, whose time is over are removed, at the start and later."""
REMOVED_AT_ONCE = 500
SECONDS_BETWEEN_LOOKS_AT_THE_CLOCK = 10.0
REMEMBERED = 1000
"""How many receivers have their last duration remembered."""

Finished = tuple[DeliveryToSend, Attempt]


class Worker:
    """Send what is due until stopped; *database* may be shared with a server in this process."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        is_wanted: Callable[[], bool] = lambda: True,
        telemetry: "Telemetry | None" = None,
    ) -> None:
        self._telemetry = telemetry
        self._is_wanted = is_wanted
        self._database = database
        self._settings = settings
        self._clock = clock
        self._finished: queue.SimpleQueue[Finished] = queue.SimpleQueue()
        self._unrecorded: list[Finished] = []
        self._under_way: dict[int, AttemptUnderWay] = {}
        self._durations: dict[str, float] = {}
        self._next_removal = time.monotonic() + SECONDS_UNTIL_REMOVAL
        self._warned = OnceAMinute()
        self._next_look = self.last_turn = time.monotonic()
        self._stopping = Event()
        self._is_hurried = False
        self._thread = Thread(target=self.run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Work in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Claim nothing more, and wait some seconds for the attempts under way, to record them."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(self._settings.stop_seconds + SECONDS_TO_RECORD)

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopping.is_set()

    def ask_to_stop(self) -> None:
        """Make `run` end soon; safe in a signal handler."""
        self._stopping.set()

    def hurry(self) -> None:
        """Stop without waiting for the attempts under way: they are made again. Safe in a signal handler."""
        self._is_hurried = True
        self._stopping.set()

    def use(self, settings: Settings) -> None:
        """Send as other settings say from now on."""
        self._settings = settings

    def run(self) -> None:
        """Work until asked to stop. An error is logged, and work goes on."""
        while not self._stopping.is_set() and self._is_wanted():
            self.last_turn = time.monotonic()
            try:
                if not self._database.retrying.run(self._turn):
                    self._wait(IDLE)
            except Exception as error:  # noqa: BLE001 - whatever it is, work goes on
                self._report(error)
                self._stopping.wait(AFTER_AN_ERROR)
        self._wind_up()

    def _turn(self) -> bool:
        """Record and claim; return whether more may be due already."""
        self._collect()
        self._look_at_the_clock()
        self._remove_old()
        capacity = sending_capacity(
            self._under_way, self._durations, self._settings.webhook_senders, time.monotonic()
        )
        if not self._unrecorded and not self._is_worth_claiming(capacity):
            return False
        deliveries = self._record_and_claim(capacity)
        for delivery in deliveries:
            self._begin(delivery)
        return bool(deliveries) and capacity.free > len(deliveries)

    def _remove_old(self) -> None:
        """Forget requests with a key that may not be repeated, and old changes, some in each turn."""
        if time.monotonic() < self._next_removal:
            return
        with self._database.transaction() as storage:
            removed = [
                storage.idempotency_keys.remove_old(most=REMOVED_AT_ONCE),
                storage.changes.remove_old(most=REMOVED_AT_ONCE),
            ]
        if max(removed) < REMOVED_AT_ONCE:
            self._next_removal = time.monotonic() + SECONDS_BETWEEN_REMOVALS

    def _look_at_the_clock(self) -> None:
        """Let no delivery wait for hours because the clock was set back."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS_AT_THE_CLOCK
        with self._database.reading() as storage:
            is_wrong = deliver.any_due_too_late(storage, self._settings)
        if is_wrong:
            with self._database.transaction() as storage:
                count = deliver.bring_forward(storage, self._settings)
            logger.warning(
                "The clock was set back: deliveries that would wait too long are due now: %s", count
            )

    def _is_worth_claiming(self, capacity: SendingCapacity) -> bool:
        if not capacity.free:
            return False
        with self._database.reading() as storage:
            return storage.outbox.any_due()

    def _record_and_claim(self, capacity: SendingCapacity) -> list[DeliveryToSend]:
        with self._database.transaction() as storage:
            self._record(storage)
            deliveries = deliver.claim(storage, capacity, self._settings)
        self._unrecorded.clear()
        return deliveries

    def _record(self, storage: Storage) -> None:
        # Always in this order: two workers that update the same webhooks in different orders could deadlock.
        for delivery, attempt in sorted(self._unrecorded, key=lambda item: item[0].webhook_id):
            deliver.record(storage, delivery, attempt, settings=self._settings, now=self._clock())

    def _begin(self, delivery: DeliveryToSend) -> None:
        self._under_way[delivery.claimed.id] = AttemptUnderWay(delivery.claimed.receiver, time.monotonic())
        Thread(
            target=self._send, args=(delivery,), name=f"webhook {delivery.claimed.uuid}", daemon=True
        ).start()

    def _send(self, delivery: DeliveryToSend) -> None:
        try:
            attempt = self._attempt(delivery)
        except Exception:
            logger.exception("The webhook %s could not be sent", delivery.claimed.uuid)
            attempt = deliver.failed_unexpectedly(self._clock())
        self._finished.put((delivery, attempt))

    def _attempt(self, delivery: DeliveryToSend) -> Attempt:
        send = partial(deliver.attempt_once, delivery, self._settings, self._clock)
        return send() if self._telemetry is None else self._telemetry.sent(delivery, send)

    def _collect(self) -> None:
        while True:
            try:
                self._note(self._finished.get_nowait())
            except queue.Empty:
                return

    def _wait(self, seconds: float) -> None:
        """Wait until an attempt is finished, or the time is over."""
        with suppress(queue.Empty):
            self._note(self._finished.get(timeout=seconds))

    def _note(self, finished: Finished) -> None:
        delivery, _ = finished
        begun = self._under_way.pop(delivery.claimed.id)
        self._unrecorded.append(finished)
        self._durations.pop(begun.receiver, None)  # so that it comes last again
        self._durations[begun.receiver] = time.monotonic() - begun.since
        if len(self._durations) > REMEMBERED:
            del self._durations[next(iter(self._durations))]  # the one used longest ago

    def _report(self, error: Exception) -> None:
        failure = failure_of(error)
        if failure is None:
            logger.error("Webhooks cannot be sent at the moment", exc_info=error)
        elif self._warned.is_time(failure):
            reason = str(error).partition("\n")[0]
            logger.warning("The database is %s; webhooks wait until it is not: %s", failure.value, reason)

    def _wind_up(self) -> None:
        deadline = time.monotonic() + self._settings.stop_seconds
        while self._under_way and time.monotonic() < deadline and not self._is_hurried:
            self._wait(min(IDLE, deadline - time.monotonic()))
        self._collect()
        if self._unrecorded:
            try:
                self._database.write(self._record)
            except Exception:
                logger.exception("The last attempts could not be recorded; they will be made again")


@dataclass(frozen=True)
class Work:
    """What is done beside requests: how it begins to stop, hurries with that, and takes other settings."""

    stop: Callable[[], None] = lambda: None
    hurry: Callable[[], None] = lambda: None
    use: Callable[[Settings], None] = lambda _: None


NOTHING_BESIDE = Work()


@contextmanager
def working(database: Database, settings: Settings, telemetry: "Telemetry | None" = None) -> Iterator[Work]:
    """Send in a thread while the block runs, unless the settings say no."""
    if not settings.webhook_worker:
        yield NOTHING_BESIDE
        return
    worker = Worker(database, settings, telemetry=telemetry)
    with beside(database, settings) as stop_the_rest:

        def stop() -> None:
            stop_the_rest()
            worker.ask_to_stop()

        worker.start()
        try:
            yield Work(stop, worker.hurry, worker.use)
        finally:
            worker.stop()


@contextmanager
def beside(database: Database, settings: Settings) -> Iterator[Callable[[], None]]:
    """Do all other work in threads while the block runs. Yield how to begin to stop before its end."""
    with ExitStack() as stack:
        works: Sequence[Background] = (
            Comparer(database),
            Counter(database),
            Indexer(database),
            Sealer(database, settings.audit_months),
            AccountKeeper(database),
            *([RegularMover(database, database.contents, Rules.of(settings))] if database.contents else []),
        )
        stops = [stack.enter_context(work.running()) for work in works]

        def stop() -> None:
            for each in stops:
                each()

        yield stop
