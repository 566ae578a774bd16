"""A table of a page, described once: its heads, its order, and the same rows as JSON and CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

import orjson
from flask import Response, request

from broker.domain.errors import ValidationError
from broker.web.csv_cells import harmless
from tally.values import dataclass

Row = TypeVar("Row")
_FORMATS = ("csv", "json")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column; *sort* is what `?sort=` calls it, if it can be sorted by. *name* is for machines.

    One that only machines get has no title; one that only people get has no value.
    """

    name: str
    title: str
    value: Callable[[Row], Any] | None
    sort: str = ""
    is_amount: bool = False


@dataclass(frozen=True)
class SortOrder:
    """By which column the rows are sorted."""

    by: str
    descending: bool = False

    def turned(self, column: Column[Any]) -> str:
        """Return what a click on the head of the column asks for."""
        return f"-{column.sort}" if column.sort == self.by and not self.descending else column.sort


@dataclass(frozen=True)
class Table(Generic[Row]):
    """A table; *name* is what its rows are: "integrations"."""

    name: str
    described: Sequence[Column[Row]]

    @property
    def columns(self) -> Sequence[Column[Row]]:
        """The columns that people see."""
        return [column for column in self.described if column.title]

    def order(self, default: str) -> SortOrder:
        """Return the order that `?sort=` asks for. Raises ValidationError, which names the possible ones."""
        known = [column.sort for column in self.described if column.sort]
        asked = request.args.get("sort") or default
        by = asked.removeprefix("-")
        if by not in known and asked != default:
            raise ValidationError({"sort": [f"must be one of {', '.join(known)}; with - before, descending"]})
        return SortOrder(by, descending=asked.startswith("-"))

    def asked_format(self) -> str | None:
        """Return the format that `?format=` asks for, or None for the page. Raises ValidationError."""
        asked = request.args.get("format")
        if asked is not None and asked not in _FORMATS:
            raise ValidationError({"format": [f"must be one of {', '.join(_FORMATS)}"]})
        return asked

    def download(self, rows: Iterable[Row]) -> Response | None:
        """Return the rows in the format that the query string asks for; None when it asks for the page."""
        asked = self.asked_format()
        if asked is None:
            return None
        for_machines = [column for column in self.described if column.value]
        values = [[_plain(column.value(row)) for column in for_machines if column.value] for row in rows]
        names = [column.name for column in for_machines]
        return self._as_csv(names, values) if asked == "csv" else self._as_json(names, values)

    def _as_json(self, names: Sequence[str], values: Iterable[Sequence[Any]]) -> Response:
        items = [dict(zip(names, row, strict=True)) for row in values]
        return Response(orjson.dumps({self.name: items}), content_type="application/json;charset=utf-8")

    def _as_csv(self, names: Sequence[str], values: Iterable[Sequence[Any]]) -> Response:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(names)
        writer.writerows([harmless(cell) for cell in row] for row in values)
        response = Response(text.getvalue(), content_type="text/csv;charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{self.name}.csv"'
        return response


def download_of(*tables: tuple[Table[Any], Iterable[Any]]) -> Response | None:
    """Return the rows of the table that `?table=` names, the first without it, as `Table.download` does.

    For a page that has several. Raises ValidationError for an unknown table.
    """
    if request.args.get("format") is None:
        return None
    known = {table.name: (table, rows) for table, rows in tables}
    table, rows = known.get(request.args.get("table", tables[0][0].name), (None, ()))
    if table is None:
        raise ValidationError({"table": [f"must be one of {', '.join(known)}"]})
    return table.download(rows)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return value
