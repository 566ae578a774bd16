"""Counting everything. This reads whole tables: it is for operators, not for CI."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, ScalarSelect, Select, distinct, func, select

from broker.domain.overview.counts import Counts, Metrics
from broker.storage.conditions import IS_DEPLOYED, IS_SUPPORTED, is_current, newest_of_pair
from broker.storage.tables import (
    branch_versions,
    deployed_versions,
    environments,
    integrations,
    pact_publications,
    pact_versions,
    pacticipants,
    released_versions,
    tags,
    triggered_webhooks,
    verifications,
    versions,
    webhook_executions,
    webhooks,
)


def _count(table: FromClause, *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()


def _of(value: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(value).where(*conditions).scalar_subquery()


_latest_contents = (
    select(pact_publications.c.pact_version_id)
    .join(
        integrations,
        (integrations.c.consumer_id == pact_publications.c.consumer_id)
        & (integrations.c.provider_id == pact_publications.c.provider_id),
    )
    .where(pact_publications.c.id == newest_of_pair(integrations.c.consumer_id, integrations.c.provider_id))
)


def _latest(column: ColumnElement[int]) -> ScalarSelect[Any]:
    return _of(func.coalesce(func.sum(column), 0), pact_versions.c.id.in_(_latest_contents))


def _first(table: Any) -> ScalarSelect[Any]:
    return _of(func.min(table.c.created_at, type_=table.c.created_at.type))


def _last(table: Any) -> ScalarSelect[Any]:
    return _of(func.max(table.c.created_at, type_=table.c.created_at.type))


_versions_on_branches = func.count(distinct(branch_versions.c.version_id))
# In the order of the fields of Counts.
_COUNTS = select(
    _latest(pact_versions.c.interactions_count),
    _latest(pact_versions.c.messages_count),
    _count(pacticipants),
    _count(pacticipants, pacticipants.c.main_branch.is_not(None)),
    _count(integrations),
    _count(pact_publications, is_current(pact_publications)),
    _first(pact_publications),
    _last(pact_publications),
    _count(pact_versions),
    _count(verifications),
    _count(verifications, verifications.c.success),
    _count(verifications, is_current(verifications)),
    _first(verifications),
    _last(verifications),
    _count(versions),
    _of(_versions_on_branches),
    _of(_versions_on_branches, ~branch_versions.c.auto_created),
    _count(tags),
    _of(func.count(distinct(tags.c.name))),
    _count(webhooks),
    _count(triggered_webhooks),
    _count(webhook_executions),
    _count(environments),
    _count(deployed_versions),
    _count(deployed_versions, ~deployed_versions.c.auto_created),
    _count(deployed_versions, IS_DEPLOYED),
    _count(released_versions),
    _count(released_versions, IS_SUPPORTED),
)
_TAGS_OF_PACTICIPANTS = select(func.count()).select_from(
    select(tags.c.pacticipant_id, tags.c.name).distinct().subquery()
)


def _distribution(*group: ColumnElement[Any]) -> Select[Any]:
    sizes = select(func.count(group[0]).label("size")).group_by(*group).subquery()
    return select(sizes.c.size, func.count()).group_by(sizes.c.size).order_by(sizes.c.size)


_REVISIONS = _distribution(pact_publications.c.consumer_version_id, pact_publications.c.provider_id)
_RESULTS = _distribution(verifications.c.pact_version_id)


class TotalCounts:
    """How much there is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Metrics:
        """Return all counts; four statements."""
        return Metrics(
            _counts(self._connection.execute(_COUNTS).one()),
            self._connection.scalar(_TAGS_OF_PACTICIPANTS) or 0,
            self._read(_REVISIONS),
            self._read(_RESULTS),
        )

    def _read(self, statement: Select[Any]) -> Mapping[int, int]:
        return {row[0]: row[1] for row in self._connection.execute(statement)}


def _counts(row: Any) -> Counts:
    return Counts(*row)
