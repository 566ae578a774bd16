"""What a request costs the database."""

from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def sql_statements():
    """Yield the list of the statements that are sent while the block runs."""
    seen = []

    def see(_connection, _cursor, statement, *_):
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    yield seen
    event.remove(Engine, "before_cursor_execute", see)
