"""Why a database did not do what it was asked, as far as the request is not to blame."""

import sqlite3
from enum import Enum

from sqlalchemy import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from broker.storage.sqlite_files import FullDiskError, LostFileError

# serialization_failure, deadlock_detected: PostgreSQL asks for the transaction to be run again.
# foreign_key_violation, unique_violation: between two statements of this transaction, another one deleted
# what was found, or added what was missing. not_null_violation: an INSERT looks up what was deleted.
# duplicate_table: another process makes the schema of a new database.
RUN_AGAIN = {"40001", "40P01", "23503", "23505", "23502", "42P07"}


class RunAgain(Enum):
    """Why a transaction may succeed when it is run again."""

    SERIALIZATION = "serialization"
    """Another one changed what it has read."""
    DEADLOCK = "deadlock"
    """Each of two waited for what the other one had locked."""
    RACE = "race"
    """Another one added or deleted what it was about."""
    CONNECTION = "connection"
    """Its connection was lost."""


_WHY = {"40001": RunAgain.SERIALIZATION, "40P01": RunAgain.DEADLOCK}


class DatabaseFailure(Enum):
    """What is the matter with the database; it may be over a moment later."""

    AWAY = "away"
    """It cannot be reached, starts, stops, or is too busy."""
    READ_ONLY = "read-only"
    """It takes no changes: its server was demoted, or its file may not be written."""
    LOST = "lost"
    """It went away while it stored the changes: they are all there, or none of them is."""
    FULL = "full"
    """There is no room for changes."""
    CONFLICT = "busy with other changes"
    """Others changed the same again and again, and came first each time."""
    GONE = "gone"
    """Its file was removed or replaced, and what is written to it would be lost."""


_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: DatabaseFailure.AWAY,
    sqlite3.SQLITE_LOCKED: DatabaseFailure.AWAY,
    sqlite3.SQLITE_CANTOPEN: DatabaseFailure.AWAY,
    sqlite3.SQLITE_IOERR: DatabaseFailure.AWAY,
    sqlite3.SQLITE_READONLY: DatabaseFailure.READ_ONLY,
    sqlite3.SQLITE_FULL: DatabaseFailure.FULL,
}
_ROW = "\nDETAIL:"
_READ_ONLY = "25006"
_UNKNOWN_OUTCOME = "40003"
# By how the codes of PostgreSQL begin: races that were lost again and again (but a row that is missing, or
# there already, may be a fault of ours), connection_exception, too_many_connections, an operator or a crash
# ends sessions or allows none, query_canceled (it took too long), and system_error, such as of a file.
_OF_POSTGRESQL = {
    "40001": DatabaseFailure.CONFLICT,
    "40P01": DatabaseFailure.CONFLICT,
    _UNKNOWN_OUTCOME: DatabaseFailure.LOST,
    "08": DatabaseFailure.AWAY,
    "53300": DatabaseFailure.AWAY,
    "57P": DatabaseFailure.AWAY,
    "57014": DatabaseFailure.AWAY,
    "58": DatabaseFailure.AWAY,
    _READ_ONLY: DatabaseFailure.READ_ONLY,
    "53100": DatabaseFailure.FULL,
}


BEFORE_COMMIT = "tally_before_commit"
"""An attribute of the driver's error when it is of a statement that went together with COMMIT, before it."""


class LostRaceError(Exception):
    """Another transaction deleted what this one had found, and the database did not say so."""


class UnknownOutcomeError(Exception):
    """Nobody knows what came of a COMMIT: the changes are stored, or none of them is."""


_OF_KIND: dict[type[BaseException], DatabaseFailure] = {
    PoolTimeoutError: DatabaseFailure.AWAY,
    UnknownOutcomeError: DatabaseFailure.LOST,
    LostRaceError: DatabaseFailure.CONFLICT,
    LostFileError: DatabaseFailure.GONE,
    FullDiskError: DatabaseFailure.FULL,
}


def may_be_run_again(error: Exception) -> bool:
    """Return whether the transaction may succeed when it is run again: it lost a race, or its connection."""
    return is_lost_race(error) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def has_unknown_outcome(of_commit: DBAPIError) -> bool:
    """Return whether the changes may be stored, though COMMIT ended with this error.

    A database of several machines tells so by statement_completion_unknown, with the connection in order.
    """
    if hasattr(of_commit.orig, BEFORE_COMMIT):
        return False
    state = getattr(of_commit.orig, "sqlstate", None) or ""
    return of_commit.connection_invalidated or state == _UNKNOWN_OUTCOME or state.startswith("08")


def why_run_again(error: Exception) -> RunAgain | None:
    """Return why the transaction may succeed when it is run again, or None when it may not."""
    if is_lost_race(error):
        return _WHY.get(_state_of(error), RunAgain.RACE)
    return RunAgain.CONNECTION if may_be_run_again(error) else None


def is_lost_race(error: Exception) -> bool:
    """Return whether another transaction came first."""
    return isinstance(error, LostRaceError) or _state_of(error) in RUN_AGAIN


def _state_of(error: Exception) -> str:
    """Return the SQLSTATE of an error, "" if it has none."""
    return getattr(error.orig, "sqlstate", None) or "" if isinstance(error, DBAPIError) else ""


def failure_of(error: BaseException) -> DatabaseFailure | None:
    """Return what is the matter with the database, None when the error is no fault of it."""
    if known := _OF_KIND.get(type(error)):
        return known
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        return _OF_SQLITE.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(error.orig, "sqlstate", None) or ""  # none when no connection could be opened
    known = next((failure for start, failure in _OF_POSTGRESQL.items() if state.startswith(start)), None)
    no_connection = not state and isinstance(error, OperationalError)
    return known or (DatabaseFailure.AWAY if error.connection_invalidated or no_connection else None)


def drop_read_only_connection(context: ExceptionContext) -> None:
    """Open the connections to a server anew that takes no changes: another one may be the first now."""
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True


def leave_out_rows(context: ExceptionContext) -> None:
    """Take the row that PostgreSQL refused from what it says: values may be secrets."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].partition(_ROW)[0], *error.args[1:])
