"""What a process asked of its database, and how long it waited: statements, connections, locks."""

from collections import Counter
from collections.abc import Callable, Mapping
from threading import Lock
from time import perf_counter
from types import TracebackType
from typing import Any

from sqlalchemy import Engine, event

from broker.storage.failures import RunAgain, why_run_again
from tally.values import dataclass

KINDS = ("select", "insert", "update", "delete", "begin", "commit", "other")
WORTH_COUNTING = 0.001
"""Seconds from which on a wait is counted: shorter ones are the time of the call itself."""
_KIND_OF = {"SELECT": "select", "INSERT": "insert", "UPDATE": "update", "DELETE": "delete", "BEGIN ": "begin"}
_KIND_OF_QUERY = "select"
_QUERY = "WITH "  # none of ours changes anything


@dataclass(frozen=True)
class Waits:
    """How often something was waited for, and how many seconds in all."""

    count: int
    seconds: float


@dataclass(frozen=True)
class LoadNumbers:
    """Numbers since the process began. The statements are by kind, and their seconds."""

    statements: Mapping[str, int]
    seconds: Mapping[str, float]
    for_connections: Waits
    for_lock: Waits
    timeouts: int
    run_again: Mapping[str, int]


class DatabaseLoad:
    """Numbers of one process, also of the statements of *engine*; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._lock = Lock()
        self._statements = dict.fromkeys(KINDS, 0)
        self._seconds = dict.fromkeys(KINDS, 0.0)
        self._for_connections = self._for_lock = Waits(0, 0.0)
        self._timeouts = 0
        self._run_again = Counter({reason.value: 0 for reason in RunAgain})
        for name in ("do_execute", "do_executemany"):
            event.listen(engine, name, self._measured(name))

    def numbers(self) -> LoadNumbers:
        """Return the numbers as they are now."""
        with self._lock:
            return LoadNumbers(
                dict(self._statements),
                dict(self._seconds),
                self._for_connections,
                self._for_lock,
                self._timeouts,
                dict(self._run_again),
            )

    def took(self, kind: str, seconds: float) -> None:
        """Count a statement."""
        with self._lock:
            self._statements[kind] += 1
            self._seconds[kind] += seconds

    def waited_for_connection(self, seconds: float) -> None:
        """Count a wait for a connection that was free, or had to be opened."""
        if seconds >= WORTH_COUNTING:
            with self._lock:
                before = self._for_connections
                self._for_connections = Waits(before.count + 1, before.seconds + seconds)

    def waited_for_lock(self, seconds: float) -> None:
        """Count a wait for other writers of this process."""
        if seconds >= WORTH_COUNTING:
            with self._lock:
                before = self._for_lock
                self._for_lock = Waits(before.count + 1, before.seconds + seconds)

    def had_no_connection(self) -> None:
        """Count a wait that ended without a connection."""
        with self._lock:
            self._timeouts += 1

    def runs_again(self, error: Exception) -> None:
        """Count a transaction that is run again because of this error."""
        if reason := why_run_again(error):
            with self._lock:
                self._run_again[reason.value] += 1

    def _measured(self, name: str) -> Callable[[Any, str, Any, Any], bool]:
        """Return what SQLAlchemy calls in place of its own *name*; True says that the statement was run."""

        def execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
            started = perf_counter()
            try:
                getattr(context.dialect, name)(cursor, statement, parameters, context)
            finally:
                self.took(kind_of(statement), perf_counter() - started)
            return True

        return execute


def kind_of(statement: str) -> str:
    """Return which of the KINDS a statement is."""
    return _KIND_OF.get(statement[:6]) or (_KIND_OF_QUERY if statement.startswith(_QUERY) else "other")


class WriteLock:
    """A lock of the threads of this process, whose waits are counted."""

    def __init__(self, load: DatabaseLoad) -> None:
        self._lock = Lock()
        self._load = load

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            started = perf_counter()
            self._lock.acquire()
            self._load.waited_for_lock(perf_counter() - started)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
