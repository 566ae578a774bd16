"""Counts of everything. They read whole tables, so they are for operators, not for CI."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    Select,
    Table,
    distinct,
    func,
    select,
)

from broker.domain.overview.counts import Counts, Metrics
from broker.storage.conditions import IS_DEPLOYED, IS_SUPPORTED, is_current, newest_of_pair
from broker.storage.tables import (
    branch_versions,
    deliveries,
    delivery_attempts,
    deployed_versions,
    environments,
    integrations,
    pact_publications,
    pact_versions,
    pacticipants,
    released_versions,
    tags,
    verifications,
    versions,
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


def _first(table: Table) -> ScalarSelect[Any]:
    return _of(func.min(table.c.created_at, type_=table.c.created_at.type))


def _last(table: Table) -> ScalarSelect[Any]:
    return _of(func.max(table.c.created_at, type_=table.c.created_at.type))


_versions_on_branches = func.count(distinct(branch_versions.c.version_id))
_COUNTED: dict[str, ScalarSelect[Any]] = {
    "latest_interactions": _latest(pact_versions.c.interactions_count),
    "latest_messages": _latest(pact_versions.c.messages_count),
    "pacticipants": _count(pacticipants),
    "pacticipants_with_main_branch": _count(pacticipants, pacticipants.c.main_branch.is_not(None)),
    "integrations": _count(integrations),
    "pact_publications": _count(pact_publications, is_current(pact_publications)),
    "first_pact_publication": _first(pact_publications),
    "last_pact_publication": _last(pact_publications),
    "pact_versions": _count(pact_versions),
    "verification_results": _count(verifications),
    "successful_results": _count(verifications, verifications.c.success),
    "distinct_results": _count(verifications, is_current(verifications)),
    "first_result": _first(verifications),
    "last_result": _last(verifications),
    "versions": _count(versions),
    "versions_on_branch": _of(_versions_on_branches),
    "versions_put_on_branch": _of(_versions_on_branches, ~branch_versions.c.auto_created),
    "tags": _count(tags),
    "distinct_tags": _of(func.count(distinct(tags.c.name))),
    "webhooks": _count(webhooks),
    "deliveries": _count(deliveries),
    "delivery_attempts": _count(delivery_attempts),
    "environments": _count(environments),
    "deployed_versions": _count(deployed_versions),
    "deployments_by_users": _count(deployed_versions, ~deployed_versions.c.auto_created),
    "currently_deployed": _count(deployed_versions, IS_DEPLOYED),
    "released_versions": _count(released_versions),
    "currently_supported": _count(released_versions, IS_SUPPORTED),
}
"""The fields of Counts."""
_COUNTS = select(*(counted.label(name) for name, counted in _COUNTED.items()))
_TAGS_OF_PACTICIPANTS = select(func.count()).select_from(
    select(tags.c.pacticipant_id, tags.c.name).distinct().subquery()
)


def _distribution(*group: ColumnElement[Any]) -> Select[Any]:
    sizes = select(func.count(group[0]).label("size")).group_by(*group).subquery()
    return select(sizes.c.size, func.count().label("times")).group_by(sizes.c.size).order_by(sizes.c.size)


_REVISIONS = _distribution(pact_publications.c.consumer_version_id, pact_publications.c.provider_id)
_RESULTS = _distribution(verifications.c.pact_version_id)


class TotalCounts:
    """Counts of what is stored, and distributions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Metrics:
        """Return all counts; four statements."""
        return Metrics(
            Counts(**self._connection.execute(_COUNTS).one()._asdict()),
            self._connection.scalar(_TAGS_OF_PACTICIPANTS) or 0,
            self._read(_REVISIONS),
            self._read(_RESULTS),
        )

    def _read(self, statement: Select[Any]) -> Mapping[int, int]:
        return {row.size: row.times for row in self._connection.execute(statement)}
