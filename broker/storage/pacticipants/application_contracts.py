"""The newest documents of an application, and the newest results of its integrations."""

from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from broker.domain.overview.summaries import status_of_content
from broker.domain.pacticipants.applications import ApplicationResult, PublishedDocument
from broker.storage.conditions import latest_branch, newest
from broker.storage.dialects import ONE
from broker.storage.tables import (
    integrations,
    pact_versions,
    pacticipants,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_verifications,
    service_contracts,
    verifications,
    versions,
)

_OF: Any = bindparam("pacticipant_id")
_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_of_pair = verifications.alias("of_pair")
_newest_of_pair = (
    select(_of_pair.c.id)
    .where(
        _of_pair.c.consumer_id == integrations.c.consumer_id,
        _of_pair.c.provider_id == integrations.c.provider_id,
    )
    .order_by(_of_pair.c.id.desc())
    .limit(bindparam("each"))
    .correlate(integrations)
)
_RESULTS = (
    select(
        verifications.c.id,
        _consumers.c.name,
        _providers.c.name,
        pact_versions.c.sha,
        verifications.c.success,
        verifications.c.pending,
        versions.c.number,
        latest_branch(versions.c.id),
        verifications.c.build_url,
        verifications.c.created_at,
    )
    .join_from(integrations, verifications, verifications.c.id.in_(_newest_of_pair))
    .join(_consumers, _consumers.c.id == verifications.c.consumer_id)
    .join(_providers, _providers.c.id == verifications.c.provider_id)
    .join(versions, versions.c.id == verifications.c.provider_version_id)
    .join(pact_versions, pact_versions.c.id == verifications.c.pact_version_id)
    .where(or_(integrations.c.consumer_id == _OF, integrations.c.provider_id == _OF))
    .order_by(verifications.c.id.desc())
    .limit(bindparam("size"))
)


_published = versions.alias("published")
_with_documents = (
    newest(_published, _published.c.id)
    .join(service_contract_publications, service_contract_publications.c.version_id == _published.c.id)
    # Without this, all versions would be looked at of an application that has no documents at all.
    .where(
        _published.c.pacticipant_id == _OF,
        select(1).where(service_contracts.c.pacticipant_id == _OF).exists(),
    )
    .scalar_subquery()
)
_newest_success = (
    select(service_contract_verifications.c.success)
    .where(service_contract_verifications.c.service_contract_id == service_contracts.c.id)
    .order_by(service_contract_verifications.c.id.desc())
    .limit(ONE)
    .correlate(service_contracts)
    .scalar_subquery()
)
_DOCUMENTS = (
    select(
        versions.c.number,
        service_contract_set_documents.c.name,
        service_contracts.c.specification,
        service_contracts.c.operations_count,
        service_contract_publications.c.created_at,
        _newest_success,
    )
    .join_from(
        versions, service_contract_publications, service_contract_publications.c.version_id == versions.c.id
    )
    .join(
        service_contract_set_documents,
        service_contract_set_documents.c.set_id == service_contract_publications.c.set_id,
    )
    .join(service_contracts, service_contracts.c.id == service_contract_set_documents.c.service_contract_id)
    .where(versions.c.id == _with_documents)
    .order_by(service_contract_set_documents.c.name)
)


class ApplicationContracts:
    """Documents and results of an application. Each method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def documents(self, pacticipant_id: int) -> list[PublishedDocument]:
        """Return the documents of the newest version that has any."""
        rows = self._connection.execute(_DOCUMENTS, {"pacticipant_id": pacticipant_id})
        return [
            PublishedDocument(
                number, name, specification, operations, at, None if success is None else bool(success)
            )
            for number, name, specification, operations, at, success in rows
        ]

    def results(self, pacticipant_id: int, size: int, *, each: int) -> list[ApplicationResult]:
        """Return at most *size* of the newest results, and at most *each* of an integration."""
        values = {"pacticipant_id": pacticipant_id, "size": size, "each": each}
        return [
            ApplicationResult(
                number,
                consumer,
                provider,
                sha,
                status_of_content(success=success, pending=bool(pending)),
                *rest,
            )
            for number, consumer, provider, sha, success, pending, *rest in self._connection.execute(
                _RESULTS, values
            )
        ]
