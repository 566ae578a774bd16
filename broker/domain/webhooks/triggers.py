"""Which webhooks an event fires (Pact Broker reference §10.2)."""

from collections.abc import Collection, Iterable

from broker.domain.webhooks.events import Event
from tally.values import dataclass

TEST_EVENT = "test"


@dataclass(frozen=True)
class LabelledIntegration:
    """A consumer and a provider, by their ids in the storage, with their labels."""

    consumer_id: int
    provider_id: int
    consumer_labels: tuple[str, ...] = ()
    provider_labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trigger:
    """As much of a webhook as decides whether an event fires it; not *enabled* when the broker disabled it.

    *names_deployed* tells whether its request uses the numbers of the provider versions that are deployed.
    """

    id: int
    uuid: str
    title: str
    name: str
    receiver: str
    consumer_id: int | None
    consumer_label: str | None
    provider_id: int | None
    provider_label: str | None
    events: frozenset[str]
    names_deployed: bool = False
    enabled: bool = True

    @property
    def identity(self) -> str:
        """The description; without one, others may have the same title, so the uuid is added."""
        return self.title if self.title != self.name else f"{self.name} ({self.uuid})"

    def is_for(self, integration: LabelledIntegration) -> bool:
        """Return whether the webhook is for this consumer and provider."""
        return (
            self.consumer_id in {None, integration.consumer_id}
            and self.provider_id in {None, integration.provider_id}
            and self.consumer_label in {None, *integration.consumer_labels}
            and self.provider_label in {None, *integration.provider_labels}
        )


def fired_by(event: Event, integration: LabelledIntegration, triggers: Iterable[Trigger]) -> list[Trigger]:
    """Return the triggers that the event fires (reference §10.2)."""
    return [
        trigger
        for trigger in triggers
        if trigger.enabled and event in trigger.events and trigger.is_for(integration)
    ]


def disabled_by_the_broker(
    events: Collection[Event], integration: LabelledIntegration, triggers: Iterable[Trigger]
) -> list[Trigger]:
    """Return the triggers that would fire if the broker had not disabled them for their failures."""
    return [
        trigger
        for trigger in triggers
        if not trigger.enabled and not trigger.events.isdisjoint(events) and trigger.is_for(integration)
    ]
