"""What was deleted for good. An answer about the past says what is missing because of it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Insert, Table, bindparam, func, insert, literal, or_, select

from broker.domain.removal import CONCERNS_ALL, Removal, RemovalKind
from broker.storage.tables import (
    branches,
    pact_publications,
    pacticipants,
    removals,
    verifications,
    versions,
)

_ADD = insert(removals)
_SINCE = (
    select(removals.c.name, removals.c.kind, func.sum(removals.c.number).label("number"))
    .where(
        removals.c.removed_at > bindparam("at"),
        removals.c.oldest_at <= bindparam("at"),
        or_(
            removals.c.name.in_(bindparam("names", expanding=True)),
            removals.c.kind.in_([kind.value for kind in CONCERNS_ALL]),
        ),
    )
    .group_by(removals.c.name, removals.c.kind)
    .order_by(removals.c.name, removals.c.kind)
)


def _rows_of(table: Table, kind: RemovalKind, owner: Column[Any]) -> Insert:
    doomed = (
        select(
            pacticipants.c.name,
            literal(kind.value),
            func.count(),
            func.min(table.c.created_at),
            bindparam("now", type_=removals.c.removed_at.type),
        )
        .join_from(table, pacticipants, pacticipants.c.id == owner)
        .where(table.c.id.in_(bindparam("ids", expanding=True)))
        .group_by(pacticipants.c.name)
    )
    return insert(removals).from_select(["name", "kind", "number", "oldest_at", "removed_at"], doomed)


_ROWS: dict[str, tuple[Insert, ...]] = {
    table.name: tuple(_rows_of(table, kind, owner) for owner in owners)
    for table, kind, *owners in (
        (versions, RemovalKind.VERSION, versions.c.pacticipant_id),
        (branches, RemovalKind.BRANCH, branches.c.pacticipant_id),
        (
            pact_publications,
            RemovalKind.PACT,
            pact_publications.c.consumer_id,
            pact_publications.c.provider_id,
        ),
        (verifications, RemovalKind.RESULT, verifications.c.consumer_id, verifications.c.provider_id),
    )
}


class Removals:
    """What was deleted: of which kind, how many, of which pacticipant or environment, and when."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, kind: RemovalKind, names: Iterable[str], oldest_at: datetime, now: datetime, *, number: int = 1
    ) -> None:
        """Record that *number* things of *names* are deleted, of which the oldest is from *oldest_at*."""
        row = {"kind": kind.value, "number": number, "oldest_at": oldest_at, "removed_at": now}
        if rows := [{**row, "name": name} for name in names]:
            self._connection.execute(_ADD, rows)

    def add_rows(self, table: str, ids: Collection[int], now: datetime) -> None:
        """Record that these rows are about to be deleted. Rows that no answer needs are not recorded."""
        for statement in _ROWS.get(table, ()):
            self._connection.execute(statement, {"ids": list(ids), "now": now})

    def since(self, at: datetime, names: Collection[str]) -> list[Removal]:
        """Return what was there at this moment and is deleted, of *names* and of kinds that concern all."""
        rows = self._connection.execute(_SINCE, {"at": at, "names": list(names)})
        return [Removal(row.name, RemovalKind(row.kind), int(row.number)) for row in rows]
