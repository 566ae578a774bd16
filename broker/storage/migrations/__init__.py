"""The schema's history, applied when the broker starts."""

import logging
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, exists, inspect, select
from sqlalchemy.exc import DBAPIError, OperationalError

from broker.storage.database import Database
from broker.storage.dialects import ONE
from broker.storage.failures import is_lost_race
from broker.storage.migrations import schema
from broker.storage.migrations.schema import USABLE_FROM, VERSIONS, Schema, titles
from broker.storage.overview.standing_renewal import StandingRenewal
from broker.storage.tables import integrations, standings
from tally.values import dataclass

__all__ = [
    "USABLE_FROM",
    "VERSIONS",
    "LockPatience",
    "LockedTableError",
    "NewerDatabaseError",
    "Schema",
    "is_outdated",
    "is_usable",
    "refuse_newer",
    "refuse_unusable",
    "schema_of",
    "titles",
    "upgrade",
]

logger = logging.getLogger("broker")
_UNJUDGED = (
    select(integrations.c.id)
    .where(~exists().where(standings.c.integration_id == integrations.c.id))
    .limit(ONE)
)
# As Alembic makes it. Its row is what processes that start together wait for.
_MAKE_VERSION = """
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)
"""
_LOCK_VERSION = "SELECT version_num FROM alembic_version FOR UPDATE"
_LOCK_NOT_AVAILABLE = "55P03"


class NewerDatabaseError(Exception):
    """The database was written by a newer release than this one, which cannot use it any more."""


class LockedTableError(Exception):
    """Another transaction holds a table that a step has to change."""


@dataclass(frozen=True)
class LockPatience:
    """How many *seconds* a step waits for a lock of PostgreSQL, how often, with how many seconds in between.

    Whoever asks for the table after the step waits behind it: so it does not wait for long.
    """

    seconds: float = 2
    tries: int = 20
    pause: float = 5


_USUAL = LockPatience()


def upgrade(
    database: Database, patience: LockPatience = _USUAL, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Bring the schema up to date, once: processes that start together wait for each other.

    Each step is a transaction of its own; a new database gets all of them in one.

    Raises NewerDatabaseError, and then nothing has been changed; LockedTableError, and then the steps before
    the one that it names have been applied.
    """
    failures = 0
    while is_outdated(database):
        try:
            _take_a_step_after_others(database, patience)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            failures += 1
            _give_up_or_tell(database, patience, failures)
            sleep(patience.pause)
        else:
            failures = 0


def _give_up_or_tell(database: Database, patience: LockPatience, failures: int) -> None:
    step = schema_of(database).pending[0]
    if failures >= patience.tries:
        raise LockedTableError(
            f"Another transaction, such as a backup, holds a table that step {step} of the schema changes: "
            f"{failures} tries of {patience.seconds:g} s. Nothing of this step was changed: run it again "
            "when that transaction is over."
        )
    logger.warning(
        "Step %s of the schema waits for a table that another transaction holds: trying again in %g s",
        step,
        patience.pause,
    )


def _take_a_step_after_others(database: Database, patience: LockPatience) -> None:
    try:
        _take_a_step(database, patience)
    except DBAPIError as error:
        if not is_lost_race(error):
            raise
        # However long another process took: now it is done.
        database.retrying.run(partial(_take_a_step, database, patience))


def _take_a_step(database: Database, patience: LockPatience) -> None:
    with database.connection() as connection:
        _wait_for_other_processes(connection)
        if pending := _pending(connection):
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(1000 * patience.seconds)}")
            is_new = schema.read(connection) == schema.NONE
            _apply(connection, pending if is_new else pending[:1], is_last=is_new or len(pending) == 1)
        connection.commit()


def _wait_for_other_processes(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA busy_timeout = 60000")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        has_versions = inspect(connection).has_table("alembic_version")
        connection.exec_driver_sql(_LOCK_VERSION if has_versions else _MAKE_VERSION)


def _apply(connection: Connection, steps: tuple[str, ...], *, is_last: bool) -> None:
    # Alembic takes 0.2 s of CPU and 18 MB: most starts find the schema as it should be.
    from broker.storage.migrations.alembic_upgrade import apply  # noqa: PLC0415 - see above

    apply(connection, steps[-1])
    if is_last:
        _fill_standings(connection)
    schema.tell_releases(connection)


def _fill_standings(connection: Connection) -> None:
    """Judge the integrations that were there before standings were kept."""
    if connection.scalar(_UNJUDGED):
        StandingRenewal(connection).renew_all()


def is_outdated(database: Database) -> bool:
    """Whether `upgrade` would change something. Raises NewerDatabaseError."""
    with database.connection() as connection:
        return bool(_pending(connection))


def is_usable(database: Database) -> bool:
    """Whether this release can work with the schema as it is: its own, or a newer one that says so."""
    return schema_of(database).is_usable


def schema_of(database: Database) -> Schema:
    """Return what the database says of its schema; a file of SQLite that is missing is not made."""
    if not database.is_there():
        return schema.NONE
    with database.connection() as connection:
        return schema.read(connection)


def _pending(connection: Connection) -> tuple[str, ...]:
    found = schema.read(connection)
    refuse_unusable(found)
    return found.pending


def refuse_unusable(found: Schema) -> None:
    """Raise NewerDatabaseError when a newer release made the schema, and this one cannot use it."""
    if not found.is_usable:
        refuse_newer(found.revision)


def refuse_newer(revision: str) -> None:
    """Raise NewerDatabaseError when this release does not know the schema."""
    if Schema(revision, "").is_newer:
        raise NewerDatabaseError(
            f"The database is from a newer release of Tallystick (its schema is {revision}): "
            "install that release, or restore a backup made with this one."
        )
