"""The database of a broker, SQLite or PostgreSQL. Its transactions yield a Storage."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from broker.storage import database_url, statement_watch
from broker.storage.changes import LONG, Change
from broker.storage.dialects import choose_format, is_always_serializable
from broker.storage.failures import UnknownOutcomeError, drop_read_only_connection, has_unknown_outcome
from broker.storage.ordered_sequences import out_of_order
from broker.storage.overview.standing_renewal import LOCK_ALONE
from broker.storage.positions import KnownPositions
from broker.storage.postgresql_sessions import PreparedStatements, beginning, committing, configuring
from broker.storage.retrying import Result, Retries, Retrying
from broker.storage.sqlite_files import LostFileError, WatchedFile, file_of, make_private
from broker.storage.standby import Standby, StandbyUnusableError
from broker.storage.statement_watch import Statement
from broker.storage.storage import Storage

SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "fullfsync": "ON",  # macOS leaves in the disk's cache what it is not told to store with this
    "foreign_keys": "ON",
    "busy_timeout": "5000",
}
SECONDS_TO_WATCH = 2
"""How long PostgreSQL may take to say that it is there."""


@dataclass(frozen=True)
class Limits:
    """How many connections a process keeps open, and opens at *most*; and how many seconds it waits.

    *most* 0 means twice as many as it keeps. *statement_timeout* applies to PostgreSQL; 0 means no limit.
    """

    connections: int = 8
    most: int = 0
    pool_timeout: int = 5
    statement_timeout: int = 0


_USUAL = Limits()
Read = TypeVar("Read")
_SWITCHED_OFF = text(
    "SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') AND setting = 'off' "
    "ORDER BY name"
)


class Database:
    """Give transactions on the database at *url*; safe to share between threads.

    Raises sqlalchemy.exc.ArgumentError when *url* is neither of SQLite nor of PostgreSQL.

    SQLite allows one writer at a time: threads of this process wait for a lock, and BEGIN IMMEDIATE waits up
    to 5 s for other processes. Connections are kept open. `after_commit` is called after each transaction, in
    the thread of the transaction.

    *synchronous* is for SQLite: with "full", what was committed survives a loss of power; with "normal", the
    newest transactions may be gone after one.
    """

    def __init__(
        self,
        url: str,
        limits: Limits = _USUAL,
        *,
        synchronous: str = "full",
        prepared_statements: PreparedStatements = PreparedStatements.AUTO,
        retries: Retries = Retries(),  # noqa: B008 - it is frozen
    ) -> None:
        self.url = database_url.with_driver(url)
        self._engine = _engine(self.url, limits, synchronous, prepared_statements)
        watching = replace(limits, connections=1, most=1, statement_timeout=SECONDS_TO_WATCH)
        self._watching_engine = _engine(self.url, watching, synchronous, prepared_statements)
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        path = _file(self._engine) if self._is_sqlite else ""
        self._path = Path(path) if path else None
        self._file = WatchedFile(path)
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self.retrying = Retrying(retries)
        self.after_commit: Callable[[], None] = lambda: None
        self.standby: Standby | None = None
        """What may answer in place of this database what is shown to people: see `read_also_from`."""
        self._changes: frozenset[Change] = frozenset()
        self._write_lock: AbstractContextManager[Any] = threading.Lock() if self._is_sqlite else nullcontext()

    @contextmanager
    def transaction(self, *, serializable: bool = False, kept: bool = True) -> Iterator[Storage]:
        """Yield a Storage whose changes are committed together at the end, or rolled back on an exception.

        They are always rolled back when they are not to be *kept*.

        When *serializable*, the transaction is committed only if nobody has changed what it has read;
        otherwise PostgreSQL asks for it to be run again. On SQLite every transaction is serializable.

        Raises LostFileError, and UnknownOutcomeError when the connection is lost at the end.
        """
        self._file.check()
        with self._write_lock, self._engine.connect() as connection:
            if self._is_sqlite:
                # A transaction that takes the write lock later, at its first write, may be answered "busy"
                # at once: what it has read may be out of date, so SQLite does not let it wait.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif serializable:
                connection.execution_options(isolation_level="SERIALIZABLE")
                if not is_always_serializable(connection.dialect):
                    # Its statements see what was committed before the first. So nobody may renew standings
                    # from then on: waiting for the lock at the end would be too late.
                    connection.execute(LOCK_ALONE)
            storage, began = Storage(connection), time.monotonic()
            yield storage
            if not kept:
                connection.rollback()
                return
            storage.finish()
            if time.monotonic() - began > LONG:
                storage.changes.tell_all()
            _commit(connection)
            self.retrying.committed()
        self.after_commit()

    def write(self, change: Callable[[Storage], Result]) -> Result:
        """Return what *change* returns in a transaction, which runs again when the database asks for that."""

        def once() -> Result:
            with self.transaction() as storage:
                return change(storage)

        return self.retrying.run(once)

    @contextmanager
    def reading(self) -> Iterator[Storage]:
        """Yield a Storage for reading only. Each statement sees what was committed before it began."""
        self._file.check()
        with self._reader.connect() as connection:
            yield Storage(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Yield a connection, for reading, whose statements all see what was committed before the first."""
        self._file.check()
        with self._engine.connect() as connection:
            if self._is_sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ")
                connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield connection
            connection.rollback()

    @contextmanager
    def erasing(self) -> Iterator[Storage]:
        """Yield a Storage like `transaction`; what it replaces is in no file of SQLite afterwards.

        PostgreSQL keeps it until the next VACUUM.
        """
        if not self._is_sqlite:
            with self.transaction() as storage:
                yield storage
            return
        self._file.check()
        with self._write_lock, self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield Storage(connection)
            connection.commit()
            self.retrying.committed()
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def now(self) -> datetime:
        """Return the moment by the clock of the database, which all its processes share."""
        with self.reading() as storage:
            return storage.leases.now()

    def newest_changes(self) -> frozenset[Change]:
        """Return the latest changes of what decisions depend on, by any process."""
        with self.reading() as storage:
            found = storage.changes.newest()
            if self.standby is not None and found - self._changes:
                self.standby.reach(storage.connection)  # whoever is told of a change must find it
        self._changes = found
        return found

    def read_also_from(
        self, url: str, limits: Limits, *, longest_lag: float, timer: Callable[[], float] = monotonic
    ) -> None:
        """Let the standby at *url* answer what may be some seconds old; each commit tells its position now.

        Raises sqlalchemy.exc.ArgumentError when one of the two is not of PostgreSQL.
        """
        if self._is_sqlite:
            raise ArgumentError("SQLite has no standby")
        known = KnownPositions(longest_lag, timer)
        engine = _engine(database_url.of_standby(url), limits, "", PreparedStatements.AUTO)
        self.standby = Standby(engine, known, self.reading, timer)
        self._engine.dialect.do_commit = committing(known.reach)  # type: ignore[assignment] # there is no event

    def read_shown(self, ask: Callable[[Storage], Read]) -> Read:
        """Return what *ask* reads for people to look at, from the standby if that can answer."""
        if self.standby is not None:
            with suppress(StandbyUnusableError), self.standby.reading() as storage:
                return ask(storage)
        with self.reading() as storage:
            return ask(storage)

    @contextmanager
    def watching(self) -> Iterator[Connection]:
        """Yield a bare connection that no request has, to find out whether the database answers."""
        self._file.check()
        with self._watching_engine.connect() as connection:
            yield connection

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Yield a bare connection, for migrations and diagnosis."""
        with self._engine.connect() as connection:
            yield connection

    def is_there(self) -> bool:
        """Return False when SQLite would have to make the file."""
        return self._path is None or (self._path.exists() and self._path.stat().st_size > 0)

    def problem(self) -> str | None:
        """Return what is wrong with the database, or None when it answers."""
        try:
            with self.reading() as storage:
                storage.connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, LostFileError) as error:
            return f"{type(error).__name__} - {str(error).splitlines()[0]}"
        return None

    def check_room(self) -> None:
        """Raise FullDiskError when the disk of SQLite is full; PostgreSQL's may be on another machine."""
        self._file.check_room()

    def not_durable(self) -> list[str]:
        """Return the settings of PostgreSQL with which it may lose what it has committed; [] for SQLite."""
        if self._is_sqlite:
            return []
        with self._reader.connect() as connection:
            return list(connection.scalars(_SWITCHED_OFF))

    def watch_statements(self, executed: Callable[[Statement], None]) -> None:
        """Call *executed* after each statement, in its thread. It must not raise."""
        statement_watch.watch(self._engine, executed)

    def out_of_order(self) -> list[str]:
        """Return the sequences whose order counts, and whose numbers come in another one."""
        with self._reader.connect() as connection:
            return out_of_order(connection)

    def pool(self) -> tuple[int, int]:
        """Return how many connections are open, and how many of them are in use."""
        pool = self._engine.pool
        assert isinstance(pool, QueuePool)  # noqa: S101 - `_engine` makes no other
        used = pool.checkedout()
        return used + pool.checkedin(), used

    def close(self) -> None:
        self._engine.dispose()
        self._watching_engine.dispose()
        if self.standby is not None:
            self.standby.close()


def _commit(connection: Connection) -> None:
    try:
        connection.commit()
    except DBAPIError as error:
        if has_unknown_outcome(error):
            raise UnknownOutcomeError(str(error)) from error
        raise


def _engine(url: str, limits: Limits, synchronous: str, prepared: PreparedStatements) -> Engine:
    address, arguments = database_url.read(url)
    backend = address.get_backend_name()
    most = limits.most or 2 * limits.connections
    kept = min(limits.connections, most)
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_size=kept,
        max_overflow=most - kept,
        pool_timeout=limits.pool_timeout,
        connect_args=arguments,
    )
    if backend == "sqlite":
        event.listen(engine, "do_connect", _make_file)
        event.listen(engine, "connect", _configure_sqlite(synchronous))
    else:
        milliseconds = 1000 * limits.statement_timeout
        event.listen(engine, "connect", configuring(milliseconds, prepared))
        engine.dialect.do_begin = beginning(milliseconds)  # type: ignore[assignment] # there is no event
        event.listen(engine, "before_cursor_execute", choose_format)
        event.listen(engine, "handle_error", drop_read_only_connection)
    return engine


def _file(engine: Engine) -> str:
    """Return the path of SQLite's file, "" when it has none."""
    names, arguments = engine.dialect.create_connect_args(engine.url)
    return file_of(str(names[0]), is_uri=bool(arguments.get("uri")))


def _make_file(_dialect: object, _record: object, names: list[str], arguments: dict[str, Any]) -> None:
    make_private(names[0], arguments)


def _configure_sqlite(synchronous: str) -> Callable[[sqlite3.Connection, object], None]:
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        for pragma, value in {**SQLITE_PRAGMAS, "synchronous": synchronous}.items():
            connection.execute(f"PRAGMA {pragma} = {value}")

    return configure
