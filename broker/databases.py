"""The database that the settings name: every command opens it here, so that all make the same promises."""

from dataclasses import replace

from broker.settings.settings import Settings
from broker.storage.database import Database, Limits
from broker.storage.elsewhere import Contents
from broker.storage.object_store import ObjectStore
from broker.storage.postgresql_sessions import PreparedStatements
from broker.storage.retrying import Retries

SECONDS_OF_STANDBY = 5
"""Longest that a statement may take there: afterwards the primary answers."""


def open_database(settings: Settings, limits: Limits = Limits()) -> Database:  # noqa: B008 - it is frozen
    """Return the database; it is connected to when it is used. Raises sqlalchemy.exc.ArgumentError."""
    database = Database(
        settings.database_url,
        limits,
        synchronous=settings.sqlite_synchronous,
        prepared_statements=PreparedStatements(settings.database_prepared_statements),
        retries=Retries(settings.database_retries),
    )
    if settings.content_store:
        database.use_contents(Contents(ObjectStore(settings.content_store, settings.content_store_endpoint)))
    return database


def open_with_standby(settings: Settings, limits: Limits) -> Database:
    """Return the database; its standby answers what it may, if there is one. Raises ArgumentError."""
    database = open_database(settings, limits)
    if settings.database_read_url:
        most = min(limits.statement_timeout or SECONDS_OF_STANDBY, SECONDS_OF_STANDBY)
        database.read_also_from(
            settings.database_read_url,
            replace(limits, pool_timeout=1, statement_timeout=most),
            longest_lag=settings.database_read_lag,
        )
    return database
