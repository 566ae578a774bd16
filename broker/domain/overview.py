"""What the pages show at a glance."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class PactStatus(Enum):
    """How a provider stands to the latest pact of a consumer (reference §11.1)."""

    NEVER = "never verified"
    VERIFIED = "verified"
    FAILED = "failed"
    CHANGED = "changed"
    """An earlier content was verified, the latest is not yet."""


@dataclass(frozen=True)
class PactSummary:
    """The latest pact of an integration; *interactions* counts messages too."""

    consumer_version: str
    sha: str
    published_at: datetime
    interactions: int


@dataclass(frozen=True)
class ResultSummary:
    """The newest result of a content."""

    number: int
    provider_version: str
    success: bool
    verified_at: datetime


@dataclass(frozen=True)
class Integration:
    """A consumer and a provider with their latest pact, and its newest result."""

    consumer: str
    provider: str
    pact: PactSummary | None
    result: ResultSummary | None
    was_verified: bool
    """Whether any content between the two was ever verified."""

    @property
    def status(self) -> PactStatus:
        """How the provider stands to the latest pact."""
        if self.result is not None:
            return PactStatus.VERIFIED if self.result.success else PactStatus.FAILED
        return PactStatus.CHANGED if self.was_verified and self.pact else PactStatus.NEVER


@dataclass(frozen=True)
class Page:
    """One page of the integrations; *number* counts from 1, *total* counts all that match the search."""

    integrations: tuple[Integration, ...]
    number: int
    size: int
    total: int

    @property
    def count(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // self.size))
