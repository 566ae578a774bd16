"""The services with their contracts, for the overview. What it costs does not grow with history."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal, select

from broker.domain.overview.summaries import ResultSummary, ServiceSummary
from broker.storage.conditions import latest_branch, newest
from broker.storage.dialects import ONE
from broker.storage.pagination import containing, pattern
from broker.storage.tables import (
    pacticipants,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_verifications,
    service_contracts,
    verifications,
    versions,
)

PROVIDER_VERSIONS = versions.alias("provider_versions")
RESULT: tuple[ColumnElement[Any], ...] = (
    PROVIDER_VERSIONS.c.number.label("result_version"),
    latest_branch(PROVIDER_VERSIONS.c.id).label("result_branch"),
    verifications.c.success.label("success"),
    func.coalesce(verifications.c.pending, literal(False)).label("pending"),  # noqa: FBT003 - SQL's false
    verifications.c.created_at.label("verified_at"),
)
"""The columns that `result` reads, of verifications joined with PROVIDER_VERSIONS."""
_published = versions.alias("published")
_latest_with_contract = (
    newest(_published, _published.c.id)
    .join(service_contract_publications, service_contract_publications.c.version_id == _published.c.id)
    .where(_published.c.pacticipant_id == pacticipants.c.id)
    .scalar_subquery()
)
_newest_service_result = (
    select(service_contract_verifications.c.id)
    .where(service_contract_verifications.c.service_contract_id == service_contracts.c.id)
    .order_by(service_contract_verifications.c.id.desc())
    .limit(ONE)
    .correlate(service_contracts)
    .scalar_subquery()
)
_SERVICES = (
    select(
        pacticipants.c.name.label("pacticipant"),
        versions.c.number.label("version"),
        service_contracts.c.specification,
        service_contracts.c.operations_count.label("operations"),
        service_contract_publications.c.created_at.label("published_at"),
        PROVIDER_VERSIONS.c.number.label("result_version"),
        latest_branch(PROVIDER_VERSIONS.c.id).label("result_branch"),
        service_contract_verifications.c.success,
        # A service contract is never pending.
        literal(False).label("pending"),  # noqa: FBT003 - SQL's false
        service_contract_verifications.c.created_at.label("verified_at"),
    )
    .select_from(pacticipants)
    .join(versions, versions.c.id == _latest_with_contract)
    .join(service_contract_publications, service_contract_publications.c.version_id == versions.c.id)
    .join(
        service_contract_set_documents,
        service_contract_set_documents.c.set_id == service_contract_publications.c.set_id,
    )
    .join(service_contracts, service_contracts.c.id == service_contract_set_documents.c.service_contract_id)
    .outerjoin(service_contract_verifications, service_contract_verifications.c.id == _newest_service_result)
    .outerjoin(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == service_contract_verifications.c.version_id)
    .where(
        pacticipants.c.id.in_(select(service_contracts.c.pacticipant_id)),
        containing(pacticipants.c.name),
    )
    .order_by(func.lower(pacticipants.c.name))
    .limit(bindparam("size"))
)


class FrontPageLists:
    """Integrations with their latest pact and its newest result, and services with their contract."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def services(self, search: str, size: int) -> list[ServiceSummary]:
        """Return at most *size* of the services that have a contract, and *search* in their name."""
        rows = self._connection.execute(_SERVICES, {"q": pattern(search), "size": size})
        return [_service(row) for row in rows]


def _service(row: Any) -> ServiceSummary:
    return ServiceSummary(
        row.pacticipant, row.version, row.specification, row.operations, row.published_at, result(row)
    )


def result(row: Any) -> ResultSummary | None:
    """Return the result in a row that has the columns RESULT, or None when the outer join found none."""
    if row.result_version is None:
        return None
    return ResultSummary(
        row.result_version, row.result_branch, bool(row.success), bool(row.pending), row.verified_at
    )
