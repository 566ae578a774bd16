"""What is known of a pact and a version of its provider that has a service contract, and what follows.

A replay says what happened. A comparison says whether the documents of the provider allow what the pact
shows; it is worth as much as these documents, which the version has to keep.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from broker.domain.service_contracts.policy import Evidence
from tally.values import dataclass


class Kind(Enum):
    """What a row of a decision is about, and what decided it."""

    REPLAYED = "replayed"
    """A pact was replayed against the provider, or nothing has decided yet."""
    COMPARED = "compared"
    """A pact was compared with the service contract of the provider."""
    SERVICE_CONTRACT = "service-contract"
    """A document of a service was verified against a version of the service itself."""
    DEPENDENCY = "dependency"
    """A document of the consumer declares what it needs of the provider."""


class ComparisonVerdict(Enum):
    """What came of comparing a pact with the documents of a set."""

    COMPATIBLE = "compatible"
    INCOMPATIBLE = "incompatible"
    UNKNOWN = "unknown"


class Doubt(Enum):
    """Why a comparison did not decide, or on what its yes depends."""

    NOT_COMPARED = "not-compared"
    """The comparison has not been made yet; perhaps it was tried."""
    UNDECIDED = "undecided"
    """The comparison could not tell."""
    PROMISED = "promised"
    """No run has verified each document against this version."""
    NOT_KEPT = "not-kept"
    """A run found that the version does not keep a document."""
    REPLAY_ASKED = "replay-asked"
    """The provider's policy asks for a replay of the pact."""


@dataclass(frozen=True)
class ComparisonMade:
    """A comparison that was made. *id* is its number."""

    id: int
    verdict: ComparisonVerdict
    created_at: datetime


@dataclass(frozen=True)
class FailedTry:
    """Why a comparison could not be made when it was tried last, and until when it is tried again."""

    reason: str
    again_by: datetime

    @property
    def text(self) -> str:
        """When that is, and why."""
        return f"{self.reason}; it is tried again by {self.again_by.isoformat(timespec='seconds')}"


@dataclass(frozen=True)
class DocumentEvidence:
    """A document of a version, and the newest result of verifying that version against it, if any."""

    name: str
    specification: str
    sha: str
    success: bool | None = None
    result_number: int | None = None
    verified_at: datetime | None = None


@dataclass(frozen=True)
class PairEvidence:
    """What is known besides replays of a pact and a version whose service contract counts."""

    policy: Evidence
    comparison: ComparisonMade | None = None
    documents: tuple[DocumentEvidence, ...] = ()
    failure: FailedTry | None = None

    @property
    def unverified(self) -> tuple[DocumentEvidence, ...]:
        """The documents that no run has verified against the version."""
        return tuple(document for document in self.documents if document.success is None)

    @property
    def broken(self) -> tuple[DocumentEvidence, ...]:
        """The documents that the version does not keep."""
        return tuple(document for document in self.documents if document.success is False)


@dataclass(frozen=True)
class Judgement:
    """Whether a pact and a version fit; None is not known. *kind* is what decided, *doubt* what to know."""

    success: bool | None
    kind: Kind = Kind.REPLAYED
    doubt: Doubt | None = None


def judge(replayed: bool | None, evidence: PairEvidence) -> Judgement:  # noqa: FBT001 - the result itself
    """Return what follows from a replay, which passed, failed or was not made, and from the evidence.

    Whatever failed fails. A replay that passed passes. A comparison that passed passes when each document was
    verified against this version, or the policy takes the promise. Anything else is not known.
    """
    comparison = evidence.comparison
    if replayed is False:
        return Judgement(success=False)
    if comparison is not None and comparison.verdict is ComparisonVerdict.INCOMPATIBLE:
        return Judgement(success=False, kind=Kind.COMPARED)
    if replayed:
        return Judgement(success=True)
    if evidence.broken:
        return Judgement(success=False, kind=Kind.COMPARED, doubt=Doubt.NOT_KEPT)
    return _without_failure(evidence)


def _without_failure(evidence: PairEvidence) -> Judgement:
    comparison = evidence.comparison
    if evidence.policy is Evidence.REPLAY:
        return Judgement(None, doubt=Doubt.REPLAY_ASKED)
    if comparison is None:
        return Judgement(None, doubt=Doubt.NOT_COMPARED)
    if comparison.verdict is not ComparisonVerdict.COMPATIBLE:
        return Judgement(None, doubt=Doubt.UNDECIDED)
    if evidence.documents and not evidence.unverified:
        return Judgement(success=True, kind=Kind.COMPARED)
    passes = evidence.policy is Evidence.PROMISE
    return Judgement(True if passes else None, Kind.COMPARED if passes else Kind.REPLAYED, Doubt.PROMISED)


def names(documents: Sequence[DocumentEvidence]) -> str:
    """Return the names of documents as part of a sentence."""
    return " and ".join(document.name for document in documents)
