"""Reading lists by the page, and for many values; searching by name."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, SelectBase, bindparam, func, select

from broker.domain.pagination import Page

MOST_VALUES = 30_000
"""How many values one statement is given. PostgreSQL takes 65,535 at most, SQLite 250,000."""


class Pageable:
    """A list that can be read as a whole or by the page. *statement* must have an order.

    *counted* selects the same number of rows with less to read, for example without joins.
    """

    def __init__(self, statement: Select[Any], counted: SelectBase | None = None) -> None:
        self._all = statement
        self._page = statement.limit(bindparam("page_size")).offset(bindparam("page_offset"))
        everything = statement.order_by(None) if counted is None else counted
        self._count = select(func.count()).select_from(everything.subquery())

    def read(
        self, connection: Connection, values: dict[str, Any], page: Page | None
    ) -> tuple[list[Row[Any]], int]:
        """Return the rows of the page, or all rows without a page, and the number of all rows."""
        if page is None:
            rows = list(connection.execute(self._all, values))
            return rows, len(rows)
        place = {"page_size": page.size, "page_offset": page.offset}
        total = connection.scalar(self._count, values) or 0
        return list(connection.execute(self._page, {**values, **place})), total


def rows_for(
    connection: Connection, statement: Select[Any], name: str, values: Sequence[int]
) -> Iterator[Any]:
    """Yield the rows for all *values* of the parameter *name*, however many there are.

    The statement is run for a part of the values at a time, so only the rows of one value have an order.
    """
    for start in range(0, len(values), MOST_VALUES):
        yield from connection.execute(statement, {name: values[start : start + MOST_VALUES]})


def containing(name: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a name contains the parameter `q`, a `pattern`, regardless of case."""
    return func.lower(name).like(func.lower(bindparam("q")), escape="\\")


def pattern(text: str) -> str:
    """Return the pattern for `containing` in which the text has no wildcards, only itself."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, "\\" + special)
    return f"%{text}%"
