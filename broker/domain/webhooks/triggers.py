"""Which webhooks an event fires, and what a delivery is about (Pact Broker reference §10.2)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from broker.domain.webhooks.events import Event

TEST_EVENT = "test"


@dataclass(frozen=True)
class Pair:
    """A consumer and a provider, by the storage's identifiers, with their labels."""

    consumer_id: int
    provider_id: int
    consumer_labels: tuple[str, ...] = ()
    provider_labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hook:
    """As much of a webhook as it takes to write a delivery; without *enabled*, the broker gave it up.

    *names_deployed* tells whether it uses the numbers of the provider versions that are deployed.
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

    def is_for(self, pair: Pair) -> bool:
        """Return whether its criteria match."""
        return (
            self.consumer_id in {None, pair.consumer_id}
            and self.provider_id in {None, pair.provider_id}
            and self.consumer_label in {None, *pair.consumer_labels}
            and self.provider_label in {None, *pair.provider_labels}
        )


def webhooks_for(event: Event, pair: Pair, hooks: Iterable[Hook]) -> list[Hook]:
    """Return those that fire (reference §10.2)."""
    return [hook for hook in hooks if hook.enabled and event in hook.events and hook.is_for(pair)]


def given_up(events: Collection[Event], pair: Pair, hooks: Iterable[Hook]) -> list[Hook]:
    """Return those that would fire, had the broker not disabled them for their failures."""
    return [
        hook
        for hook in hooks
        if not hook.enabled and not hook.events.isdisjoint(events) and hook.is_for(pair)
    ]


@dataclass(frozen=True)
class Occurrence:
    """What a delivery is about; *parameters* are without the prefix."""

    event: str
    pair: Pair
    consumer_version_id: int | None
    verification_id: int | None
    parameters: Mapping[str, str]
