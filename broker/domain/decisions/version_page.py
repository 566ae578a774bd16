"""What the page of a version lists, in short."""

from collections.abc import Sequence
from datetime import datetime

from broker.domain.decisions.comparisons import ListedComparison
from broker.domain.decisions.selectors import VersionRef
from broker.domain.overview.summaries import ResultSummary
from broker.domain.scenarios.result import Participant
from tally.values import dataclass


@dataclass(frozen=True)
class PactOfVersion:
    """A pact of a consumer version, and the newest result of its content, by the version *verifier*.

    *has_documents* says whether that version has a service contract, which may decide otherwise.
    """

    provider: str
    provider_id: int
    interactions: int
    sha: str
    published_at: datetime
    result: ResultSummary | None
    verifier: VersionRef | None
    has_documents: bool


@dataclass(frozen=True)
class VerifiedVersion:
    """A pact that a provider version has verified; *version* is the newest of the consumer with its content.

    *number* is that of the result; *version* is None when every version with the content was deleted.
    """

    consumer: str
    consumer_id: int
    version: VersionRef | None
    branch: str | None
    published_at: datetime | None
    sha: str
    number: int
    result: ResultSummary


@dataclass(frozen=True)
class ScenarioSummary:
    """A scenario in which the version took part."""

    id: int
    title: str
    success: bool
    created_at: datetime
    participants: Sequence[Participant]


@dataclass(frozen=True)
class DocumentSummary:
    """A document of a version. *success* is what came of verifying it last, by *verified_by*."""

    name: str
    specification: str
    sha: str
    operations: int
    success: bool | None
    verified_by: str | None
    verified_at: datetime | None


@dataclass(frozen=True)
class ComparedDocuments:
    """What came of comparing the documents of a version with pacts; *waiting* are still to be compared."""

    items: Sequence[ListedComparison]
    has_more: bool
    waiting: int
