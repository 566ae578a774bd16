"""What gates are judged by: counters of services, ages of results, and what verified service contracts."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, or_, select, union

from broker.domain.insights.counts import ALL, Counts
from broker.domain.insights.durations import Durations, added
from broker.domain.insights.gates import TEAM, GatedService
from broker.domain.insights.periods import DAY
from broker.storage.conditions import newest
from broker.storage.dialects import AS_BYTES, ONE, is_in
from broker.storage.tables import (
    integration_activity,
    integrations,
    labels,
    pacticipants,
    quality_gates,
    result_counts,
    service_contract_operations,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_verifications,
    service_contracts,
    versions,
)
from tally.values import dataclass

_counts, _active = result_counts.c, integration_activity.c
_known = union(
    select(integrations.c.provider_id),
    select(service_contracts.c.pacticipant_id),
    select(quality_gates.c.pacticipant_id).where(quality_gates.c.pacticipant_id.is_not(None)),
)
_SERVICES = (
    select(pacticipants.c.id, pacticipants.c.name, labels.c.name.label("label"))
    .outerjoin_from(
        pacticipants,
        labels,
        (labels.c.pacticipant_id == pacticipants.c.id) & labels.c.name.startswith(TEAM, autoescape=True),
    )
    .where(pacticipants.c.id.in_(_known))
    .order_by(pacticipants.c.id)
)
_THESE_SERVICES = _SERVICES.where(is_in(pacticipants.c.id, "ids"))
_IN_DAYS = (_counts.consumer_id == ALL, _counts.span == DAY, _counts.start >= bindparam("first"))
_SUMS = (
    select(
        _counts.provider_id,
        *(func.sum(_counts[name]) for name in ("passed", "failed", "pending", "interactions", "flaky")),
    )
    .where(is_in(_counts.provider_id, "ids"), *_IN_DAYS)
    .group_by(_counts.provider_id)
)
_DURATIONS = (
    select(_counts.provider_id, _counts.durations)
    .where(is_in(_counts.provider_id, "ids"), *_IN_DAYS, _counts.durations.is_not(None))
    .execution_options(**AS_BYTES)
)
_OLDEST = (
    select(_active.provider_id, func.min(func.coalesce(_active.result_at, _active.first_at)))
    .join_from(
        integration_activity,
        integrations,
        (integrations.c.consumer_id == _active.consumer_id)
        & (integrations.c.provider_id == _active.provider_id),
    )
    .where(
        is_in(_active.provider_id, "ids"),
        or_(_active.published_at.is_not(None), _active.result_at.is_not(None)),
    )
    .group_by(_active.provider_id)
)
_of_set = service_contract_set_documents
_newest_set = (
    newest(versions, service_contract_publications.c.set_id)
    .join_from(
        versions, service_contract_publications, service_contract_publications.c.version_id == versions.c.id
    )
    .where(versions.c.pacticipant_id == pacticipants.c.id)
    .correlate(pacticipants)
    .scalar_subquery()
)
_newest_results = (
    select(service_contract_verifications.c.test_results)
    .where(service_contract_verifications.c.service_contract_id == service_contracts.c.id)
    .order_by(service_contract_verifications.c.id.desc())
    .limit(ONE)
    .correlate(service_contracts)
    .scalar_subquery()
)
_DOCUMENTS = (
    select(pacticipants.c.id, service_contracts.c.id, service_contracts.c.operations_count, _newest_results)
    .join_from(pacticipants, _of_set, _of_set.c.set_id == _newest_set)
    .join(service_contracts, service_contracts.c.id == _of_set.c.service_contract_id)
    .where(is_in(pacticipants.c.id, "ids"))
    .execution_options(**AS_BYTES)
)
_KEYS = select(service_contract_operations.c.service_contract_id, service_contract_operations.c.key).where(
    is_in(service_contract_operations.c.service_contract_id, "documents")
)


@dataclass(frozen=True)
class VerifiedDocument:
    """A document of the newest version of a service that has any, and the newest result of verifying it."""

    service_id: int
    operations: int
    keys: frozenset[str]
    test_results: bytes | None


class GateFacts:
    """Facts about services, in a few statements for any number of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def services(self, ids: Collection[int] | None = None) -> list[GatedService]:
        """Return the services that gates may be for, or those of them with these ids.

        Those are all that consumers have pacts with, that have a service contract, or a gate of their own.
        """
        statement: Select[Any] = _SERVICES if ids is None else _THESE_SERVICES
        rows = self._connection.execute(statement, {} if ids is None else {"ids": sorted(ids)})
        found: dict[int, tuple[str, set[str]]] = {}
        for row in rows:
            _, teams = found.setdefault(row.id, (row.name, set()))
            if row.label is not None:
                teams.add(row.label.removeprefix(TEAM))
        return [GatedService(number, name, frozenset(teams)) for number, (name, teams) in found.items()]

    def counts(self, ids: Collection[int], first: date, *, durations: bool) -> Mapping[int, Counts]:
        """Return what was counted since a day; with the durations only if they are asked for."""
        values = {"ids": sorted(ids), "first": first}
        times: dict[int, list[Durations]] = {}
        if durations:
            for provider_id, text in self._connection.execute(_DURATIONS, values):
                times.setdefault(provider_id, []).append(Durations.decode(text))
        found = {}
        for provider_id, *sums in self._connection.execute(_SUMS, values):
            passed, failed, pending, interactions, flaky = map(int, sums)
            of_provider = added(times.get(provider_id, ()))
            found[provider_id] = Counts(passed, failed, pending, interactions, flaky, of_provider)
        return found

    def oldest_results(self, ids: Collection[int]) -> Mapping[int, datetime]:
        """Return since when a consumer of each service is waiting for a new result, or for its first one."""
        return {row[0]: row[1] for row in self._connection.execute(_OLDEST, {"ids": sorted(ids)})}

    def documents(self, ids: Collection[int]) -> list[VerifiedDocument]:
        """Return the documents of the newest version of each service that has any."""
        rows = self._connection.execute(_DOCUMENTS, {"ids": sorted(ids)}).all()
        keys: dict[int, set[str]] = {}
        if rows:
            for document_id, key in self._connection.execute(_KEYS, {"documents": [row[1] for row in rows]}):
                keys.setdefault(document_id, set()).add(key)
        return [
            VerifiedDocument(service_id, operations, frozenset(keys.get(document_id, ())), results)
            for service_id, document_id, operations, results in rows
        ]
