"""Results of verifications (Pact Broker reference §7)."""

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime

from broker.domain.verifications.url_metadata import Metadata
from tally.hashing import compact_json, parse_exactly
from tally.values import dataclass


@dataclass(frozen=True)
class Shard:
    """One part of a verification that was divided between machines: *number* of *count*, of one *run*."""

    run: str
    number: int
    count: int


@dataclass(frozen=True)
class VerificationPart:
    """The result of one part of a verification. *test_results* is JSON as it was sent."""

    number: int
    success: bool
    test_results: bytes | None


@dataclass(frozen=True)
class Waiting:
    """A divided verification whose parts have not all arrived: *received* of *count*."""

    received: int
    count: int


@dataclass(frozen=True)
class NewVerification:
    """A result to be published. *test_results* and *verified_by* are JSON as it was sent."""

    consumer: str
    provider: str
    sha: str
    provider_version: str
    success: bool
    build_url: str | None = None
    test_results: bytes | None = None
    verified_by: bytes | None = None
    metadata: Metadata = field(default_factory=Metadata)
    shard: Shard | None = None


def merged(result: NewVerification, parts: Sequence[VerificationPart]) -> NewVerification:
    """Return the result of the whole: successful when every part was, with the test results of all."""
    found: list[object] = []
    for part in sorted(parts, key=lambda part: part.number):
        results = parse_exactly(part.test_results or b"null")
        found.extend(results if isinstance(results, list) else [results] if results is not None else [])
    return replace(
        result,
        success=all(part.success for part in parts),
        test_results=compact_json(found) if found else None,
        shard=None,
    )


@dataclass(frozen=True)
class Verification:
    """A stored result. *consumer_version* is the newest with this content, None when all were deleted."""

    number: int
    consumer: str
    provider: str
    sha: str
    consumer_version: str | None
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
    """A content between a consumer and a provider, by the storage's ids."""

    id: int
    consumer_id: int
    provider_id: int


@dataclass(frozen=True)
class ResultSubject:
    """What a new result is about, when it comes.

    *consumer_version* is the newest with the content, None when all were deleted. *has_webhooks* tells
    whether there is any webhook for the pair.
    """

    content: PactContent
    consumer_version: str | None
    has_webhooks: bool
