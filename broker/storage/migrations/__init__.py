"""The schema's history, applied when the broker starts."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from broker.storage.database import Database

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
        config = _config(connection)
        if _is_outdated(connection, ScriptDirectory.from_config(config)):
            command.upgrade(config, "head")
        connection.commit()


def _is_outdated(connection: Connection, history: ScriptDirectory) -> bool:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in history.walk_revisions()}
    if current is not None and current not in known:
        raise NewerDatabaseError(
            f"The database is from a newer release of Tallystick (its schema is {current}): "
            "install that release, or restore a backup made with this one."
        )
    return current != history.get_current_head()


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
