"""What came of comparing pacts with the documents of services, by the pair of contents and the policy."""

import zlib
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.decisions.comparisons import ComparedPair, StoredComparison
from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.verifications.result import PactContent
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import comparisons, service_contract_set_documents, service_contracts

_SAME = ("pact_version_id", "set_id", "guaranteed")
_FIND = select(comparisons.c.verdict, comparisons.c.findings).where(
    *(comparisons.c[name] == bindparam(name) for name in _SAME)
)
_BY_NUMBER = select(
    comparisons.c.id,
    comparisons.c.verdict,
    comparisons.c.guaranteed,
    comparisons.c.findings,
    comparisons.c.created_at,
).where(
    comparisons.c.id == bindparam("number"),
    comparisons.c.pact_version_id == bindparam("content_id"),
)
_DOCUMENTS = (
    select(service_contract_set_documents.c.name, service_contracts.c.sha)
    .join_from(
        comparisons,
        service_contract_set_documents,
        comparisons.c.set_id == service_contract_set_documents.c.set_id,
    )
    .join(service_contracts, service_contracts.c.id == service_contract_set_documents.c.service_contract_id)
    .where(comparisons.c.id == bindparam("number"))
    .order_by(service_contract_set_documents.c.name)
)
_ADD = insert(comparisons).on_conflict_do_nothing(index_elements=list(_SAME)).returning(comparisons.c.id)


def packed(findings: bytes) -> bytes:
    """Return JSON as it is stored: findings repeat themselves, and take a twentieth of their length."""
    return zlib.compress(findings, 1)


def unpacked(stored: bytes) -> bytes:
    """Return the JSON that was packed."""
    return zlib.decompress(stored)


class Comparisons:
    """Comparisons that were made. One that is there never changes."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def find(self, pair: ComparedPair) -> tuple[ComparisonVerdict, bytes] | None:
        """Return the verdict and the findings as JSON, or None when the two were not compared."""
        row = self._connection.execute(_FIND, pair.key).first()
        return (ComparisonVerdict(row.verdict), unpacked(row.findings)) if row else None

    def by_number(self, content: PactContent, number: int) -> StoredComparison | None:
        """Return a comparison of this content."""
        row = self._connection.execute(_BY_NUMBER, {"number": number, "content_id": content.id}).first()
        if row is None:
            return None
        documents = self._connection.execute(_DOCUMENTS, {"number": number})
        return StoredComparison(
            row.id,
            ComparisonVerdict(row.verdict),
            bool(row.guaranteed),
            unpacked(row.findings),
            row.created_at,
            tuple((document.name, document.sha) for document in documents),
        )

    def add(
        self, pair: ComparedPair, verdict: ComparisonVerdict, findings: bytes, now: datetime
    ) -> int | None:
        """Keep a comparison and return its number; None, having changed nothing, when there is one."""
        values = {
            **pair.key,
            "consumer_id": pair.pact.consumer_id,
            "provider_id": pair.pact.provider_id,
            "verdict": verdict.value,
            "findings": packed(findings),
            "created_at": now,
        }
        number: int | None = self._connection.execute(_ADD, values).scalar()
        self._marks.compared(pair.pact.consumer_id, pair.pact.provider_id)
        return number
