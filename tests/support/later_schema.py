"""A schema as a later release may leave it: with more in it than this one knows, and nothing taken away."""

from sqlalchemy import text

from broker.storage.database import Database
from broker.storage.migrations import USABLE_FROM

REVISION = "9999"
_STEP = (
    "CREATE TABLE things_of_later (id INTEGER PRIMARY KEY, name VARCHAR(255) NOT NULL)",
    "ALTER TABLE pacticipants ADD COLUMN note_of_later VARCHAR(255)",
    f"UPDATE alembic_version SET version_num = '{REVISION}'",  # noqa: S608 - of this module
)


def take_later_step(database: Database, usable_from: str = USABLE_FROM) -> None:
    """Do what a later migration would, which leaves the schema to releases from step *usable_from* on."""
    with database.connection() as connection:
        for statement in _STEP:
            connection.execute(text(statement))
        connection.execute(
            text("UPDATE schema_compatibility SET usable_from = :usable_from"), {"usable_from": usable_from}
        )
        connection.commit()
