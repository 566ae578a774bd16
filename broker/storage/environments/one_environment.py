"""One environment: what is in it, what differs from another, and what was there before; a statement each."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from broker.domain.environments.grid import Placement
from broker.domain.environments.history import Stay
from broker.domain.model import Environment, Pacticipant
from broker.domain.pagination import Page, PartOfList
from broker.storage.dialects import is_in
from broker.storage.environments.placements import NO_INSTANCE, Wanted, presences
from broker.storage.pagination import containing, pattern
from broker.storage.tables import deployed_versions, pacticipants, released_versions, versions

LOOKED_AT = 2_000
"""How many of the newest deployments and releases are looked at for what changed last in an environment."""


def _details(here: FromClause, *more: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            here.c.pacticipant_id,
            pacticipants.c.name,
            here.c.environment_id,
            versions.c.id,
            versions.c.number,
            versions.c.position,
            here.c.since,
            here.c.released,
            here.c.instance,
            *more,
        )
        .join_from(here, pacticipants, pacticipants.c.id == here.c.pacticipant_id)
        .join(versions, versions.c.id == here.c.version_id)
    )


@cache
def _content(*, is_past: bool, by_name: bool, search: bool, team: bool) -> Select[Any]:
    here = presences(is_past=is_past)
    found = _details(here, func.count().over()).where(here.c.environment_id == bindparam("environment_id"))
    name = func.lower(pacticipants.c.name)
    order = [name, here.c.since.desc()] if by_name else [here.c.since.desc(), name]
    return (
        _wanted(found, here, search=search, team=team)
        .order_by(*order)
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )


def _wanted(found: Select[Any], here: FromClause, *, search: bool, team: bool) -> Select[Any]:
    if search:
        found = found.where(containing(pacticipants.c.name))
    if team:
        found = found.where(is_in(here.c.pacticipant_id, "members"))
    return found


@cache
def _differing(*, is_past: bool, search: bool, team: bool) -> Select[Any]:
    """Select the applications with a version in one of two environments that is not in the other."""
    here, there = presences(is_past=is_past).alias("here"), presences(is_past=is_past).alias("there")
    in_the_other = (
        select(1)
        .where(
            there.c.pacticipant_id == here.c.pacticipant_id,
            there.c.version_id == here.c.version_id,
            there.c.environment_id == bindparam("first") + bindparam("second") - here.c.environment_id,
        )
        .exists()
    )
    found = (
        select(here.c.pacticipant_id, func.count().over(), pacticipants.c.name)
        .join_from(here, pacticipants, pacticipants.c.id == here.c.pacticipant_id)
        .where(
            or_(here.c.environment_id == bindparam("first"), here.c.environment_id == bindparam("second")),
            ~in_the_other,
        )
        .group_by(here.c.pacticipant_id, pacticipants.c.name)
        .order_by(func.lower(pacticipants.c.name), here.c.pacticipant_id)
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )
    return _wanted(found, here, search=search, team=team)


@cache
def _of(*, is_past: bool) -> Select[Any]:
    here = presences(is_past=is_past)
    # A sum keeps SQLite from indexes of all that ever was there: that of what is there is by environment.
    pacticipant_id = here.c.pacticipant_id if is_past else here.c.pacticipant_id + 0
    return (
        _details(here)
        .where(is_in(pacticipant_id, "ids"), is_in(here.c.environment_id, "environment_ids"))
        .order_by(versions.c.position.desc(), here.c.since.desc())
    )


def _records(table: Table) -> Select[Any]:
    """Select deployments or releases, whether they have ended or not."""
    is_deployment = table is deployed_versions
    return select(
        table.c.pacticipant_id,
        table.c.environment_id,
        table.c.version_id,
        table.c.created_at.label("since"),
        literal_column("0" if is_deployment else "1").label("released"),
        (table.c.application_instance if is_deployment else NO_INSTANCE).label("instance"),
        (table.c.undeployed_at if is_deployment else table.c.support_ended_at).label("until"),
    )


def _stays(*parts: Select[Any]) -> Select[Any]:
    """Select a page of stays with their details, which are looked up for those of the page alone."""
    all_stays = union_all(*parts).subquery("all_stays")
    stays = (
        select(all_stays, func.count().over().label("total"))
        .order_by(all_stays.c.since.desc(), all_stays.c.version_id.desc())
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
        .subquery("stays")
    )
    return _details(stays, stays.c.until, stays.c.total).order_by(
        stays.c.since.desc(), stays.c.version_id.desc()
    )


def _newest(table: Table) -> Select[Any]:
    newest = _records(table).order_by(table.c.updated_at.desc()).limit(LOOKED_AT).subquery()
    return select(newest).where(newest.c.environment_id == bindparam("environment_id"))


_TABLES = (deployed_versions, released_versions)
_HISTORY = _stays(
    *(
        _records(table).where(
            table.c.pacticipant_id == bindparam("pacticipant_id"),
            table.c.environment_id == bindparam("environment_id"),
        )
        for table in _TABLES
    )
)
_CHANGES = _stays(*(_newest(table) for table in _TABLES))


class OneEnvironment:
    """What is and was in an environment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def content(self, environment: Environment, wanted: Wanted, page: Page) -> PartOfList[Placement]:
        """Return what is there, the newest first, or by name."""
        statement = _content(**_shape(wanted), by_name=wanted.by_name)
        values = {**_values(wanted, page), "environment_id": environment.id}
        rows = self._connection.execute(statement, values).all()
        return PartOfList([_placement(row) for row in rows], rows[0][-1] if rows else 0, page)

    def differing(
        self, first: Environment, second: Environment, wanted: Wanted, page: Page
    ) -> tuple[list[int], int]:
        """Return the ids of the applications of which not the same versions are in both, and their number."""
        values = {**_values(wanted, page), "first": first.id, "second": second.id}
        rows = self._connection.execute(_differing(**_shape(wanted)), values).all()
        return [row[0] for row in rows], rows[0][1] if rows else 0

    def of(
        self, ids: Sequence[int], environments: Sequence[Environment], at: datetime | None
    ) -> list[Placement]:
        """Return the versions of these applications in these environments, the newest first."""
        values = {"ids": list(ids), "environment_ids": [each.id for each in environments], "at": at}
        rows = self._connection.execute(_of(is_past=at is not None), values).all()
        return [_placement(row) for row in rows]

    def history(self, pacticipant: Pacticipant, environment: Environment, page: Page) -> PartOfList[Stay]:
        """Return which versions of an application were there, the newest first."""
        values = {"pacticipant_id": pacticipant.id, "environment_id": environment.id}
        return self._read(_HISTORY, values, page)

    def changes(self, environment: Environment, most: int) -> Sequence[Stay]:
        """Return what came last, of the newest changes of all environments: LOOKED_AT of each kind."""
        return self._read(_CHANGES, {"environment_id": environment.id}, Page(1, most)).items

    def _read(self, statement: Select[Any], values: dict[str, Any], page: Page) -> PartOfList[Stay]:
        rows = self._connection.execute(
            statement, {**values, "size": page.size, "skipped": page.offset}
        ).all()
        stays = [Stay(_placement(row), row[9]) for row in rows]
        return PartOfList(stays, rows[0][-1] if rows else 0, page)


def _shape(wanted: Wanted) -> dict[str, bool]:
    return {
        "is_past": wanted.at is not None,
        "search": bool(wanted.search),
        "team": wanted.members is not None,
    }


def _values(wanted: Wanted, page: Page) -> dict[str, Any]:
    return {
        "q": pattern(wanted.search),
        "members": sorted(wanted.members or ()),
        "at": wanted.at,
        "size": page.size,
        "skipped": page.offset,
    }


def _placement(row: Any) -> Placement:
    pacticipant_id, name, environment_id, version_id, number, position, since, released, instance, *_ = row
    return Placement(
        pacticipant_id,
        name,
        environment_id,
        version_id,
        number,
        position,
        since,
        released=bool(released),
        instance=instance,
    )
