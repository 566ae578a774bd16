"""Comparisons of pacts with the documents of services, as they are kept and listed."""

from datetime import datetime
from typing import Any

from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.verifications.result import PactContent
from tally.values import dataclass


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


@dataclass(frozen=True)
class StoredComparison:
    """A comparison as it is stored; *documents* are the names and hashes of those that it is with."""

    number: int
    verdict: ComparisonVerdict
    guaranteed: bool
    findings: bytes
    created_at: datetime
    documents: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ListedComparison:
    """A comparison in short. The versions are the newest that have the contents; None when none is left."""

    number: int
    consumer: str
    provider: str
    pact_sha: str
    verdict: ComparisonVerdict
    created_at: datetime
    consumer_version: str | None
    provider_version: str | None
