"""Lists for the front page. What they cost does not grow with history."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, literal, or_, select

from broker.domain.overview.summaries import IntegrationSummary, PactSummary, ResultSummary, ServiceSummary
from broker.domain.pagination import Page, PartOfList
from broker.storage.conditions import latest_branch, newest, newest_of_pair, newest_result
from broker.storage.dialects import ONE
from broker.storage.pagination import containing, pattern
from broker.storage.tables import (
    integrations,
    pact_publications,
    pact_versions,
    pacticipants,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_verifications,
    service_contracts,
    verifications,
    versions,
)

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_consumer_versions = versions.alias("consumer_versions")
PROVIDER_VERSIONS = versions.alias("provider_versions")


RESULT: tuple[ColumnElement[Any], ...] = (
    PROVIDER_VERSIONS.c.number.label("result_version"),
    latest_branch(PROVIDER_VERSIONS.c.id).label("result_branch"),
    verifications.c.success.label("success"),
    func.coalesce(verifications.c.pending, literal(False)).label("pending"),  # noqa: FBT003 - SQL's false
    verifications.c.created_at.label("verified_at"),
)
"""The columns that `result` reads, of verifications joined with PROVIDER_VERSIONS."""
_names = (func.lower(_consumers.c.name), func.lower(_providers.c.name))
_pairs = (
    select(integrations.c.consumer_id, integrations.c.provider_id)
    .join(_consumers, _consumers.c.id == integrations.c.consumer_id)
    .join(_providers, _providers.c.id == integrations.c.provider_id)
    .order_by(*_names)
)
_matching = _pairs.where(or_(containing(_consumers.c.name), containing(_providers.c.name)))
_COUNT = select(func.count()).select_from(_matching.order_by(None).subquery())


def _summaries(pairs: Select[Any]) -> Select[Any]:
    """Return the statement for these pairs. *pairs* is one page: the newest pact of each is looked up."""
    pair = pairs.subquery("pair")
    latest_pact = newest_of_pair(pair.c.consumer_id, pair.c.provider_id)
    any_result = verifications.alias("any_result")
    was_verified = (
        select(literal(1))
        .where(any_result.c.consumer_id == pair.c.consumer_id, any_result.c.provider_id == pair.c.provider_id)
        .exists()
    )
    return (
        select(
            _consumers.c.name.label("consumer"),
            _providers.c.name.label("provider"),
            was_verified.label("was_verified"),
            _consumer_versions.c.number.label("consumer_version"),
            latest_branch(pact_publications.c.consumer_version_id).label("branch"),
            pact_versions.c.sha,
            pact_publications.c.created_at.label("published_at"),
            (pact_versions.c.interactions_count + pact_versions.c.messages_count).label("interactions"),
            *RESULT,
        )
        .select_from(pair)
        .join(_consumers, _consumers.c.id == pair.c.consumer_id)
        .join(_providers, _providers.c.id == pair.c.provider_id)
        .outerjoin(pact_publications, pact_publications.c.id == latest_pact)
        .outerjoin(_consumer_versions, _consumer_versions.c.id == pact_publications.c.consumer_version_id)
        .outerjoin(pact_versions, pact_versions.c.id == pact_publications.c.pact_version_id)
        .outerjoin(verifications, verifications.c.id == newest_result(pact_publications.c.pact_version_id))
        .outerjoin(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == verifications.c.provider_version_id)
        .order_by(*_names)
    )


_ONE_PAGE = _summaries(_matching.limit(bindparam("size")).offset(bindparam("skipped")))

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

    def page(self, search: str, page: Page) -> PartOfList[IntegrationSummary]:
        """Return the integrations whose consumer or provider has *search* in its name, in any case."""
        wanted = {"q": pattern(search)}
        total = self._connection.scalar(_COUNT, wanted) or 0
        rows = self._connection.execute(_ONE_PAGE, {**wanted, "size": page.size, "skipped": page.offset})
        return PartOfList([_integration(row) for row in rows], total, page)

    def services(self, search: str, size: int) -> list[ServiceSummary]:
        """Return at most *size* of the services that have a contract, and *search* in their name."""
        rows = self._connection.execute(_SERVICES, {"q": pattern(search), "size": size})
        return [_service(row) for row in rows]


def _integration(row: Any) -> IntegrationSummary:
    pact = None
    if row.consumer_version is not None:
        pact = PactSummary(row.consumer_version, row.branch, row.sha, row.published_at, row.interactions)
    return IntegrationSummary(
        row.consumer, row.provider, pact, result(row), was_verified=bool(row.was_verified)
    )


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
