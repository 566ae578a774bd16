"""What service contracts have to do with a row of the matrix, as JSON and as links."""

from broker.domain.decisions.evidence import DocumentEvidence, Doubt, Kind, PairEvidence
from broker.domain.decisions.matrix import ContractPart, Row, Undecided
from broker.web.hal import Hal, Links, timestamp

_NOTES = {
    Doubt.NOT_COMPARED: "not compared yet",
    Doubt.UNDECIDED: "the comparison could not tell",
    Doubt.PROMISED: "only promised: no run has verified the document",
    Doubt.NOT_KEPT: "the version does not keep the document",
    Doubt.REPLAY_ASKED: "the policy of the provider asks for a replay",
}


def represent(row: Row, links: Links) -> Hal:
    """Return the keys that a row has besides a Pact Broker's; none where no service contract counts."""
    part = row.contract
    if part is None:
        return {}
    if row.kind is Kind.DEPENDENCY:
        return {"tally:kind": row.kind.value, "tally:evidence": {"problems": list(part.problems)}}
    if part.document is not None:
        documents = [_document(part.document, row.provider, links)]
        return {"tally:kind": row.kind.value, "tally:evidence": {"documents": documents}}
    if part.undecided:
        undecided = [_undecided(found, row, links) for found in part.undecided]
        return {"tally:kind": None, "tally:evidence": {"undecided": undecided}}
    return {"tally:kind": row.kind.value, "tally:evidence": _decided(part, row, links)}


def contract_url(row: Row, links: Links) -> str | None:
    """Return the URL of the service contract that the row is about; None for a row about a pact."""
    if row.kind is Kind.DEPENDENCY:
        version = {"pacticipant": row.consumer, "version": row.consumer_version.number}
        return links.href("service-contract", **version)
    if row.kind is Kind.SERVICE_CONTRACT:
        return links.href("service-contract-content", pacticipant=row.provider, sha=row.sha)
    return None


def result_url(row: Row, links: Links) -> str | None:
    """Return the URL of what decided the row, when that is a comparison or a result of a document."""
    part = row.contract
    if part is None:
        return None
    if part.document is not None:
        return _document_result_url(part.document, row.provider, links)
    evidence = part.evidence
    if part.doubt is Doubt.NOT_KEPT and evidence is not None:
        return _document_result_url(evidence.broken[0], row.provider, links)
    if part.kind is Kind.COMPARED and evidence is not None and evidence.comparison is not None:
        return _comparison_url(row, evidence.comparison.id, links)
    return contract_url(row, links) if row.kind is Kind.DEPENDENCY else None


def _decided(part: ContractPart, row: Row, links: Links) -> Hal:
    found = _evidence(part.evidence, row, links) if part.evidence else {}
    return {**found, **({"note": _NOTES[part.doubt]} if part.doubt else {})}


def _undecided(found: Undecided, row: Row, links: Links) -> Hal:
    failure = found.evidence.failure if found.doubt is Doubt.NOT_COMPARED else None
    tried = failure and {"reason": failure.reason, "againBy": timestamp(failure.again_by)}
    return {
        "version": found.version.number,
        "reason": found.doubt.value,
        "note": f"it could not be compared ({failure.text})" if failure else _NOTES[found.doubt],
        **({"failedTry": tried} if tried else {}),
        **_evidence(found.evidence, row, links),
    }


def _evidence(evidence: PairEvidence, row: Row, links: Links) -> Hal:
    made = evidence.comparison
    comparison: Hal | None = None
    if made is not None:
        comparison = {
            "verdict": made.verdict.value,
            "comparedAt": timestamp(made.created_at),
            "_links": {"self": {"href": _comparison_url(row, made.id, links)}},
        }
    return {
        "policy": evidence.policy.value,
        "comparison": comparison,
        "documents": [_document(document, row.provider, links) for document in evidence.documents],
    }


def _document(document: DocumentEvidence, service: str, links: Links) -> Hal:
    result = _document_result_url(document, service, links)
    content = links.href("service-contract-content", pacticipant=service, sha=document.sha)
    return {
        "name": document.name,
        "specification": document.specification,
        "verified": document.success,
        "_links": {
            "tally:service-contract-content": {"href": content},
            **({"pb:verification-result": {"href": result}} if result else {}),
        },
    }


def _document_result_url(document: DocumentEvidence, service: str, links: Links) -> str | None:
    if document.result_number is None:
        return None
    return links.href(
        "service-contract-result", pacticipant=service, sha=document.sha, number=str(document.result_number)
    )


def _comparison_url(row: Row, number: int, links: Links) -> str:
    return links.href(
        "comparison", provider=row.provider, consumer=row.consumer, sha=row.sha, number=str(number)
    )
