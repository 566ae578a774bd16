"""The list of all applications. What it costs grows with the applications, not with their history."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    Table,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from broker.domain.model import Pacticipant
from broker.domain.overview.standings import WORST_FIRST
from broker.domain.overview.summaries import PactStatus
from broker.domain.pacticipants.applications import ListFilter, ListOrder, NewestVersion, PlaceNow
from broker.domain.pagination import Page
from broker.storage.conditions import latest_branch, newest
from broker.storage.dialects import is_in
from broker.storage.overview.standing_places import ON_MAIN
from broker.storage.pagination import containing, pattern
from broker.storage.tables import (
    deployed_versions,
    environments,
    labels,
    pacticipants,
    released_versions,
    standings,
    versions,
)

_NONE: ColumnElement[int] = literal_column(str(len(WORST_FIRST)))
_COLUMNS = (
    pacticipants.c.id,
    pacticipants.c.name,
    pacticipants.c.display_name,
    pacticipants.c.repository_url,
    pacticipants.c.repository_name,
    pacticipants.c.repository_namespace,
    pacticipants.c.main_branch,
    pacticipants.c.created_at,
    pacticipants.c.updated_at,
)
_BY_NAME = (func.lower(pacticipants.c.name), pacticipants.c.name)
_newest = versions.alias("newest")
_newest_position = (
    newest(_newest, _newest.c.position).where(_newest.c.pacticipant_id == pacticipants.c.id).scalar_subquery()
)
_newest_id = (
    newest(_newest, _newest.c.id).where(_newest.c.pacticipant_id == pacticipants.c.id).scalar_subquery()
)
_NEWEST_VERSIONS = (
    select(
        pacticipants.c.id,
        versions.c.id,
        versions.c.number,
        latest_branch(versions.c.id),
        versions.c.build_url,
        versions.c.created_at,
    )
    .join_from(pacticipants, versions, versions.c.id == _newest_id)
    .where(is_in(pacticipants.c.id, "ids"))
)


def _worst() -> FromClause:
    """Select the rank of the worst verdict of each application that has any, and how many fail."""
    both = union_all(
        *(
            select(column.label("id"), standings.c.verdict).where(standings.c.place == ON_MAIN)
            for column in (standings.c.consumer_id, standings.c.provider_id)
        )
    ).subquery()
    failed = case((both.c.verdict == literal_column("0"), 1), else_=0)
    ranks = func.min(both.c.verdict).label("verdict"), func.sum(failed).label("failed")
    return select(both.c.id, *ranks).group_by(both.c.id).subquery("worst")


def _conditions(*, search: bool, team: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if search:
        found.append(or_(containing(pacticipants.c.name), containing(pacticipants.c.display_name)))
    if team:
        has_label = labels.c.pacticipant_id == pacticipants.c.id, labels.c.name == bindparam("team")
        found.append(select(1).where(*has_label).exists())
    return found


@cache
def _page(order: ListOrder, *, search: bool, team: bool) -> Select[Any]:
    statement = select(*_COLUMNS, func.count().over()).where(*_conditions(search=search, team=team))
    if order is ListOrder.WORST:
        worst = _worst()
        statement = statement.outerjoin_from(pacticipants, worst, worst.c.id == pacticipants.c.id).order_by(
            func.coalesce(worst.c.verdict, _NONE), worst.c.failed.desc()
        )
    if order is ListOrder.NEWEST:
        statement = statement.order_by(_newest_position.desc().nulls_last())
    return statement.order_by(*_BY_NAME).limit(bindparam("size")).offset(bindparam("skipped"))


@cache
def _count(*, search: bool, team: bool) -> Select[Any]:
    return select(func.count()).select_from(pacticipants).where(*_conditions(search=search, team=team))


_VERDICTS = union_all(
    *(
        select(column, standings.c.verdict, literal(side), func.count())
        .where(is_in(column, "ids"), standings.c.place == ON_MAIN)
        .group_by(column, standings.c.verdict)
        for side, column in (("provider", standings.c.provider_id), ("consumer", standings.c.consumer_id))
    )
)


def _presences(
    table: Table, instance: ColumnElement[str], *, released: bool, until: Column[Any]
) -> Select[Any]:
    there = table.alias("there")
    # The partial index of what is current has all that this needs: no database prefers another one.
    current = select(there.c.id).where(is_in(there.c.pacticipant_id, "ids"), there.c[until.name].is_(None))
    return (
        select(
            table.c.pacticipant_id,
            environments.c.name.label("environment"),
            environments.c.production,
            environments.c.created_at.label("environment_since"),
            versions.c.id,
            versions.c.number,
            literal_column("1" if released else "0").label("released"),
            instance.label("instance"),
            table.c.created_at.label("since"),
        )
        .join_from(table, environments, environments.c.id == table.c.environment_id)
        .join(versions, versions.c.id == table.c.version_id)
        .where(table.c.id.in_(current))
    )


_PLACES = union_all(
    _presences(
        deployed_versions,
        deployed_versions.c.application_instance,
        released=False,
        until=deployed_versions.c.undeployed_at,
    ),
    _presences(
        released_versions,
        cast(literal(""), String),
        released=True,
        until=released_versions.c.support_ended_at,
    ),
).order_by("production", "environment_since", "environment", literal_column("since DESC"))


class ApplicationList:
    """All applications. Each method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, which: ListFilter, order: ListOrder, page: Page) -> tuple[list[Pacticipant], int]:
        """Return a page of the applications that the filter asks for, and the number of all of them.

        It is one more statement when the page is behind the last one.
        """
        statement = _page(order, search=bool(which.search), team=bool(which.team))
        values = {**_values(which), "size": page.size, "skipped": page.offset}
        rows = self._connection.execute(statement, values).all()
        if not rows:
            return [], 0 if page.number == 1 else self._count(which)
        return [Pacticipant(*row) for *row, _ in rows], rows[0][-1]

    def _count(self, which: ListFilter) -> int:
        statement = _count(search=bool(which.search), team=bool(which.team))
        return self._connection.scalar(statement, _values(which)) or 0

    def verdicts(self, ids: Collection[int]) -> Mapping[int, Mapping[tuple[str, PactStatus], int]]:
        """Return how many integrations of each application are what on main.

        The keys say whether it is the "consumer" or the "provider", and the verdict.
        """
        found: dict[int, dict[tuple[str, PactStatus], int]] = {}
        for number, verdict, side, count in self._connection.execute(_VERDICTS, {"ids": list(ids)}):
            found.setdefault(number, {})[side, WORST_FIRST[verdict]] = count
        return found

    def newest_versions(self, ids: Collection[int]) -> Mapping[int, NewestVersion]:
        """Return the newest version of each application that has any."""
        rows = self._connection.execute(_NEWEST_VERSIONS, {"ids": list(ids)})
        return {number: NewestVersion(*version) for number, *version in rows}

    def places(self, ids: Collection[int]) -> Mapping[int, list[PlaceNow]]:
        """Return where each application is now, in the order of the environments, production at the end."""
        found: dict[int, list[PlaceNow]] = {}
        for row in self._connection.execute(_PLACES, {"ids": list(ids)}):
            number, environment, production, _, version_id, version, released, instance, since = row
            there = PlaceNow(
                number, environment, bool(production), version_id, version, bool(released), instance, since
            )
            found.setdefault(number, []).append(there)
        return found


def _values(which: ListFilter) -> dict[str, Any]:
    return {"q": pattern(which.search), "team": which.team}
