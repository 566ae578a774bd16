"""What a clean-up deletes: several kinds of rows, in batches of ids.

A batch is locked first. Rows that a request has locked are left out, so that neither waits for the other.
Then another statement checks the condition again, as it sees what was committed before the rows were locked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Delete,
    Insert,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    func,
    not_,
    or_,
    select,
    true,
    union_all,
)

from broker.storage.pacticipants.branch_heads import REMAINING, promote
from broker.storage.removals import Removals
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import (
    branch_successes,
    branch_versions,
    branches,
    comparisons,
    deliveries,
    delivery_attempts,
    deployed_versions,
    failed_results,
    former_service_contracts,
    pact_publications,
    pact_usages,
    pact_versions,
    pacticipants,
    released_versions,
    scenario_result_versions,
    scenario_results,
    service_contract_dependencies,
    service_contract_operations,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_sets,
    service_contract_verifications,
    service_contracts,
    tags,
    verification_parts,
    verifications,
    versions,
)
from tally.values import dataclass

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_BEFORE: ColumnElement[datetime] = bindparam("before")
_OWNERS = ("pacticipant_id", "consumer_id")
"""The columns that tell whose integrations stand otherwise without a row."""


@dataclass(frozen=True)
class Kind:
    """Rows of *table* that may be deleted on *condition*, which may use the parameter `before`."""

    table: Table
    condition: ColumnElement[bool]
    owned: tuple[Column[Any], ...] = ()  # columns that refer to the rows, in tables that cascade
    first: tuple[Delete | Insert | Update, ...] = ()  # what is changed or deleted before


def _unused(content: Column[Any], *references: Column[Any]) -> ColumnElement[bool]:
    return and_(*(not_(select(1).where(column == content).exists()) for column in references))


def _has_newer(table: Table, *same: str) -> ColumnElement[bool]:
    newer = table.alias("newer")
    return (
        select(1)
        .select_from(newer)
        .where(newer.c.id > table.c.id, *(newer.c[name] == table.c[name] for name in same))
        .exists()
    )


# As when a version is deleted by hand: the latest version that remains becomes the head of the branch.
_loses_its_head = branches.c.head_version_id.in_(_IDS)
_PROMOTE_HEADS = promote(_loses_its_head, REMAINING.c.version_id.not_in(_IDS))
_is_main = (
    select(1)
    .where(pacticipants.c.id == branches.c.pacticipant_id, pacticipants.c.main_branch == branches.c.name)
    .exists()
)

# As when a version is deleted by hand: deliveries about it are deleted. Their attempts would be deleted by a
# cascade; the statement before it counts them.
_deliveries = union_all(
    select(deliveries.c.id).where(deliveries.c.consumer_version_id.in_(_IDS)),
    select(deliveries.c.id)
    .join_from(deliveries, verifications, deliveries.c.verification_id == verifications.c.id)
    .where(verifications.c.provider_version_id.in_(_IDS)),
)
_DELETE_DELIVERIES = (
    delete(delivery_attempts).where(delivery_attempts.c.triggered_webhook_id.in_(_deliveries)),
    delete(deliveries).where(deliveries.c.id.in_(_deliveries)),
)

# The domain decides which versions go. Their rows of branch_successes stay: a clean-up must not make a pact
# pending again.
VERSIONS = Kind(
    versions,
    true(),
    owned=(
        tags.c.version_id,
        branch_versions.c.version_id,
        pact_publications.c.consumer_version_id,
        verifications.c.provider_version_id,
        verification_parts.c.provider_version_id,
        deployed_versions.c.version_id,
        released_versions.c.version_id,
        service_contract_publications.c.version_id,
        service_contract_verifications.c.version_id,
        former_service_contracts.c.version_id,
        scenario_result_versions.c.version_id,
    ),
    first=(*_PROMOTE_HEADS, *_DELETE_DELIVERIES),
)
# The domain decides which are stale. One that got a version since then stays, and so does a new main branch.
STALE_BRANCHES = Kind(
    branches,
    and_(branches.c.updated_at < _BEFORE, not_(_is_main)),
    owned=(branch_versions.c.branch_id, branch_successes.c.branch_id),
)
UNUSED_PACTS = Kind(
    pact_versions,
    _unused(pact_versions.c.id, pact_publications.c.pact_version_id, verifications.c.pact_version_id),
    owned=(
        branch_successes.c.pact_version_id,
        verification_parts.c.pact_version_id,
        pact_usages.c.pact_version_id,
        comparisons.c.pact_version_id,
    ),
)
# What a version had before it got more documents is what an answer about the past needs.
UNUSED_SETS_OF_DOCUMENTS = Kind(
    service_contract_sets,
    _unused(
        service_contract_sets.c.id, service_contract_publications.c.set_id, former_service_contracts.c.set_id
    ),
    owned=(service_contract_set_documents.c.set_id, comparisons.c.set_id),
)
UNUSED_SCENARIO_RESULTS = Kind(
    scenario_results,
    _unused(scenario_results.c.id, scenario_result_versions.c.scenario_result_id),
)
UNUSED_SERVICE_CONTRACTS = Kind(
    service_contracts,
    _unused(
        service_contracts.c.id,
        service_contract_set_documents.c.service_contract_id,
        service_contract_verifications.c.service_contract_id,
    ),
    owned=(
        service_contract_operations.c.service_contract_id,
        service_contract_dependencies.c.service_contract_id,
    ),
)
OVERWRITTEN = (
    Kind(pact_publications, and_(pact_publications.c.superseded, pact_publications.c.created_at < _BEFORE)),
    Kind(
        verifications,
        and_(verifications.c.superseded, verifications.c.created_at < _BEFORE),
        owned=(failed_results.c.verification_id,),
    ),
    Kind(verification_parts, verification_parts.c.created_at < _BEFORE),
    Kind(
        deliveries,
        and_(
            deliveries.c.due_at.is_(None),
            deliveries.c.created_at < _BEFORE,
            or_(
                _has_newer(deliveries, "provider_id", "consumer_id", "webhook_uuid", "event"),
                deliveries.c.provider_id.is_(None),  # an entry of the audit log, which says it all
            ),
        ),
        owned=(delivery_attempts.c.triggered_webhook_id,),
    ),
)


@dataclass(frozen=True)
class Deleted:
    """The ids of the rows that were deleted, and how many rows went with them, by the name of the table."""

    ids: Sequence[int] = ()
    rows: Mapping[str, int] = field(default_factory=dict)


class Deletions:
    """Deletes rows, a batch at a time."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def find(self, kind: Kind, before: datetime) -> list[int]:
        """Return the ids of the rows that may be deleted, oldest first."""
        statement = select(kind.table.c.id).where(kind.condition).order_by(kind.table.c.id)
        return list(self._connection.scalars(statement, {"before": before}))

    def lock(self, kind: Kind, ids: Sequence[int]) -> list[int]:
        """Lock those rows that exist and are not locked, and return their ids."""
        row_id = kind.table.c.id
        statement = select(row_id).where(row_id.in_(_IDS)).order_by(row_id).with_for_update(skip_locked=True)
        return list(self._connection.scalars(statement, {"ids": list(ids)}))

    def delete(self, kind: Kind, ids: Sequence[int], before: datetime, now: datetime) -> Deleted:
        """Delete those locked rows that still may go.

        Rows that answers about the past would need are recorded, see `Removals`.
        """
        if not ids:
            return Deleted()
        row_id = kind.table.c.id
        statement = select(row_id).where(row_id.in_(_IDS), kind.condition)
        doomed = {"ids": list(self._connection.scalars(statement, {"ids": list(ids), "before": before}))}
        deleted = self._count_owned(kind, doomed)
        self._mark(kind, doomed)
        Removals(self._connection).add_rows(kind.table.name, doomed["ids"], now)
        for change in (*kind.first, delete(kind.table).where(row_id.in_(_IDS))):
            done = self._connection.execute(change, {**doomed, "now": now})
            if isinstance(change, Delete):
                deleted[str(change.table)] = done.rowcount
        return Deleted(doomed["ids"], deleted)

    def _mark(self, kind: Kind, doomed: Mapping[str, Any]) -> None:
        owner = next((kind.table.c[name] for name in _OWNERS if name in kind.table.c), None)
        if owner is not None and kind.table is not deliveries:
            owners = select(owner).where(kind.table.c.id.in_(_IDS)).distinct()
            self._marks.removed_by_id(self._connection.scalars(owners, doomed))

    def _count_owned(self, kind: Kind, doomed: Mapping[str, Any]) -> dict[str, int]:
        if not kind.owned:
            return {}
        counts = [select(func.count()).where(column.in_(_IDS)).scalar_subquery() for column in kind.owned]
        numbers = self._connection.execute(select(*counts), doomed).one()
        return {column.table.name: number for column, number in zip(kind.owned, numbers, strict=True)}
