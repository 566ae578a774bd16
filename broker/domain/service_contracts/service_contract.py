"""Service contracts as they are stored, and the results of verifying them."""

from datetime import datetime

from tally.values import dataclass


@dataclass(frozen=True)
class ServiceContractDocument:
    """A document as it is stored: once for each pacticipant and hash."""

    id: int
    pacticipant: str
    sha: str
    specification: str
    document: bytes
    operations_count: int
    created_at: datetime


@dataclass(frozen=True)
class PublishedServiceContract:
    """A document of a version; *published_at* is when the version got its first one."""

    version: str
    published_at: datetime
    content: ServiceContractDocument
    name: str


@dataclass(frozen=True)
class NewServiceContractResult:
    """A result as a provider publishes it. *test_results* and *verified_by* are JSON as it was sent."""

    provider_version: str
    success: bool
    build_url: str | None = None
    test_results: bytes | None = None
    verified_by: bytes | None = None


@dataclass(frozen=True)
class ListedContractResult:
    """A result in short: whether a version of the service keeps to the document with this name."""

    number: int
    document: str
    sha: str
    provider_version: str
    success: bool
    created_at: datetime


@dataclass(frozen=True)
class ServiceContractResult:
    """A result that is stored."""

    number: int
    pacticipant: str
    sha: str
    provider_version: str
    success: bool
    build_url: str | None
    test_results: bytes | None
    verified_by: bytes | None
    created_at: datetime

    def says(self, result: NewServiceContractResult) -> bool:
        """Return whether *result* says the same of the document."""
        return (self.success, self.test_results, self.verified_by) == (
            result.success,
            result.test_results,
            result.verified_by,
        )
