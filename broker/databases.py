"""The database that the settings name: every command opens it here, so that all make the same promises."""

from broker.settings import Settings
from broker.storage.database import Database, Limits
from broker.storage.postgresql_sessions import PreparedStatements
from broker.storage.retrying import Retries


def open_database(settings: Settings, limits: Limits = Limits()) -> Database:  # noqa: B008 - it is frozen
    """Return the database; it is connected to when it is used. Raises sqlalchemy.exc.ArgumentError."""
    return Database(
        settings.database_url,
        limits,
        synchronous=settings.sqlite_synchronous,
        prepared_statements=PreparedStatements(settings.database_prepared_statements),
        retries=Retries(settings.database_retries),
    )
