"""What was changed of late, for whoever waits for it."""

from sqlalchemy import BigInteger, Column, Index, Table

from broker.storage.tables.columns import id_column, metadata, moment

# One row for each change that a decision may depend on, for some minutes; without ids it concerns everybody.
# Triggers add rows, by the clock of the database: see migrations/versions/0024_changes.py. Nothing follows
# from the order of the ids.
changes = Table(
    "changes",
    metadata,
    id_column(),
    Column("pacticipant_id", BigInteger),
    Column("other_id", BigInteger),
    moment("noted_at"),
    Index(None, "noted_at"),
)
