"""What came of comparing pacts with the documents of services, by the pair of contents and the policy."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.verifications.result import PactContent
from broker.storage.tables import comparisons


@dataclass(frozen=True)
class ComparedPair:
    """The contents that are compared, and whether what is not guaranteed counts as incompatible."""

    pact: PactContent
    set_id: int
    guaranteed: bool = False

    @property
    def key(self) -> dict[str, Any]:
        """The columns that tell one comparison from others."""
        return {"pact_version_id": self.pact.id, "set_id": self.set_id, "guaranteed": self.guaranteed}


_SAME = ("pact_version_id", "set_id", "guaranteed")
_FIND = select(comparisons.c.verdict, comparisons.c.findings).where(
    *(comparisons.c[name] == bindparam(name) for name in _SAME)
)
_ADD = insert(comparisons).on_conflict_do_nothing(index_elements=list(_SAME)).returning(comparisons.c.id)


class Comparisons:
    """Comparisons that were made. One that is there never changes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, pair: ComparedPair) -> tuple[ComparisonVerdict, bytes] | None:
        """Return the verdict and the findings as JSON, or None when the two were not compared."""
        row = self._connection.execute(_FIND, pair.key).first()
        return (ComparisonVerdict(row.verdict), row.findings) if row else None

    def add(self, pair: ComparedPair, verdict: ComparisonVerdict, findings: bytes, now: datetime) -> bool:
        """Keep a comparison. Return False when the two were compared already; nothing is changed then."""
        values = {
            **pair.key,
            "consumer_id": pair.pact.consumer_id,
            "provider_id": pair.pact.provider_id,
            "verdict": verdict.value,
            "findings": findings,
            "created_at": now,
        }
        return self._connection.execute(_ADD, values).scalar() is not None
