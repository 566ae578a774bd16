"""The rows of a decision in which service contracts count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from broker.domain.decisions.contract_facts import ContractFacts, OwnDocument, Pair
from broker.domain.decisions.dependencies import dependency_rows
from broker.domain.decisions.evidence import Doubt, Kind, judge
from broker.domain.decisions.matrix import ContractPart, Row, Undecided, Verdict
from broker.domain.decisions.selectors import Choice

UndecidedVersions = Mapping[tuple[int, str], Sequence[Undecided]]
"""By the id of the consumer version and the name of the provider."""
_Key = tuple[int, str, int, int | None]


def with_contracts(
    rows: Sequence[Row], facts: ContractFacts, choices: Sequence[Choice], limit: int | None = None
) -> tuple[Row, ...]:
    """Return the rows with what service contracts add: other verdicts, and rows of their own.

    *limit* keeps the newest.
    """
    evidence = {_key(pair.row): pair for pair in facts.pairs}
    found = [_judged(row, evidence.get(_key(row))) for row in rows]
    there = {_key(row) for row in rows}
    compared = [_judged(pair.row, pair) for key, pair in evidence.items() if key not in there]
    found += [row for row in compared if row.verdict is not Verdict.UNKNOWN]
    found += [_own(document) for document in facts.documents if _is_asked(document, choices)]
    found += dependency_rows(facts, choices)
    decided = {_pact(row) for row in found if row.provider_version is not None and not row.subject}
    kept = [row for row in found if row.provider_version or row.subject or _pact(row) not in decided]
    return tuple(kept if limit is None else _newest(kept, limit))


def undecided(facts: ContractFacts) -> UndecidedVersions:
    """Return the versions whose documents do not decide about a pact that was not replayed against them."""
    found: dict[tuple[int, str], list[Undecided]] = {}
    for pair in facts.pairs:
        judgement = judge(None, pair.evidence)
        version = pair.row.provider_version
        if judgement.success is None and version is not None:
            found.setdefault((pair.row.consumer_version.id, pair.row.provider), []).append(
                Undecided(version, judgement.doubt or Doubt.NOT_COMPARED, pair.evidence)
            )
    return found


def explained(row: Row, versions: UndecidedVersions) -> Row:
    """Return the row, with the versions that leave it without a result when it has none."""
    if row.verdict is not Verdict.UNKNOWN or row.subject:
        return row
    meant = [
        found
        for found in versions.get((row.consumer_version.id, row.provider), ())
        if row.provider_version in {None, found.version}
    ]
    if not meant:
        return row
    newest_first = tuple(sorted(meant, key=lambda found: -found.version.position))
    return replace(row, contract=ContractPart(Kind.REPLAYED, undecided=newest_first))


def without_needless_doubt(rows: Sequence[Row]) -> list[Row]:
    """Leave out the versions that may or may not have what is needed, where another one is known to.

    That is how it is with pacts when one version of several is enough.
    """
    known = {
        (row.consumer_version, row.provider)
        for row in rows
        if row.kind is Kind.DEPENDENCY and row.verdict is not Verdict.UNKNOWN
    }
    return [
        row
        for row in rows
        if row.kind is not Kind.DEPENDENCY
        or row.verdict is not Verdict.UNKNOWN
        or (row.consumer_version, row.provider) not in known
    ]


def _judged(row: Row, pair: Pair | None) -> Row:
    """Return the row as the evidence lets it be: what was compared is of the moment of the comparison."""
    if pair is None or row.provider_version is None:
        return row
    judgement = judge(row.verdict.value, pair.evidence)
    decided_at = row.verified_at
    if judgement.doubt is Doubt.NOT_KEPT:
        decided_at = pair.evidence.broken[0].verified_at
    elif judgement.kind is Kind.COMPARED and pair.evidence.comparison is not None:
        decided_at = pair.evidence.comparison.created_at
    return replace(
        row,
        verdict=Verdict(judgement.success),
        verified_at=decided_at,
        contract=ContractPart(judgement.kind, pair.evidence, judgement.doubt),
    )


def _own(found: OwnDocument) -> Row:
    return Row(
        consumer=found.service,
        consumer_version=found.version,
        provider=found.service,
        provider_version=found.version,
        verdict=Verdict(found.document.success),
        sha=found.document.sha,
        published_at=found.published_at,
        verified_at=found.document.verified_at,
        contract=ContractPart(Kind.SERVICE_CONTRACT, document=found.document),
    )


def _is_asked(found: OwnDocument, choices: Iterable[Choice]) -> bool:
    """Return whether the question is about this version, and a run has said something about the document."""
    return found.document.success is not None and any(
        choice.specified and not choice.selector.is_open and choice.covers(found.service, found.version)
        for choice in choices
    )


def _key(row: Row) -> _Key:
    version = row.provider_version
    return row.consumer_version.id, row.provider, row.revision, version.id if version else None


def _pact(row: Row) -> tuple[int, str, int]:
    return row.consumer_version.id, row.provider, row.revision


def _newest(rows: Iterable[Row], limit: int) -> list[Row]:
    order = sorted(rows, key=lambda row: (-row.consumer_version.position, -(row.result_number or 0)))
    return order[:limit]
