"""The status of a pact, and results in short."""

from datetime import datetime
from enum import Enum

from tally.values import dataclass


class PactStatus(Enum):
    """The status of the latest pact of a consumer with a provider (reference §11.1)."""

    NEVER = "never verified"
    VERIFIED = "verified"
    FAILED = "failed"
    PENDING = "failed (pending)"
    """The newest result is a failure that did not fail the provider's build: the pact was pending."""
    CHANGED = "changed"
    """An earlier content was verified, but there is no result yet for the latest."""

    __hash__ = object.__hash__  # there is only one of each; that of Enum takes many times as long


def status_of_content(*, success: bool, pending: bool) -> PactStatus:
    """Return the status of a content by a result of it."""
    if success:
        return PactStatus.VERIFIED
    return PactStatus.PENDING if pending else PactStatus.FAILED


@dataclass(frozen=True)
class ResultSummary:
    """A result; *version* is that of the provider, and *branch* the one that it joined last."""

    version: str
    branch: str | None
    success: bool
    pending: bool
    verified_at: datetime

    @property
    def status(self) -> PactStatus:
        """The status of the content that the result is about."""
        return status_of_content(success=self.success, pending=self.pending)


def status_of_latest(result: ResultSummary | None, earlier: ResultSummary | None) -> PactStatus:
    """Return the status of the latest pact: while it has no result, an earlier failure still stands.

    *earlier* is the newest result of the last pact that has any.
    """
    if result is not None:
        return result.status
    if earlier is None:
        return PactStatus.NEVER
    return PactStatus.CHANGED if earlier.success else earlier.status


@dataclass(frozen=True)
class ServiceSummary:
    """The latest service contract of a pacticipant, and the newest result of its content."""

    pacticipant: str
    version: str
    specification: str
    operations: int
    published_at: datetime
    result: ResultSummary | None
