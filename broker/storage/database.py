"""The database of a broker, SQLite or PostgreSQL. Its transactions yield a Storage."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from time import monotonic, perf_counter
from typing import Any, TypeVar

from sqlalchemy import Connection, QueuePool, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from broker.storage import database_url, statement_watch
from broker.storage.changes import LONG, Change
from broker.storage.database_load import DatabaseLoad, WriteLock
from broker.storage.dialects import is_always_serializable
from broker.storage.direct_statements import DirectConnection, DirectStatements
from broker.storage.elsewhere import Contents, use_contents
from broker.storage.engines import Limits, engine_for, path_of
from broker.storage.failures import UnknownOutcomeError, has_unknown_outcome
from broker.storage.ordered_sequences import out_of_order
from broker.storage.overview.standing_renewal import LOCK_ALONE
from broker.storage.positions import KnownPositions
from broker.storage.postgresql_sessions import (
    PreparedStatements,
    begin_reading,
    committing,
    let_begin,
    prepare_anew,
)
from broker.storage.retrying import Result, Retries, Retrying
from broker.storage.sqlite_files import LostFileError, WatchedFile
from broker.storage.standby import Standby, StandbyUnusableError
from broker.storage.statement_watch import Statement
from broker.storage.storage import Storage
from broker.storage.turns import Turns

__all__ = ["Database", "Limits"]
SECONDS_TO_WATCH = 2
"""How long PostgreSQL may take to say that it is there."""
_USUAL = Limits()
Read = TypeVar("Read")
_SWITCHED_OFF = text(
    "SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') AND setting = 'off' "
    "ORDER BY name"
)
_BEGIN = text("BEGIN IMMEDIATE")
_SIZE = text("SELECT pg_database_size(current_database())")


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
        self._engine = engine_for(self.url, limits, synchronous, prepared_statements)
        watching = replace(limits, connections=1, most=1, statement_timeout=SECONDS_TO_WATCH)
        self._watching_engine = engine_for(self.url, watching, synchronous, prepared_statements)
        self.load = DatabaseLoad(self._engine)
        self._statements = DirectStatements(self._engine, self.load.took)
        self.most_connections = limits.in_all
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        self.file = WatchedFile(path_of(self._engine) if self._is_sqlite else "")
        self.retrying = Retrying(retries)
        self.retrying.noted = self.load.runs_again
        self.after_commit: Callable[[], None] = lambda: None
        self.standby: Standby | None = None
        """What may answer in place of this database what is shown to people: see `read_also_from`."""
        self.contents: Contents | None = None
        """The contents of pacts that are in an object store: see `use_contents`."""
        self._changes: frozenset[Change] = frozenset()
        lock = WriteLock(self.load) if self._is_sqlite else nullcontext()
        self._write_lock: AbstractContextManager[Any] = lock
        self._turns = Turns()

    @contextmanager
    def transaction(self, *, serializable: bool = False, kept: bool = True) -> Iterator[Storage]:
        """Yield a Storage whose changes are committed together at the end, or rolled back on an exception.

        They are always rolled back when they are not to be *kept*.

        When *serializable*, the transaction is committed only if nobody has changed what it has read;
        otherwise PostgreSQL asks for it to be run again. On SQLite every transaction is serializable.

        Raises LostFileError, and UnknownOutcomeError when the connection is lost at the end.
        """
        self.file.check()
        with self._write_lock, self._connect() as connection:
            if self._is_sqlite:
                # A transaction that takes the write lock later, at its first write, may be answered "busy"
                # at once: what it has read may be out of date, so SQLite does not let it wait.
                connection.execute(_BEGIN)
            else:
                let_begin(connection)
            if serializable and not self._is_sqlite:
                connection.execution_options(isolation_level="SERIALIZABLE")
                if not is_always_serializable(connection.dialect):
                    # Its statements see what was committed before the first. So nobody may renew standings
                    # from then on: waiting for the lock at the end would be too late.
                    connection.execute(LOCK_ALONE)
            storage, began = Storage(connection), monotonic()
            yield storage
            if not kept:
                connection.send_waiting()
                connection.rollback()
                return
            storage.finish()
            if monotonic() - began > LONG:
                storage.changes.tell_all()
            self._commit(connection)
            self.retrying.committed()
        self.after_commit()

    def turn(self, about: Iterable[Hashable]) -> AbstractContextManager[None]:
        """Run the block, with one transaction, when no other thread is about any of the same.

        On SQLite all wait for each other anyway.
        """
        return nullcontext() if self._is_sqlite else self._turns.waiting(about)

    def write(self, change: Callable[[Storage], Result]) -> Result:
        """Return what *change* returns in a transaction, which runs again when the database asks for that."""

        def once() -> Result:
            with self.transaction() as storage:
                return change(storage)

        return self.retrying.run(once)

    @contextmanager
    def reading(self) -> Iterator[Storage]:
        """Yield a Storage for reading only. Each statement sees what was committed before it began."""
        self.file.check()
        with self._connect(reads=True) as connection:
            if not self._is_sqlite:
                begin_reading(connection)
            yield Storage(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Yield a connection, for reading, whose statements all see what was committed before the first."""
        self.file.check()
        with self._connect() as connection:
            if self._is_sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                let_begin(connection)
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
        self.file.check()
        with self._write_lock, self._connect() as connection:
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
        engine = engine_for(database_url.of_standby(url), limits, "", PreparedStatements.AUTO)
        if self.contents is not None:
            use_contents(engine.dialect, self.contents)
        self.standby = Standby(engine, known, self.reading, timer)
        self._engine.dialect.do_commit = committing(known.reach)  # type: ignore[assignment] # there is no event

    def use_contents(self, contents: Contents) -> None:
        """Find the contents of pacts there that are not in the database itself."""
        self.contents = contents
        use_contents(self._engine.dialect, contents)

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
        self.file.check()
        with self._watching_engine.connect() as connection:
            yield connection

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Yield a bare connection, for migrations and diagnosis."""
        with self._engine.connect() as connection:
            if not self._is_sqlite:
                let_begin(connection)
            try:
                yield connection
            finally:
                if not connection.invalidated:
                    prepare_anew(connection)

    def is_there(self) -> bool:
        """Return False when SQLite would have to make the file."""
        return self.file.is_there()

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
        self.file.check_room()

    def not_durable(self) -> list[str]:
        """Return the settings of PostgreSQL with which it may lose what it has committed; [] for SQLite."""
        if self._is_sqlite:
            return []
        with self.reading() as storage:
            return list(storage.connection.scalars(_SWITCHED_OFF))

    def watch_statements(self, executed: Callable[[Statement], None]) -> None:
        """Call *executed* after each statement, in its thread. It must not raise."""
        statement_watch.watch(self._engine, executed)

    def out_of_order(self) -> list[str]:
        """Return the sequences whose order counts, and whose numbers come in another one."""
        with self.reading() as storage:
            return out_of_order(storage.connection)

    def pool(self) -> tuple[int, int]:
        """Return how many connections are open, and how many of them are in use."""
        pool = self._engine.pool
        assert isinstance(pool, QueuePool)  # noqa: S101 - `engine_for` makes no other
        used = pool.checkedout()
        return used + pool.checkedin(), used

    def size(self) -> int:
        """Return how many bytes the database takes, with what SQLite has in its log."""
        if self._is_sqlite:
            return self.file.size()
        with self.reading() as storage:
            return int(storage.connection.execute(_SIZE).scalar_one())

    def close(self) -> None:
        self._engine.dispose()
        self._watching_engine.dispose()
        if self.standby is not None:
            self.standby.close()

    def _connect(self, *, reads: bool = False) -> DirectConnection:
        started = perf_counter()
        try:
            return DirectConnection(self._engine, self._statements, reads=reads)
        except PoolTimeoutError:
            self.load.had_no_connection()
            raise
        finally:
            self.load.waited_for_connection(perf_counter() - started)

    def _commit(self, connection: Connection) -> None:
        started = perf_counter()
        try:
            connection.commit()
        except DBAPIError as error:
            if has_unknown_outcome(error):
                raise UnknownOutcomeError(str(error)) from error
            raise
        finally:
            self.load.took("commit", perf_counter() - started)
