"""What the overview shows beside the standings: what can be chosen, teams of applications, and deliveries."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    case,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from broker.domain.decisions.obstacles import TEAM
from broker.domain.overview.overview_parts import NEWEST_DELIVERIES, Choices, NewestDelivery
from broker.domain.overview.standings import WORST_FIRST, ShortStanding, StandingCounts, StandingFilter
from broker.domain.webhooks.delivery import Status
from broker.storage.dialects import ONE, is_in
from broker.storage.overview.standings import Shape, counted, shape_of, values_of
from broker.storage.tables import deliveries, environments, integrations, labels, pacticipants, standings

_ENVIRONMENT, _TEAM, _TEAM_OF, _APPLICATIONS, _VERDICT = range(5)
_STANDING, _DELIVERY = range(2)
_NOTHING: ColumnElement[int] = literal_column("0")
_is_team = labels.c.name.like(f"{TEAM}%")


def _kind(number: int) -> Any:
    return literal_column(str(number)).label("kind")


@cache
def _choices(shape: Shape) -> CompoundSelect[Any]:
    """Return the statement for what can be chosen, and for the counts of a filter."""
    return union_all(
        select(
            _kind(_ENVIRONMENT),
            environments.c.name.label("name"),
            null().label("of"),
            case((environments.c.production, _NOTHING), else_=ONE).label("number"),
            _NOTHING.label("amount"),
        ),
        select(_kind(_TEAM), labels.c.name, null(), _NOTHING, _NOTHING).where(_is_team).distinct(),
        select(_kind(_TEAM_OF), labels.c.name, pacticipants.c.name, _NOTHING, _NOTHING)
        .join_from(labels, pacticipants)
        .where(_is_team, is_in(pacticipants.c.name, "names")),
        select(_kind(_APPLICATIONS), null(), null(), _NOTHING, func.count()).select_from(pacticipants),
        counted(shape, _kind(_VERDICT), null(), null()),
    )


def _newest_deliveries(most: ColumnElement[int], name: str) -> FromClause:
    found = deliveries.alias(f"{name}_delivery")
    return (
        select(found.c.status)
        .where(
            found.c.provider_id == integrations.c.provider_id,
            found.c.consumer_id == integrations.c.consumer_id,
        )
        .order_by(found.c.id.desc())
        .limit(most)
        .correlate(integrations)
        .subquery(name)
    )


def _beside() -> CompoundSelect[Any]:
    newest = _newest_deliveries(ONE, "newest")
    recent = _newest_deliveries(literal_column(str(NEWEST_DELIVERIES)), "recent")
    status = select(newest.c.status).correlate(integrations).scalar_subquery()
    failed = (
        select(func.count())
        .select_from(recent)
        .where(recent.c.status == Status.FAILURE.value)
        .correlate(integrations)
        .scalar_subquery()
    )
    return union_all(
        select(
            _kind(_STANDING),
            standings.c.integration_id,
            environments.c.name.label("name"),
            standings.c.verdict.label("number"),
            standings.c.pact_version_id.label("content"),
        )
        .join_from(standings, environments)
        .where(is_in(standings.c.integration_id, "ids")),
        select(
            _kind(_DELIVERY),
            integrations.c.id,
            status,
            case((status != Status.SUCCESS.value, failed)),
            null(),
        ).where(is_in(integrations.c.id, "ids")),
    )


_BESIDE = _beside()


class OverviewParts:
    """What the overview shows beside the standings. Each method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def choices(self, names: Collection[str], which: StandingFilter) -> tuple[Choices, StandingCounts]:
        """Return what can be chosen, and the teams of these applications; count what the filter leaves."""
        values = {**values_of(which), "names": list(names)}
        rows = self._connection.execute(_choices(shape_of(which)), values).all()
        of_kind: dict[int, list[Any]] = {}
        for kind, *row in sorted(rows, key=lambda row: (row[0], row[3], (row[1] or "").lower())):
            of_kind.setdefault(kind, []).append(row)
        teams_of: dict[str, tuple[str, ...]] = {}
        for team, application, *_ in of_kind.get(_TEAM_OF, ()):
            teams_of[application] = (*teams_of.get(application, ()), team)
        choices = Choices(
            tuple(name for name, *_ in of_kind.get(_ENVIRONMENT, ())),
            tuple(name for name, *_ in of_kind.get(_TEAM, ())),
            teams_of,
            of_kind[_APPLICATIONS][0][-1],
        )
        verdicts = of_kind.get(_VERDICT, ())
        return choices, StandingCounts({WORST_FIRST[verdict]: number for *_, verdict, number in verdicts})

    def beside(
        self, integration_ids: Collection[int]
    ) -> tuple[dict[int, dict[str, ShortStanding]], dict[int, NewestDelivery]]:
        """Return how these integrations stand in environments, and their newest deliveries, by their ids."""
        there: dict[int, dict[str, ShortStanding]] = {}
        deliveries: dict[int, NewestDelivery] = {}
        rows = self._connection.execute(_BESIDE, {"ids": list(integration_ids)}).all()
        for kind, integration_id, name, number, content in rows:
            if kind == _STANDING:
                there.setdefault(integration_id, {})[name] = ShortStanding(WORST_FIRST[number], content)
            elif name is not None:
                deliveries[integration_id] = NewestDelivery(Status(name), number or 0)
        return there, deliveries
