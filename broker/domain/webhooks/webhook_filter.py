"""Which webhooks a list shows, and in which order."""

from enum import StrEnum

from broker.domain.webhooks.events import Event
from tally.values import dataclass


class WebhookState(StrEnum):
    """Whether a webhook works. One that the broker has disabled for its failures fails as well."""

    FAILING = "failing"
    ON = "on"
    OFF = "off"


class WebhookSort(StrEnum):
    """The orders of a list of webhooks."""

    STATE = "state"
    NAME = "name"
    CREATED = "created"


@dataclass(frozen=True)
class WebhookOrder:
    """By what a list of webhooks is sorted."""

    by: WebhookSort = WebhookSort.STATE
    descending: bool = False


@dataclass(frozen=True)
class WebhookFilter:
    """What the webhooks of a list have in common; *application* is the consumer or the provider of each."""

    state: WebhookState | None = None
    event: Event | None = None
    application: str | None = None


@dataclass(frozen=True)
class CountsByState:
    """How many webhooks there are in each state."""

    failing: int = 0
    on: int = 0
    off: int = 0

    @property
    def all(self) -> int:
        """How many there are."""
        return self.failing + self.on + self.off
