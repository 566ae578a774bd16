"""Databases as earlier releases left them, to be upgraded."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import column, table

from broker.storage.database import Database
from broker.storage.migrations import VERSIONS


@contextmanager
def left_at(
    revision: str,
    database: Database,
    folder: Path,
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Iterator[Database]:
    """Yield a database with the tables of *revision* and these rows: a new file, or that of the server."""
    old = database
    if database.url.startswith("sqlite"):
        old = Database(f"sqlite:///{folder / 'old.sqlite3'}")
    with old.connection() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(VERSIONS.parent))
        command.upgrade(config, revision)
        for name, of_table in (rows or {}).items():
            for row in of_table:
                # As the tables were then, whatever becomes of them.
                connection.execute(table(name, *map(column, row)).insert(), row)
        connection.commit()
    yield old
    old.close()
