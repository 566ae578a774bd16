"""Large texts from PostgreSQL as bytes: as hexadecimal digits, which are usual, they are twice as long."""

from typing import Any

AS_BYTES = {"binary_results": True}
"""The execution option of statements that select a large text."""


def choose_format(*of_statement: Any) -> None:  # noqa: ANN401 - what SQLAlchemy gives to before_cursor_execute
    """Ask PostgreSQL for bytes when the option of the statement says so."""
    from psycopg.pq import Format  # noqa: PLC0415 - it takes long, and is not there for SQLite

    _connection, cursor, _statement, _values, context, _many = of_statement
    if context.execution_options.get("binary_results"):
        cursor.format = Format.BINARY
