"""The schema's history, applied when the broker starts."""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, exists, inspect, select, text

from broker.storage.database import Database
from broker.storage.dialects import ONE
from broker.storage.overview.standing_renewal import StandingRenewal
from broker.storage.tables import integrations, standings

VERSIONS = Path(__file__).parent / "versions"

_UNJUDGED = (
    select(integrations.c.id)
    .where(~exists().where(standings.c.integration_id == integrations.c.id))
    .limit(ONE)
)
# Any number that no other program locks in the same PostgreSQL database.
_ADVISORY_LOCK = 8_255_921_792


class NewerDatabaseError(Exception):
    """The database was written by a newer release than this one."""


def upgrade(database: Database) -> None:
    """Bring the schema up to date, once: processes that start together wait for the first.

    Raises NewerDatabaseError, and then nothing has been changed.
    """
    with database.connection() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA busy_timeout = 60000")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
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
    current, known = _current(connection), _known()
    if current is not None and current not in known:
        raise NewerDatabaseError(
            f"The database is from a newer release of Tallystick (its schema is {current}): "
            "install that release, or restore a backup made with this one."
        )
    return current != known[-1]


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


@cache
def _known() -> list[str]:
    """Return the revisions, oldest first: each file's name starts with its own."""
    return sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
