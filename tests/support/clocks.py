"""Time that a test sets."""

import sqlite3

from sqlalchemy import event
from support.factories import NOON


class Clock:
    """Tell *now*, until the test says otherwise."""

    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now


def sqlite_clock(database):
    """Return by how many hours SQLite's clock is fast: by the last number of the list."""
    hours, right = [0], sqlite3.connect(":memory:", check_same_thread=False)

    def strftime(form, *words):
        values = (form, *words, f"{hours[-1]} hours")
        return right.execute(f"SELECT strftime({', '.join('?' * len(values))})", values).fetchone()[0]

    def override(connection, _record):
        connection.create_function("strftime", -1, strftime)

    engine = database._engine  # noqa: SLF001 - nothing else reaches all its connections
    engine.dispose()
    event.listen(engine, "connect", override)
    return hours
