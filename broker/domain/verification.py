"""Results of verifications (Pact Broker reference §7)."""

from dataclasses import dataclass, field
from datetime import datetime

from broker.domain.metadata import Metadata


@dataclass(frozen=True)
class NewVerification:
    """A result as a provider publishes it. *test_results* and *verified_by* are JSON as it was sent."""

    consumer: str
    provider: str
    sha: str
    provider_version: str
    success: bool
    build_url: str | None = None
    test_results: bytes | None = None
    verified_by: bytes | None = None
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True)
class Verification:
    """A result that is stored. *consumer_version* is the newest one that has this content."""

    number: int
    consumer: str
    provider: str
    sha: str
    consumer_version: str
    provider_version: str
    success: bool
    wip: bool
    pending: bool | None
    build_url: str | None
    test_results: bytes | None
    verified_by: bytes | None
    created_at: datetime


@dataclass(frozen=True)
class PactContent:
    """The storage's identifiers of a distinct content between a consumer and a provider."""

    id: int
    consumer_id: int
    provider_id: int
