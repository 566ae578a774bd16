"""Pacts with their newest results, for dashboards (Pact Broker reference §11.2)."""

from datetime import datetime

from broker.domain.model import Version
from broker.domain.overview.summaries import PactStatus, status_of_content
from broker.domain.pacticipants.details import LatestTag
from tally.values import dataclass


@dataclass(frozen=True)
class DashboardPact:
    """A pact on the dashboard. *tags* are those whose latest pact this is."""

    consumer: str
    provider: str
    consumer_version: Version
    published_at: datetime
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class DashboardResult:
    """The newest result of the content of a pact."""

    provider_version: Version
    success: bool
    pending: bool
    verified_at: datetime
    tags: tuple[LatestTag, ...] = ()


@dataclass(frozen=True)
class DashboardItem:
    """A pact with the newest result of its content."""

    pact: DashboardPact
    result: DashboardResult | None

    @property
    def status(self) -> PactStatus:
        """The status of the pact; results of other contents say nothing about it."""
        if self.result is None:
            return PactStatus.NEVER
        return status_of_content(success=self.result.success, pending=self.result.pending)

    @property
    def last_activity(self) -> datetime:
        """When the pact was last published or verified."""
        published = self.pact.published_at
        return published if self.result is None else max(published, self.result.verified_at)
