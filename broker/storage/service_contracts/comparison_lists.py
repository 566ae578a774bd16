"""Reading comparisons: those of a pact, and those of the documents of a version."""

from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, select

from broker.domain.decisions.comparisons import ListedComparison
from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.pagination import Page, PartOfList
from broker.storage.conditions import newest
from broker.storage.pagination import Pageable
from broker.storage.service_contracts.comparisons import unpacked
from broker.storage.tables import (
    comparisons,
    pact_publications,
    pact_versions,
    pacticipants,
    service_contract_publications,
    versions,
)

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_published = versions.alias("published")
_with_pact = (
    newest(_published, _published.c.number)
    .join_from(_published, pact_publications, pact_publications.c.consumer_version_id == _published.c.id)
    .where(pact_publications.c.pact_version_id == comparisons.c.pact_version_id)
    .correlate(comparisons)
    .scalar_subquery()
)
_with_documents = (
    newest(_published, _published.c.number)
    .join_from(
        _published,
        service_contract_publications,
        service_contract_publications.c.version_id == _published.c.id,
    )
    .where(service_contract_publications.c.set_id == comparisons.c.set_id)
    .correlate(comparisons)
    .scalar_subquery()
)


def _select() -> Select[Any]:
    return (
        select(
            comparisons.c.id,
            _consumers.c.name.label("consumer"),
            _providers.c.name.label("provider"),
            pact_versions.c.sha.label("pact_sha"),
            comparisons.c.verdict,
            comparisons.c.created_at,
            _with_pact.label("consumer_version"),
            _with_documents.label("provider_version"),
        )
        .select_from(comparisons)
        .join(_consumers, _consumers.c.id == comparisons.c.consumer_id)
        .join(_providers, _providers.c.id == comparisons.c.provider_id)
        .join(pact_versions, pact_versions.c.id == comparisons.c.pact_version_id)
        .where(comparisons.c.guaranteed == bindparam("guaranteed"))
    )


_NEWEST_FIRST = comparisons.c.id.desc()
_OF_PACT = Pageable(
    _select().where(comparisons.c.pact_version_id == bindparam("pact_version_id")).order_by(_NEWEST_FIRST)
)
_OF_SET = Pageable(
    _select().where(comparisons.c.set_id == bindparam("set_id")).order_by(_consumers.c.name, _NEWEST_FIRST)
)
_RANKS = {ComparisonVerdict.INCOMPATIBLE.value: 0, ComparisonVerdict.UNKNOWN.value: 1}
_WORST_FIRST = case(_RANKS, value=comparisons.c.verdict, else_=len(_RANKS))
_OF_SET_WORST_FIRST = Pageable(
    _select()
    .where(comparisons.c.set_id == bindparam("set_id"))
    .order_by(_WORST_FIRST, _consumers.c.name, _NEWEST_FIRST)
)
_FINDINGS = select(comparisons.c.findings).where(
    comparisons.c.id == bindparam("number"), comparisons.c.set_id == bindparam("set_id")
)


class ComparisonLists:
    """Comparisons, as people and programs read them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_pact(self, pact_version_id: int, page: Page, *, guaranteed: bool) -> PartOfList[ListedComparison]:
        """Return those of a content of a pact, newest first."""
        return self._part(_OF_PACT, {"pact_version_id": pact_version_id, "guaranteed": guaranteed}, page)

    def of_set(self, set_id: int, page: Page, *, guaranteed: bool) -> PartOfList[ListedComparison]:
        """Return those of a set of documents, by consumer."""
        return self._part(_OF_SET, {"set_id": set_id, "guaranteed": guaranteed}, page)

    def worst_of_set(self, set_id: int, page: Page, *, guaranteed: bool) -> PartOfList[ListedComparison]:
        """Return those of a set of documents, what does not fit first."""
        return self._part(_OF_SET_WORST_FIRST, {"set_id": set_id, "guaranteed": guaranteed}, page)

    def findings(self, set_id: int, number: int) -> bytes | None:
        """Return what a comparison with these documents found, as JSON."""
        stored = self._connection.scalar(_FINDINGS, {"set_id": set_id, "number": number})
        return None if stored is None else unpacked(stored)

    def _part(self, listed: Pageable, values: dict[str, Any], page: Page) -> PartOfList[ListedComparison]:
        rows, total = listed.read(self._connection, values, page)
        return PartOfList(list(map(_listed, rows)), total, page)


def _listed(row: Row[Any]) -> ListedComparison:
    return ListedComparison(
        row.id,
        row.consumer,
        row.provider,
        row.pact_sha,
        ComparisonVerdict(row.verdict),
        row.created_at,
        row.consumer_version,
        row.provider_version,
    )
