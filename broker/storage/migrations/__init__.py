"""The schema's history, applied when the broker starts."""

from functools import cache, partial
from pathlib import Path

from sqlalchemy import Connection, exists, inspect, select, text
from sqlalchemy.exc import DBAPIError

from broker.storage.database import Database
from broker.storage.dialects import ONE
from broker.storage.failures import is_lost_race
from broker.storage.overview.standing_renewal import StandingRenewal
from broker.storage.tables import integrations, standings

VERSIONS = Path(__file__).parent / "versions"

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


class NewerDatabaseError(Exception):
    """The database was written by a newer release than this one."""


def upgrade(database: Database) -> None:
    """Bring the schema up to date, once: processes that start together wait for the first.

    Raises NewerDatabaseError, and then nothing has been changed.
    """
    try:
        _upgrade(database)
    except DBAPIError as error:
        if not is_lost_race(error):
            raise
        # However long the first took: now it is done.
        database.retrying.run(partial(_upgrade, database))


def _upgrade(database: Database) -> None:
    with database.connection() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA busy_timeout = 60000")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif not _is_outdated(connection):
            return
        else:
            connection.exec_driver_sql(_LOCK_VERSION if _has_versions(connection) else _MAKE_VERSION)
        if _is_outdated(connection):
            # Alembic takes 0.2 s of CPU and 18 MB: most starts find the schema as it should be.
            from broker.storage.migrations.alembic_upgrade import apply  # noqa: PLC0415 - see above

            apply(connection)
            _fill_standings(connection)
        connection.commit()


def _fill_standings(connection: Connection) -> None:
    """Judge the integrations that were there before standings were kept."""
    if connection.scalar(_UNJUDGED):
        StandingRenewal(connection).renew_all()


def is_outdated(database: Database) -> bool:
    """Whether `upgrade` would change something. Raises NewerDatabaseError."""
    with database.connection() as connection:
        return _is_outdated(connection)


def is_older(revision: str | None) -> bool:
    """Whether a schema is that of an earlier release. One that is not known is that of a later one."""
    return revision is None or revision in _known()[:-1]


def _is_outdated(connection: Connection) -> bool:
    current = _current(connection)
    if current is not None:
        refuse_newer(current)
    return current != _known()[-1]


def refuse_newer(revision: str) -> None:
    """Raise NewerDatabaseError when this release does not know the schema."""
    if revision not in _known():
        raise NewerDatabaseError(
            f"The database is from a newer release of Tallystick (its schema is {revision}): "
            "install that release, or restore a backup made with this one."
        )


def _current(connection: Connection) -> str | None:
    if not _has_versions(connection):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _has_versions(connection: Connection) -> bool:
    return inspect(connection).has_table("alembic_version")


@cache
def _known() -> list[str]:
    """Return the revisions, oldest first: each file's name starts with its own."""
    return sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
