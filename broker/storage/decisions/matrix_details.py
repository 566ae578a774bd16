"""The rows of a decision and what else is known of the versions in them, as parts of one statement."""

from collections.abc import Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, select, union_all

from broker.domain.decisions.matrix import RowVersion
from broker.storage.decisions import version_details_now, version_details_then
from broker.storage.decisions.contract_parts import COLUMNS, Part, constant, part_of
from broker.storage.decisions.matrix_statements import Shape, statement
from broker.storage.decisions.version_details_now import by_version

_NOW, _THEN = version_details_now.NOW, version_details_then.STATEMENTS.details
_DETAIL = {
    "position": "kind",
    "consumer_version_id": "version_id",
    "consumer": "name",
    "success": "latest",
    "provider_version_id": "environment_id",
    "published_at": "since",
    "result": "id",
}
"""Which columns of the rows have which of the details."""
_columns = itemgetter(*(1 + COLUMNS.index(name) for name in _DETAIL))


@cache
def detailed_statement(shape: Shape) -> Executable:
    """Return the statement for the rows, and for the details of the chosen versions if the shape has them."""
    rows = first_part(statement(shape))
    return union_all(rows, details_of(shape, COLUMNS)) if shape.detailed else rows


def first_part(rows: Select[Any], *more: ColumnElement[Any]) -> Select[Any]:
    """Select the rows as the part of a union that gives its columns their types."""
    found = rows.subquery("rows")
    return select(constant(Part.ROW).label("part"), *(found.c[name] for name in COLUMNS), *more)


def details_of(shape: Shape, names: Sequence[str]) -> Select[Any]:
    """Select the details of the chosen versions, in these columns."""
    found = (_THEN if shape.past else _NOW).subquery("details")
    return part_of(Part.DETAIL, {name: found.c[source] for name, source in _DETAIL.items()}, names)


def details(rows: Iterable[Any]) -> dict[int, RowVersion]:
    """Return what the rows of the part say, by the id of the version."""
    return by_version(map(_columns, rows))
