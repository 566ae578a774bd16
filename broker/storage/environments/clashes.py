"""What keeps versions from the next environment, by results alone: where no service contract is concerned."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    false,
    func,
    select,
    union_all,
)

from broker.domain.environments.grid import Clash
from broker.storage.conditions import is_current
from broker.storage.dialects import is_in
from broker.storage.environments.placements import is_waiting, next_environment, presences, steps
from broker.storage.tables import integrations, pact_publications, pacticipants, verifications

_COLUMNS = ("version_id", "following", "other_id", "success")


def _row(moving: FromClause, other_id: ColumnElement[Any]) -> Select[Any]:
    values = (moving.c.version_id, moving.c.following, other_id, verifications.c.success)
    return select(*(value.label(name) for value, name in zip(values, _COLUMNS, strict=True)))


def _result_of(provider_version_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(
        verifications.c.pact_version_id == pact_publications.c.pact_version_id,
        verifications.c.provider_version_id == provider_version_id,
        is_current(verifications),
    )


@cache
def _statement(number: int) -> Select[Any]:
    """Return the statement for so many steps from one environment to the next.

    Each row is about a version that would move, and an application that it needs or that needs it, of which a
    version there does not fit.
    """
    here = presences(is_past=False).alias("here")
    following = next_environment(here.c.environment_id, number)
    moving = (
        select(here.c.pacticipant_id, here.c.version_id, following.label("following"))
        .where(is_in(here.c.pacticipant_id, "ids"), is_waiting(here, following, is_past=False))
        .distinct()
        .cte("moving")
    )
    rows = union_all(*_needs(moving), _needed(moving)).subquery("found")
    failed = func.max(case((rows.c.success.is_(false()), 1), else_=0))
    return (
        select(rows.c.version_id, rows.c.following, pacticipants.c.name, failed)
        .join_from(rows, pacticipants, pacticipants.c.id == rows.c.other_id)
        .where(func.coalesce(rows.c.success, false()).is_(false()))
        .group_by(rows.c.version_id, rows.c.following, pacticipants.c.name)
        .order_by(failed.desc(), func.lower(pacticipants.c.name))
    )


def _needs(moving: CTE) -> tuple[Select[Any], Select[Any]]:
    """Select what the versions need: of others that are there, and of themselves, who will be there."""
    there = presences(is_past=False).alias("providers")
    published = and_(
        pact_publications.c.consumer_version_id == moving.c.version_id, is_current(pact_publications)
    )
    is_other = pact_publications.c.provider_id != moving.c.pacticipant_id
    is_there = and_(
        there.c.pacticipant_id == pact_publications.c.provider_id,
        there.c.environment_id == moving.c.following,
    )
    of_others = (
        _row(moving, pact_publications.c.provider_id)
        .join_from(moving, pact_publications, and_(published, is_other))
        .outerjoin(there, is_there)
        .outerjoin(verifications, _result_of(there.c.version_id))
    )
    of_itself = (
        _row(moving, moving.c.pacticipant_id)
        .join_from(moving, pact_publications, and_(published, ~is_other))
        .outerjoin(verifications, _result_of(moving.c.version_id))
    )
    return of_others, of_itself


def _needed(moving: CTE) -> Select[Any]:
    """Select what the versions that are there need of those that would move."""
    there = presences(is_past=False).alias("consumers")
    is_there = and_(
        there.c.pacticipant_id == integrations.c.consumer_id,
        there.c.environment_id == moving.c.following,
        there.c.pacticipant_id != moving.c.pacticipant_id,
    )
    published = and_(
        pact_publications.c.consumer_version_id == there.c.version_id,
        pact_publications.c.provider_id == moving.c.pacticipant_id,
        is_current(pact_publications),
    )
    return (
        _row(moving, there.c.pacticipant_id)
        .join_from(moving, integrations, integrations.c.provider_id == moving.c.pacticipant_id)
        .join(there, is_there)
        .join(pact_publications, published)
        .outerjoin(verifications, _result_of(moving.c.version_id))
    )


class Clashes:
    """What keeps versions from the next environment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, ids: Sequence[int], order: Mapping[int, int]) -> dict[tuple[int, int], list[Clash]]:
        """Return the clashes by version and by the environment that it cannot go to; one statement.

        *ids* are those of applications, *order* the next environment of each. Those of failures come first.
        Nothing is known here of service contracts.
        """
        found: dict[tuple[int, int], list[Clash]] = {}
        if not order:
            return found
        values = {**steps(order), "ids": list(ids)}
        for version_id, following, name, failed in self._connection.execute(
            _statement(len(order)), values
        ).all():
            found.setdefault((version_id, following), []).append(Clash(name, bool(failed)))
        return found
