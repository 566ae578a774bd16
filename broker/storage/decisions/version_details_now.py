"""The branches, tags and environments of the versions in the rows of a decision."""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    cast,
    literal,
    null,
    select,
    union_all,
)

from broker.domain.decisions.matrix import RowVersion
from broker.domain.model import BranchMembership
from broker.storage.conditions import IN_ENVIRONMENT_NOW, IS_LATEST_WITH_TAG
from broker.storage.dialects import is_in_unseen
from broker.storage.tables import branch_versions, branches, tags


class Detail(IntEnum):
    """What a row of the statement is about; explanations.py adds the last six kinds."""

    BRANCH = 0
    TAG = 1
    ENVIRONMENT = 2
    FAILURE = 3
    DELIVERY = 4
    KEEPING_VERSION = 5
    COMPARISON = 6
    DOCUMENT_FAILURE = 7
    TEAM = 8


COLUMNS = ("version_id", "name", "latest", "environment_id", "since", "id")


def rows_of(
    kind: Detail, columns: Mapping[str, ColumnElement[Any]], names: Sequence[str] = COLUMNS
) -> Select[Any]:
    """Select a part of a union: the columns in the order of *names*, and null for missing ones."""
    labelled = (columns.get(name, null()).label(name) for name in names)
    return select(literal(kind.value).label("kind"), *labelled)


NOW = union_all(
    rows_of(
        Detail.BRANCH,
        {
            "version_id": branch_versions.c.version_id,
            "name": branches.c.name,
            "latest": branches.c.head_version_id == branch_versions.c.version_id,
            "environment_id": cast(null(), BigInteger),  # a union has the types of its first part
            "since": branch_versions.c.created_at,
            "id": branch_versions.c.id,
        },
    )
    .join_from(branch_versions, branches)
    .where(is_in_unseen(branch_versions.c.version_id, "ids")),
    rows_of(
        Detail.TAG,
        {
            "version_id": tags.c.version_id,
            "name": tags.c.name,
            "latest": IS_LATEST_WITH_TAG,
            "since": tags.c.created_at,
            "id": tags.c.id,
        },
    ).where(is_in_unseen(tags.c.version_id, "ids")),
    *(
        rows_of(
            Detail.ENVIRONMENT,
            {
                "version_id": table.c.version_id,
                "environment_id": table.c.environment_id,
                "since": table.c.created_at,
                "id": table.c.id,
            },
        ).where(is_in_unseen(table.c.version_id, "ids"), still)
        for table, still in IN_ENVIRONMENT_NOW
    ),
)


DetailRow = Sequence[Any]
"""The kind of a row of the statement, and the columns in their order."""
DETAIL_COLUMNS = 1 + len(COLUMNS)


def by_version(rows: Iterable[DetailRow]) -> dict[int, RowVersion]:
    """Return the details by the id of the version. Versions without any are left out."""
    found: dict[int, list[DetailRow]] = {}
    for row in sorted(rows, key=_age):
        found.setdefault(row[1], []).append(row)
    return {version_id: _details(of_version) for version_id, of_version in found.items()}


def _age(row: DetailRow) -> tuple[Any, int, str]:
    _, _, name, _, _, since, number = row
    return since, number, name or ""


def _details(rows: list[DetailRow]) -> RowVersion:
    of_branches: list[BranchMembership] = []
    of_tags: list[tuple[str, bool]] = []
    environment_ids: list[int] = []
    for kind, _, name, latest, environment_id, _, _ in rows:
        if kind == Detail.BRANCH:
            of_branches.append(BranchMembership(name, bool(latest)))
        elif kind == Detail.TAG:
            of_tags.append((name, bool(latest)))
        elif environment_id not in environment_ids:
            environment_ids.append(environment_id)
    return RowVersion(tuple(of_branches), tuple(of_tags), tuple(environment_ids))
