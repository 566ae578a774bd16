"""Copies the rows of one database into another, of whatever kinds the two are."""

from sqlalchemy import func, select, text

from broker.storage.database import Database
from broker.storage.tables import metadata


def copy_rows(source: Database, target: Database) -> None:
    """Make the tables of *target*, a PostgreSQL, hold what those of *source* hold, and nothing else."""
    with source.connection() as reading, target.connection() as writing:
        # Tables refer to each other in circles, so that no order of them would do.
        writing.execute(text("SET LOCAL session_replication_role = replica"))
        for table in metadata.sorted_tables:
            writing.execute(table.delete())
            if rows := [dict(row) for row in reading.execute(select(table)).mappings()]:
                writing.execute(table.insert(), rows)
            key = table.autoincrement_column
            if rows and key is not None and key.autoincrement is not False:
                highest = select(func.max(key)).scalar_subquery()
                sequence = func.pg_get_serial_sequence(table.name, key.name)
                writing.execute(select(func.setval(sequence, highest)))
        writing.commit()
