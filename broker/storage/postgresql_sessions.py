"""What the sessions of PostgreSQL are set to: directly, or through a pooler such as PgBouncer.

In its transaction mode a pooler gives each transaction any of its sessions. Nothing that is kept in a session
is there in the next transaction, or somebody else finds it: neither settings nor prepared statements.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any

from sqlalchemy import Connection, PoolProxiedConnection

from broker.storage.failures import BEFORE_COMMIT
from broker.storage.positions import OF_PRIMARY, Position
from broker.storage.round_trips import TRIPS, RoundTrips, is_possible

_POOLED = "pooled"
_OFTEN = 5
"""Executions until the driver prepares a statement itself: one whose text depends on its values."""


class PreparedStatements(Enum):
    """Whether the driver has statements prepared that it sends often."""

    AUTO = "auto"
    """Unless there is a pooler."""
    ON = "on"
    OFF = "off"
    """Nor is anything else kept in a session, as if there were a pooler."""


# PostgreSQL tells a client which process serves it. A pooler tells something else, as that process changes.
_SET_UNLESS_POOLED = """
    SELECT set_config('jit', 'off', false), set_config('random_page_cost', '1.1', false),
        set_config('statement_timeout', %s, false)
    WHERE pg_backend_pid() = %s
"""
# PostgreSQL takes 50 ms and more to compile a statement (jit); none of ours runs so long that this pays off.
# Unless it is told so, it takes a page by an index for four times as dear as one in order, as on a disk that
# turns. It then reads tables as a whole until they have hundreds of rows, and dead rows that updates left.
_SET_LOCALLY = "SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1; SET LOCAL statement_timeout = {}"

_COMMIT = f"SELECT txid_current_if_assigned() IS NOT NULL; COMMIT; {OF_PRIMARY}"


def _is_news(record: logging.LogRecord) -> bool:
    """Return False when the driver says that rows after a refused one were refused as well.

    It sends the rows of one statement together. The refusal of the first is raised.
    """
    return not record.msg.startswith("error ignored terminating")


logging.getLogger("psycopg").addFilter(_is_news)


def configuring(milliseconds: int, prepared: PreparedStatements) -> Callable[[Any, Any], None]:
    """Return what is to be done with each new connection; *milliseconds* limit a statement, 0 does not."""

    def configure(connection: Any, record: Any) -> None:
        is_pooled = prepared is PreparedStatements.OFF or _is_pooled(connection, milliseconds)
        if is_pooled:
            record.info[_POOLED] = True
        if is_pooled and prepared is not PreparedStatements.ON:
            connection.prepare_threshold = None
        if not is_pooled and connection.prepare_threshold in {0, 1} and is_possible():
            record.info[TRIPS] = RoundTrips(connection)
            connection.prepare_threshold = _OFTEN

    return configure


def is_pooled(info: Mapping[Any, Any]) -> bool:
    """Return whether a pooler chooses the session for each transaction of the connection with this info."""
    return _POOLED in info


def _is_pooled(connection: Any, milliseconds: int) -> bool:
    connection.autocommit = True
    values = (str(milliseconds), connection.info.backend_pid)
    found = connection.execute(_SET_UNLESS_POOLED, values, prepare=False).fetchone()
    connection.autocommit = False
    return found is None


def begin_reading(connection: Connection) -> None:
    """Let each statement see what was committed before it: none is part of a transaction, without a pooler.

    The driver stays so for whoever has the connection next: most do the same as the one before.
    """
    if is_pooled(connection.info):
        connection.begin()  # with our settings, which the session does not have
    else:
        _commit_each(connection, each=True)


def prepare_anew(connection: Connection) -> None:
    """Take nothing for prepared, after the connection was used for something else than our statements."""
    trips: RoundTrips | None = connection.info.get(TRIPS)
    if trips is not None:
        trips.prepare_anew()


def let_begin(connection: Connection) -> None:
    """Let the first statement begin a transaction, whatever the connection did before."""
    if not is_pooled(connection.info):
        _commit_each(connection, each=False)


def _commit_each(connection: Connection, *, each: bool) -> None:
    driver: Any = connection.connection.driver_connection
    if driver.autocommit is not each:
        driver.autocommit = each


def beginning(milliseconds: int) -> Callable[[PoolProxiedConnection], None]:
    """Return what begins a transaction of a session that a pooler chose: with our settings.

    Without a pooler the session has the settings, and the driver begins when there is a statement.
    """

    def begin(connection: PoolProxiedConnection) -> None:
        if _POOLED not in connection.info:
            return
        driver: Any = connection.dbapi_connection
        driver.autocommit = True  # it begins nothing by itself
        level = driver.isolation_level
        mode = f" ISOLATION LEVEL {level.name.replace('_', ' ')}" if level else ""
        # In one message, as each takes the way to the server and back.
        driver.execute(f"BEGIN{mode}; {_SET_LOCALLY.format(milliseconds)}", prepare=False)

    return begin


def roll_back(connection: PoolProxiedConnection) -> None:
    """Roll back, and keep what is prepared.

    The driver would throw it away, as tables might be gone that the transaction made: each request that is
    refused would have PostgreSQL plan the statements of the next ones anew, for 40 to 90 ms.
    """
    from psycopg.pq import ExecStatus, TransactionStatus  # noqa: PLC0415 - see `committing`

    driver: Any = connection.dbapi_connection
    if trips := _trips(connection):
        trips.forget()
    status = driver.pgconn.transaction_status
    if status == TransactionStatus.IDLE:
        return
    is_open = status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}
    if not is_open or driver.pgconn.exec_(b"ROLLBACK").status != ExecStatus.COMMAND_OK:
        driver.rollback()


def commit(connection: PoolProxiedConnection) -> None:
    """Commit, on one way with what waits for it."""
    _refuse_failed(connection)
    trips = _trips(connection)
    if trips is None:
        driver: Any = connection.dbapi_connection
        driver.commit()
    else:
        with _ended(connection, trips):
            trips.commit()


def _refuse_failed(connection: PoolProxiedConnection) -> None:
    """Raise psycopg.Error if a statement has failed and its error was caught: COMMIT would be a rollback."""
    from psycopg.errors import InFailedSqlTransaction  # noqa: PLC0415 - see `committing`
    from psycopg.pq import TransactionStatus  # noqa: PLC0415 - see `committing`

    driver: Any = connection.dbapi_connection
    if driver.pgconn.transaction_status == TransactionStatus.INERROR:
        roll_back(connection)
        raise InFailedSqlTransaction("a statement has failed in this transaction, so nothing is stored")


@contextmanager
def _ended(connection: PoolProxiedConnection, trips: RoundTrips) -> Iterator[None]:
    """Roll back if what waited for the end fails: after COMMIT, SQLAlchemy takes a transaction for ended.

    Of the error of a statement before COMMIT it is noted that nothing can have been stored.
    """
    try:
        yield
    except Exception as error:
        if not trips.is_commit:
            setattr(error, BEFORE_COMMIT, True)
        driver: Any = connection.dbapi_connection
        if not driver.closed:
            roll_back(connection)
        raise


def _trips(connection: PoolProxiedConnection) -> RoundTrips | None:
    try:
        found: RoundTrips | None = connection.info.get(TRIPS)
    except NotImplementedError:  # SQLAlchemy looks at its first connection by itself
        return None
    return found


def committing(reach: Callable[[Position], None]) -> Callable[[PoolProxiedConnection], None]:
    """Return what commits a transaction, and calls *reach* with the position after it if it has written.

    All in one message: a commit takes the way to the server and back once, as it does without.
    """
    from psycopg.pq import TransactionStatus  # noqa: PLC0415 - it takes long, and is not there for SQLite

    def commit(connection: PoolProxiedConnection) -> None:
        driver: Any = connection.dbapi_connection
        _refuse_failed(connection)
        if trips := _trips(connection):
            with _ended(connection, trips):
                trips.send_waiting()
        if driver.info.transaction_status != TransactionStatus.INTRANS:
            driver.commit()
            return
        cursor = driver.execute(_COMMIT, prepare=False)
        has_written = cursor.fetchone()[0]
        cursor.nextset()
        cursor.nextset()
        position = cursor.fetchone()[0]
        if has_written and position is not None:
            reach(Position.of_server(position))

    return commit
