"""What the overview shows beside the standings: what can be chosen, teams of applications, and deliveries."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    case,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from broker.domain.decisions.obstacles import TEAM
from broker.domain.overview.overview_parts import NEWEST_DELIVERIES, Choices, NewestDelivery
from broker.domain.webhooks.delivery import Status
from broker.storage.dialects import ONE, is_in
from broker.storage.tables import deliveries, environments, integrations, labels, pacticipants

_ENVIRONMENT, _TEAM, _TEAM_OF, _APPLICATIONS = range(4)
_NOTHING: ColumnElement[int] = literal_column("0")
_is_team = labels.c.name.like(f"{TEAM}%")


def _kind(number: int) -> Any:
    return literal_column(str(number)).label("kind")


_CHOICES = union_all(
    select(
        _kind(_ENVIRONMENT),
        environments.c.name.label("name"),
        null().label("of"),
        case((environments.c.production, _NOTHING), else_=ONE).label("number"),
    ),
    select(_kind(_TEAM), labels.c.name, null(), _NOTHING).where(_is_team).distinct(),
    select(_kind(_TEAM_OF), labels.c.name, pacticipants.c.name, _NOTHING)
    .join_from(labels, pacticipants)
    .where(_is_team, is_in(pacticipants.c.name, "names")),
    select(_kind(_APPLICATIONS), null(), null(), func.count()).select_from(pacticipants),
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


def _deliveries() -> Select[Any]:
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
    return select(
        integrations.c.id, status.label("status"), case((status != Status.SUCCESS.value, failed))
    ).where(is_in(integrations.c.id, "ids"))


_DELIVERIES = _deliveries()


class OverviewParts:
    """What the overview shows beside the standings. Each method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def choices(self, names: Collection[str]) -> Choices:
        """Return what can be chosen, and the teams of the applications with these names."""
        rows = self._connection.execute(_CHOICES, {"names": list(names)}).all()
        of_kind: dict[int, list[Any]] = {}
        for kind, name, of, number in sorted(rows, key=lambda row: (row[0], row[3], (row[1] or "").lower())):
            of_kind.setdefault(kind, []).append((name, of, number))
        teams_of: dict[str, tuple[str, ...]] = {}
        for team, application, _ in of_kind.get(_TEAM_OF, ()):
            teams_of[application] = (*teams_of.get(application, ()), team)
        return Choices(
            tuple(name for name, *_ in of_kind.get(_ENVIRONMENT, ())),
            tuple(name for name, *_ in of_kind.get(_TEAM, ())),
            teams_of,
            of_kind[_APPLICATIONS][0][2],
        )

    def newest_deliveries(self, integration_ids: Collection[int]) -> dict[int, NewestDelivery]:
        """Return what became of the newest deliveries of those integrations that have any, by their ids."""
        rows = self._connection.execute(_DELIVERIES, {"ids": list(integration_ids)}).all()
        return {
            integration_id: NewestDelivery(Status(status), failed or 0)
            for integration_id, status, failed in rows
            if status is not None
        }
