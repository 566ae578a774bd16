"""What the tables have in common: their names for constraints, and kinds of columns."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, ForeignKey, Integer, MetaData, TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python, `timestamptz` in PostgreSQL, text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], datetime | None]:
        # In place of process_result_value, which takes 1 µs for each of the hundreds of moments in a report.
        if dialect.name == "sqlite":
            return _moment_of
        return lambda moment: None if moment is None else moment.astimezone(UTC)


def _moment_of(text: str | None) -> datetime | None:
    """Return the moment of a text; SQL that is not ours may have written one with an offset."""
    if text is None:
        return None
    return datetime.fromisoformat(text if "+" in text else f"{text}+00:00")


BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite gives ids only to a key of type INTEGER


def id_column() -> Column[int]:
    """Return a key that the database numbers."""
    return Column("id", BigId, primary_key=True, autoincrement=True)


def reference(
    name: str, target: str, *, nullable: bool = False, ondelete: str | None = "CASCADE"
) -> Column[int]:
    """Return a column with the id of a row of *target*; by default it goes when that row goes."""
    return Column(name, BigId, ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)


def moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    """Return a column for a moment in UTC."""
    return Column(name, UtcDateTime, nullable=nullable)
