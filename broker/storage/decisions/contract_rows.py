"""The rows that `contract_statements` finds about service contracts, as values."""

from collections.abc import Iterable
from typing import Any

from broker.domain.decisions.contract_facts import NONE, ContractFacts, Declared, OwnDocument, Pair
from broker.domain.decisions.evidence import (
    ComparisonMade,
    ComparisonVerdict,
    DocumentEvidence,
    FailedTry,
    PairEvidence,
)
from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.selectors import VersionRef
from broker.domain.service_contracts.needs import Need
from broker.domain.service_contracts.policy import Evidence
from broker.storage.decisions.contract_parts import Part


def contract_facts(rows: Iterable[Any]) -> ContractFacts:
    """Return what the rows say that are not about pacts and results alone."""
    of_part: dict[int, list[Any]] = {}
    for row in rows:
        of_part.setdefault(row.part, []).append(row)
    if not of_part:
        return NONE
    documents = tuple(map(_document, of_part.get(Part.DOCUMENT, ())))
    offers = [row for part in (Part.OFFER, Part.NEWEST) for row in of_part.get(part, ())]
    keys: dict[int, set[str]] = {}
    for row in offers:
        keys.setdefault(row.provider_version_id, set()).update([] if row.key is None else [row.key])
    return ContractFacts(
        _pairs(of_part.get(Part.PAIR, ()), documents),
        documents,
        _declared(of_part.get(Part.NEED, ())),
        {version_id: frozenset(found) for version_id, found in keys.items()},
        {row.provider: _provider_version(row) for row in of_part.get(Part.NEWEST, ())},
    )


def _document(row: Any) -> OwnDocument:
    success = None if row.success is None else bool(row.success)
    document = DocumentEvidence(row.name, row.specification, row.sha, success, row.result, row.verified_at)
    return OwnDocument(row.provider, _provider_version(row), row.published_at, document)


def _pairs(rows: Iterable[Any], documents: Iterable[OwnDocument]) -> tuple[Pair, ...]:
    of_version: dict[int, list[DocumentEvidence]] = {}
    for found in sorted(documents, key=lambda found: found.document.name):
        of_version.setdefault(found.version.id, []).append(found.document)
    # A version alone is found on both sides: as the consumer, and as the provider.
    return tuple(dict.fromkeys(_pair(row, of_version.get(row.provider_version_id, ())) for row in rows))


def _pair(row: Any, documents: Iterable[DocumentEvidence]) -> Pair:
    comparison, failure = None, None
    if row.comparison is not None:
        comparison = ComparisonMade(row.comparison, ComparisonVerdict(row.verdict), row.verified_at)
    elif row.name is not None:
        failure = FailedTry(row.name, row.verified_at)
    return Pair(
        Row(
            consumer=row.consumer,
            consumer_version=_consumer_version(row),
            provider=row.provider,
            provider_version=_provider_version(row),
            verdict=Verdict.UNKNOWN,
            sha=row.sha,
            published_at=row.published_at,
            revision=row.revision,
        ),
        PairEvidence(Evidence(row.policy), comparison, tuple(documents), failure),
    )


def _declared(rows: Iterable[Any]) -> tuple[Declared, ...]:
    # One document may be in the sets of several versions that were chosen.
    of_dependency: dict[tuple[int, int], list[Any]] = {}
    for row in rows:
        of_dependency.setdefault((row.consumer_version_id, row.result), []).append(row)
    return tuple(
        Declared(
            first.consumer,
            _consumer_version(first),
            first.provider,
            first.published_at,
            tuple(
                Need(row.key, row.name) for row in sorted(found, key=lambda row: row.name or "") if row.key
            ),
            first.versions,
            bool(first.success),
        )
        for first, found in ((found[0], found) for _, found in sorted(of_dependency.items()))
    )


def _consumer_version(row: Any) -> VersionRef:
    return VersionRef(row.consumer_version_id, row.consumer_version, row.position)


def _provider_version(row: Any) -> VersionRef:
    return VersionRef(row.provider_version_id, row.provider_version, row.provider_position)
