"""Engines of SQLAlchemy for the databases that the broker works with."""

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, QueuePool, create_engine, event

from broker.storage import database_url
from broker.storage.dialects import choose_format
from broker.storage.failures import drop_read_only_connection, leave_out_rows
from broker.storage.postgresql_sessions import PreparedStatements, beginning, commit, configuring, roll_back
from broker.storage.sqlite_files import file_of, make_private
from tally.values import dataclass

SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "fullfsync": "ON",  # macOS leaves in the disk's cache what it is not told to store with this
    "foreign_keys": "ON",
    "busy_timeout": "5000",
}


@dataclass(frozen=True)
class Limits:
    """How many connections a process keeps open, and opens at *most*; and how many seconds it waits.

    *most* 0 means twice as many as it keeps. *statement_timeout* applies to PostgreSQL; 0 means no limit.
    """

    connections: int = 8
    most: int = 0
    pool_timeout: int = 5
    statement_timeout: int = 0

    @property
    def in_all(self) -> int:
        """How many connections may be open."""
        return self.most or 2 * self.connections


def engine_for(url: str, limits: Limits, synchronous: str, prepared: PreparedStatements) -> Engine:
    """Return an engine that opens its connections as the broker needs them; *synchronous* is for SQLite.

    Raises sqlalchemy.exc.ArgumentError.
    """
    address, arguments = database_url.read(url)
    backend = address.get_backend_name()
    most = limits.in_all
    kept = min(limits.connections, most)
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_use_lifo=True,  # what a process of PostgreSQL has just used is still in the processor's cache
        pool_size=kept,
        max_overflow=most - kept,
        pool_timeout=limits.pool_timeout,
        hide_parameters=True,  # the text of an error goes into the log, and they may be secrets
        connect_args=arguments,
    )
    if backend == "sqlite":
        event.listen(engine, "do_connect", _make_file)
        event.listen(engine, "connect", _configure_sqlite(synchronous))
    else:
        milliseconds = 1000 * limits.statement_timeout
        event.listen(engine, "connect", configuring(milliseconds, prepared))
        engine.dialect.do_begin = beginning(milliseconds)  # type: ignore[assignment] # there is no event
        engine.dialect.do_commit = commit  # type: ignore[assignment]
        engine.dialect.do_rollback = roll_back  # type: ignore[assignment]
        event.listen(engine, "do_execute", choose_format)
        event.listen(engine, "handle_error", drop_read_only_connection)
        event.listen(engine, "handle_error", leave_out_rows)
    return engine


def path_of(engine: Engine) -> str:
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
