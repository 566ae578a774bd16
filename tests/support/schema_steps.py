"""What a step of the schema takes from brokers of the release before, which run on while it is applied.

They may find more tables, and more columns that may stay empty. All else is named: they would read or write
what is not there any more, leave out what is needed, store what is refused, or wait.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event, inspect, text

_WRITES = re.compile(
    r"^\s*(?:WITH\b.*?\)\s*)?(UPDATE|DELETE|INSERT)\s+(?:FROM\s+|INTO\s+)?(?:ONLY\s+)?\"?(\w+)",
    re.IGNORECASE | re.DOTALL,
)
_TRIGGERS = {
    "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT event_object_table, trigger_name FROM information_schema.triggers",
}
_OF_THE_SCHEMA = {"alembic_version", "schema_compatibility"}


@dataclass(frozen=True)
class Table:
    """What a broker relies on in a table."""

    columns: dict[str, tuple[str, bool]]
    """By name: its type, and whether a row needs a value that only the writer knows."""
    rules: frozenset[str]
    """Unique constraints and indexes, checks and foreign keys."""
    indexes: frozenset[str]
    """Those that are not unique."""
    triggers: frozenset[str]


def tables(connection: Connection, names: Collection[str] = ()) -> dict[str, Table]:
    """Return what the tables of a database are like, or those of these *names*."""
    inspector = inspect(connection)
    triggers = set(map(tuple, connection.execute(text(_TRIGGERS[connection.dialect.name]))))
    return {
        name: Table(
            {column["name"]: _column(column) for column in inspector.get_columns(name)},
            frozenset(_rules(inspector, name)),
            frozenset(
                _described("index", each) for each in inspector.get_indexes(name) if not each["unique"]
            ),
            frozenset(trigger for table, trigger in triggers if table == name),
        )
        for name in inspector.get_table_names()
        if name in names or not (names or name in _OF_THE_SCHEMA)
    }


def _column(column: Any) -> tuple[str, bool]:
    is_made = column.get("default") is not None or column.get("autoincrement") is True
    return str(column["type"]), not (column["nullable"] or is_made)


def _rules(inspector: Any, table: str) -> Iterator[str]:
    for each in inspector.get_unique_constraints(table):
        yield _described("unique", each)
    for each in inspector.get_check_constraints(table):
        yield f"check {each['sqltext']}"
    for each in inspector.get_foreign_keys(table):
        yield f"foreign key {', '.join(each['constrained_columns'])} to {each['referred_table']}"
    for each in inspector.get_indexes(table):
        if each["unique"]:
            yield _described("unique", each)


def _described(kind: str, item: Any) -> str:
    return f"{kind} {', '.join(map(str, item['column_names']))}"


def taken(before: dict[str, Table], after: dict[str, Table]) -> list[str]:
    """Return what brokers that know the schema *before* cannot bear in the one *after*."""
    found = []
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            found.append(f"{name}: the table is gone")
            continue
        found += [f"{name}: {what}" for what in _changes(old, new)]
    return sorted(found)


def _changes(old: Table, new: Table) -> Iterator[str]:
    for column, (kind, is_needed) in old.columns.items():
        if column not in new.columns:
            yield f"column {column} is gone"
        elif new.columns[column][0] != kind:
            yield f"column {column} has another type"
        elif new.columns[column][1] and not is_needed:
            yield f"column {column} needs a value"
    for column, (_, is_needed) in new.columns.items():
        if column not in old.columns and is_needed:
            yield f"new column {column} needs a value"
    for rule in new.rules - old.rules:
        yield f"new rule: {rule}"
    for rule in new.indexes - old.indexes:
        yield f"new {rule}, for which writers wait"
    for trigger in new.triggers ^ old.triggers:
        yield f"another trigger: {trigger}"


@dataclass
class Written:
    """The tables whose rows were changed, with how."""

    statements: set[tuple[str, str]] = field(default_factory=set)

    def among(self, known: dict[str, Table]) -> list[str]:
        """Return what was done to rows of tables that were *known* before."""
        return sorted(f"{table}: {verb} of rows" for verb, table in self.statements if table in known)


@contextmanager
def watching(engine: Engine) -> Iterator[Written]:
    """Note the statements that change rows."""
    written = Written()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if found := _WRITES.match(statement):
            written.statements.add((found[1].upper().split()[0], found[2].lower()))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield written
    finally:
        event.remove(engine, "before_cursor_execute", note)
