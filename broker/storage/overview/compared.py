"""What the newest documents of providers say about pacts, for lists of pacts with their newest results."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from broker.domain.decisions.evidence import (
    ComparisonMade,
    ComparisonVerdict,
    DocumentEvidence,
    PairEvidence,
)
from broker.domain.service_contracts.policy import Evidence
from broker.storage.conditions import latest_branch, newest
from broker.storage.decisions.contract_sources import newest_result_of, sets_of
from broker.storage.dialects import is_in
from broker.storage.tables import (
    comparisons,
    pact_versions,
    pacticipants,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_sets,
    versions,
)
from tally.values import dataclass

Pact = tuple[str, str, str]
"""The names of a consumer and a provider, and the hash of a content."""


@dataclass(frozen=True)
class NewestComparison:
    """What is known of a content and the newest version of its provider that has documents."""

    version_id: int
    version: str
    branch: str | None
    evidence: PairEvidence
    compared_at: datetime


_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_published = versions.alias("published")
_has_documents = (
    select(1)
    .where(service_contract_sets.c.pacticipant_id == pacticipants.c.id)
    .correlate(pacticipants)
    .exists()
)
_newest = (
    newest(_published, _published.c.id)
    .join(service_contract_publications, service_contract_publications.c.version_id == _published.c.id)
    .where(_published.c.pacticipant_id == pacticipants.c.id)
    .correlate(pacticipants)
    .scalar_subquery()
)
_versions = (
    select(_newest.label("version_id"))
    .select_from(pacticipants)
    .where(is_in(pacticipants.c.name, "providers"), _has_documents)
    .subquery("newest_versions")
)
_publications = (
    select(
        service_contract_publications.c.version_id,
        service_contract_publications.c.set_id,
        service_contract_publications.c.decides,
        service_contract_publications.c.created_at,
    )
    .join_from(
        _versions,
        service_contract_publications,
        service_contract_publications.c.version_id == _versions.c.version_id,
    )
    .subquery("newest_publications")
)
_sets = sets_of(_publications, past=False).cte("newest_sets")


def _has_result(condition: Any) -> ColumnElement[bool]:
    documents = service_contract_set_documents
    result = newest_result_of(documents.c.service_contract_id, _sets.c.version_id, "success", past=False)
    return select(1).where(documents.c.set_id == _sets.c.set_id, condition(result)).correlate(_sets).exists()


_COMPARED = (
    select(
        _consumers.c.name.label("consumer"),
        _providers.c.name.label("provider"),
        pact_versions.c.sha,
        _sets.c.version_id,
        _sets.c.number,
        latest_branch(_sets.c.version_id).label("branch"),
        _sets.c.evidence,
        comparisons.c.id,
        comparisons.c.verdict,
        comparisons.c.created_at,
        _has_result(lambda success: success.is_(False)).label("is_broken"),
        _has_result(lambda success: success.is_(None)).label("is_promised"),
    )
    .join_from(
        _sets,
        comparisons,
        (comparisons.c.set_id == _sets.c.set_id) & (comparisons.c.guaranteed == _sets.c.guaranteed),
    )
    .join(pact_versions, pact_versions.c.id == comparisons.c.pact_version_id)
    .join(_consumers, _consumers.c.id == comparisons.c.consumer_id)
    .join(_providers, _providers.c.id == comparisons.c.provider_id)
    .where(is_in(pact_versions.c.sha, "shas"))
)


class ComparedPacts:
    """Comparisons with the newest documents of providers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, pacts: Collection[Pact]) -> dict[Pact, NewestComparison]:
        """Return what is known of those of these pacts that were compared; one statement."""
        if not pacts:
            return {}
        rows = self._connection.execute(
            _COMPARED,
            {
                "providers": sorted({provider for _, provider, _ in pacts}),
                "shas": sorted({sha for _, _, sha in pacts}),
            },
        )
        return {(row.consumer, row.provider, row.sha): _comparison(row) for row in rows}


def _comparison(row: Any) -> NewestComparison:
    made = ComparisonMade(row.id, ComparisonVerdict(row.verdict), row.created_at)
    success = False if row.is_broken else None if row.is_promised else True
    documents = (DocumentEvidence("", "", "", success),)
    return NewestComparison(
        row.version_id,
        row.number,
        row.branch,
        PairEvidence(Evidence(row.evidence), made, documents),
        row.created_at,
    )
