"""The latest changes of what decisions depend on, by any process.

A client that waits for an answer asks for them again and again: one statement, of short look-ups by index.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    cast,
    literal,
    null,
    select,
    union_all,
)

from broker.storage.tables import (
    branch_versions,
    branches,
    comparisons,
    deliveries,
    delivery_attempts,
    deployed_versions,
    former_branch_versions,
    former_main_branches,
    former_service_contract_policies,
    former_service_contracts,
    former_tags,
    integrations,
    released_versions,
    removals,
    service_contract_publications,
    service_contract_verifications,
    tags,
    versions,
)

LAST = 20
"""How many changes of each kind are looked at: more than most moments bring."""
_NOBODY = cast(null(), BigInteger)


class Change(NamedTuple):
    """A row that was added or changed, and the ids of the pacticipants that it concerns; none means all."""

    kind: str
    id: int
    stamp: object
    pacticipant_id: int | None
    other_id: int | None


def _last(of: Select[Any], order: Column[Any]) -> Select[Any]:
    return select(of.order_by(order.desc()).limit(LAST).subquery())


def _by_time(
    table: Table, moment: Column[Any], *ids: ColumnElement[Any], joined: FromClause | None = None
) -> Select[Any]:
    first, second = (*ids, _NOBODY)[:2]
    found = select(
        literal(table.name).label("kind"),
        next(iter(table.primary_key)).label("id"),
        moment.label("stamp"),
        first.label("pacticipant_id"),
        second.label("other_id"),
    ).where(moment.is_not(None))
    return _last(found.select_from(table if joined is None else joined), moment)


def _by_id(table: Table, *ids: ColumnElement[Any], joined: FromClause | None = None) -> Select[Any]:
    first, second = (*ids, _NOBODY, _NOBODY)[:2]
    found = select(
        literal(table.name).label("kind"),
        table.c.id,
        cast(null(), deployed_versions.c.updated_at.type).label("stamp"),
        first.label("pacticipant_id"),
        second.label("other_id"),
    ).select_from(table if joined is None else joined)
    return _last(found, table.c.id)


def _with_version(table: Table) -> FromClause:
    return table.join(versions, versions.c.id == table.c.version_id)


_NEWEST = union_all(
    # Each publication and each result updates its integration.
    _by_time(
        integrations,
        integrations.c.contract_data_updated_at,
        integrations.c.consumer_id,
        integrations.c.provider_id,
    ),
    _by_time(deployed_versions, deployed_versions.c.updated_at, deployed_versions.c.pacticipant_id),
    _by_time(released_versions, released_versions.c.updated_at, released_versions.c.pacticipant_id),
    _by_id(tags, tags.c.pacticipant_id),
    _by_id(former_tags, former_tags.c.pacticipant_id),
    *(
        _by_id(
            table, branches.c.pacticipant_id, joined=table.join(branches, branches.c.id == table.c.branch_id)
        )
        for table in (branch_versions, former_branch_versions)
    ),
    _by_id(former_main_branches, former_main_branches.c.pacticipant_id),
    # The last attempt of a delivery ends the wait for what it was to start.
    _by_id(
        delivery_attempts,
        deliveries.c.consumer_id,
        deliveries.c.provider_id,
        joined=delivery_attempts.join(
            deliveries, deliveries.c.id == delivery_attempts.c.triggered_webhook_id
        ),
    ),
    _by_id(removals),
    _by_id(comparisons, comparisons.c.consumer_id, comparisons.c.provider_id),
    # Each change of a policy keeps the one before it.
    _by_id(former_service_contract_policies, former_service_contract_policies.c.pacticipant_id),
    *(
        _by_id(table, versions.c.pacticipant_id, joined=_with_version(table))
        for table in (service_contract_verifications, former_service_contracts)
    ),
    _by_time(
        service_contract_publications,
        service_contract_publications.c.created_at,
        versions.c.pacticipant_id,
        joined=_with_version(service_contract_publications),
    ),
)


class Changes:
    """The latest changes of what decisions depend on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self) -> frozenset[Change]:
        """Return the latest changes of each kind; those that an earlier call did not return are new."""
        return frozenset(Change(*row) for row in self._connection.execute(_NEWEST))
