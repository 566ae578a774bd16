"""What the processes of a broker do at the moment and have counted, together.

Whatever runs often only counts in plain numbers. They become measurements when Prometheus asks or, as it
reaches one process of several, once a second.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

from broker.storage.database import Database
from broker.web.measured.processes import FOLDER
from tally.values import dataclass


@dataclass(frozen=True)
class Measured:
    """What a number is: *is_counted* if it only grows, otherwise it is as it is at the moment."""

    name: str
    text: str
    label: str = ""
    is_counted: bool = False


Numbers = Mapping[Measured, float | Mapping[str, float]]
"""A number, or several by the value of the label."""
Read = Callable[[], Numbers]


class ProcessLoad:
    """The numbers of this process, summed up with those of all others; safe to share between threads."""

    def __init__(self, registry: Any) -> None:
        self._registry = registry
        self._sources: list[Read] = []
        self._families: dict[Measured, Any] = {}
        self._published: dict[tuple[Measured, str], float] = {}
        self._lock = Lock()

    def add(self, read: Read) -> None:
        """Publish what *read* returns as well; it is called by any thread."""
        self._sources.append(read)

    def publish(self) -> None:
        """Make measurements of the numbers as they are now."""
        with self._lock:
            for read in self._sources:
                for what, found in read().items():
                    family = self._families.get(what) or self._add_family(what)
                    for value, number in _by_label(found):
                        child = family.labels(value) if what.label else family
                        self._set(what, value, child, number)

    def publish_for_others(self) -> None:
        """Make measurements of the numbers if another process may be asked for them."""
        if os.environ.get(FOLDER):
            self.publish()

    def _set(self, what: Measured, value: str, child: Any, number: float) -> None:
        if not what.is_counted:
            child.set(number)
            return
        child.inc(number - self._published.get((what, value), 0.0))
        self._published[what, value] = number

    def _add_family(self, what: Measured) -> Any:
        import prometheus_client  # noqa: PLC0415 - see processes.FOLDER

        labels = (what.label,) if what.label else ()
        if what.is_counted:
            family: Any = prometheus_client.Counter(what.name, what.text, labels, registry=self._registry)
        else:
            family = prometheus_client.Gauge(
                what.name, what.text, labels, registry=self._registry, multiprocess_mode="livesum"
            )
        self._families[what] = family
        return family


def _by_label(found: float | Mapping[str, float]) -> Iterable[tuple[str, float]]:
    return found.items() if isinstance(found, Mapping) else [("", found)]


CONNECTIONS = Measured("tally_database_connections", "Connections to the database.", "state")
MOST_CONNECTIONS = Measured(
    "tally_database_connections_limit", "Connections to the database that there may be at most."
)
STATEMENTS = Measured(
    "tally_sql_statements_total", "Statements, and ends of transactions.", "kind", is_counted=True
)
STATEMENT_SECONDS = Measured("tally_sql_seconds_total", "How long they took.", "kind", is_counted=True)
CONNECTION_WAITS = Measured(
    "tally_database_connection_waits_total",
    "Waits of a millisecond and more for a connection that is free, or for a new one.",
    is_counted=True,
)
CONNECTION_WAIT_SECONDS = Measured(
    "tally_database_connection_wait_seconds_total", "How long these waits were.", is_counted=True
)
CONNECTION_TIMEOUTS = Measured(
    "tally_database_connection_timeouts_total",
    "Waits that ended without a connection (TALLY_DATABASE_POOL_TIMEOUT).",
    is_counted=True,
)
LOCK_WAITS = Measured(
    "tally_database_lock_waits_total",
    "Waits of a millisecond and more for other writers of the same process: SQLite has one at a time.",
    is_counted=True,
)
LOCK_WAIT_SECONDS = Measured(
    "tally_database_lock_wait_seconds_total", "How long these waits were.", is_counted=True
)
RUN_AGAIN = Measured(
    "tally_transaction_retries_total", "Transactions that were run again.", "reason", is_counted=True
)


def of_database(database: Database) -> Read:
    """Return what reads the numbers of a database."""

    def read() -> Numbers:
        numbers = database.load.numbers()
        open_, used = database.pool()
        return {
            CONNECTIONS: {"idle": float(open_ - used), "used": float(used)},
            MOST_CONNECTIONS: database.most_connections,
            STATEMENTS: numbers.statements,
            STATEMENT_SECONDS: numbers.seconds,
            CONNECTION_WAITS: numbers.for_connections.count,
            CONNECTION_WAIT_SECONDS: numbers.for_connections.seconds,
            CONNECTION_TIMEOUTS: numbers.timeouts,
            LOCK_WAITS: numbers.for_lock.count,
            LOCK_WAIT_SECONDS: numbers.for_lock.seconds,
            RUN_AGAIN: numbers.run_again,
        }

    return read
