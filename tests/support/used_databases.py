"""Databases of PostgreSQL that a test has used and the next one gets as if they were new.

To copy a template costs a quarter of a second of CPU, for its thousand files; to empty what was written, a
tenth of that. A database is not used again when anything but rows has changed in it: its tables, its
settings, or what the planner knows of them.
"""

import atexit
from pathlib import Path

import psycopg
from support import clusters

LARGEST_TABLE = 128 * 1024
"""In bytes: what has held more would be read more slowly than a new one."""
ENDING = 5_000
"""Milliseconds in which a session must end."""

_SESSIONS = """
SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()
"""
# Each change of a catalog leaves a row that is newer, or one row less.
_STRUCTURE = """
SELECT
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_class),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_attribute),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_constraint),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_index),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_trigger),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_proc),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_statistic),
    (SELECT count(*) FROM pg_namespace),
    (SELECT count(*) FROM pg_extension),
    (SELECT count(*) FROM pg_db_role_setting JOIN pg_database ON setdatabase = pg_database.oid
     WHERE datname = current_database()),
    (SELECT max(reltuples) FROM pg_class WHERE relnamespace = 'public'::regnamespace)
"""
_WRITTEN = """
SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
# RESTART would give it a new file, which is a change of the structure.
_START_AGAIN = """
SELECT setval(quote_ident(sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE last_value IS NOT NULL
"""


class Template:
    """What a new database holds: its structure, and what migrations wrote. The one of this *name* is new."""

    def __init__(self, cluster: Path, name: str) -> None:
        self._cluster = cluster
        # One session for all tests: to begin one costs PostgreSQL as much as to empty a database.
        self._outside = self._connect("postgres")
        atexit.register(self._outside.close)
        with self._connect(name) as connection:
            self._structure = connection.execute(_STRUCTURE).fetchone()
            self._rows = {table: _copied(connection, table) for table, _ in connection.execute(_WRITTEN)}
            self._sequences = _positions(connection)

    def renew(self, name: str) -> bool:
        """Make the database like a new one. Return whether that was possible."""
        self._outside.execute(_SESSIONS, (ENDING, name))
        with self._connect(name) as connection:
            if connection.execute(_STRUCTURE).fetchone() != self._structure:
                return False
            written = dict(connection.execute(_WRITTEN).fetchall())
            if max(written.values(), default=0) > LARGEST_TABLE:
                return False
            self._empty(connection, list(written))
        return True

    def rename(self, name: str, new_name: str) -> None:
        """Give it a new name before its next use: who still knows the old one does not find it.

        PostgreSQL waits until all sessions have ended, so this is not done at the end of the last use.
        """
        self._outside.execute(f'ALTER DATABASE "{name}" RENAME TO "{new_name}"')

    def _empty(self, connection: psycopg.Connection, written: list[str]) -> None:
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")  # no foreign keys, no triggers
            for table in written:
                connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 - a name from the catalog
            for table, rows in self._rows.items():
                with connection.cursor().copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)
            connection.execute(_START_AGAIN)
            for sequence, position in self._sequences.items():
                connection.execute("SELECT setval(%s, %s)", (f'"{sequence}"', position))

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(clusters.url(self._cluster, name), autocommit=True)


def _copied(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(copy)


def _positions(connection: psycopg.Connection) -> dict[str, int]:
    counted = connection.execute("SELECT sequencename, last_value FROM pg_sequences")
    return {sequence: position for sequence, position in counted if position is not None}
