"""Tell others what happened: write the deliveries of webhooks, in the transaction of their cause."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.domain.model import Version
from broker.domain.verifications.result import PactContent, Verification
from broker.domain.webhooks.events import (
    Event,
    Required,
    distinct,
    events_of_publication,
    events_of_result,
)
from broker.domain.webhooks.parameters import Addresses, told
from broker.domain.webhooks.triggers import LabelledIntegration, Trigger, disabled_by_the_broker, fired_by
from broker.services.webhooks.occurrences import PactsPublished, ResultTelling, Telling, for_trigger
from broker.storage.storage import Storage
from broker.storage.webhooks.publication_details import NO_DETAILS, PublicationDetails
from broker.storage.webhooks.publication_facts import PublicationFacts


@dataclass(frozen=True)
class Triggered:
    """A delivery that was written."""

    title: str
    event: str
    uuid: str


@dataclass(frozen=True)
class Announcement:
    """What the publication of one pact meant, and who is told; *has_webhooks* even if none of them fired.

    *ever_verified* tells whether the provider verified any pact of the consumer.
    """

    events: tuple[Event, ...]
    triggered: tuple[Triggered, ...]
    given_up: tuple[str, ...]
    has_webhooks: bool
    ever_verified: bool


_NOTHING_HAPPENED = Announcement((), (), (), has_webhooks=False, ever_verified=False)


def pacts_published(
    storage: Storage, published: PactsPublished, addresses: Addresses | None, now: datetime
) -> Mapping[str, Announcement]:
    """Write the deliveries of a publication, and return what it meant for each provider.

    Tags and branches that the version has by now are told. Without *addresses* nobody is: the publication is
    a copy of one that happened elsewhere.
    """
    if not published.providers or addresses is None:
        return dict.fromkeys(published.providers, _NOTHING_HAPPENED)
    triggers = storage.triggers.concerned(published.consumer.id, published.provider_ids)
    facts, details = _known(storage, published, in_detail=bool(triggers))
    needed = {
        name: distinct(facts.required.get(provider.id, ())) for name, provider in published.providers.items()
    }
    telling = Telling(published, needed, details, addresses)
    events = {name: _events(published, name, facts, needed[name]) for name in published.providers}
    integrations = {name: telling.integration(name) for name in published.providers}
    fired = [
        (name, trigger, occurrence)
        for name, integration in integrations.items()
        for event in events[name]
        for trigger in fired_by(event, integration, triggers)
        for occurrence in telling.occurrences(name, event, trigger)
    ]
    uuids = storage.outbox.add([(trigger, occurrence) for _, trigger, occurrence in fired], now)
    triggered: dict[str, list[Triggered]] = {}
    for (name, trigger, occurrence), uuid in zip(fired, uuids, strict=True):
        triggered.setdefault(name, []).append(Triggered(trigger.title, occurrence.event, uuid))
    return {
        name: Announcement(
            events[name],
            tuple(triggered.get(name, ())),
            tuple(
                trigger.title
                for trigger in disabled_by_the_broker(events[name], integrations[name], triggers)
            ),
            any(trigger.is_for(integrations[name]) for trigger in triggers),
            provider.id in facts.verified,
        )
        for name, provider in published.providers.items()
    }


def _known(
    storage: Storage, published: PactsPublished, *, in_detail: bool
) -> tuple[PublicationFacts, PublicationDetails]:
    """Return what the publication means and what is told of it; without anybody to tell, nothing is."""
    version, ids = published.version, published.provider_ids
    if in_detail:
        return storage.happenings.of_publication_with_details(version, ids)
    return storage.happenings.of_publication(version, ids), NO_DETAILS


def _events(
    published: PactsPublished, provider: str, facts: PublicationFacts, needed: Sequence[Required]
) -> tuple[Event, ...]:
    previous = facts.previous.get(published.providers[provider].id, ())
    return events_of_publication(published.outcomes[provider], previous, needed)


def result_published(  # noqa: PLR0913, PLR0917 - the storage, the result and the circumstances
    storage: Storage,
    content: PactContent,
    result: Verification,
    consumer_versions: Collection[str],
    addresses: Addresses | None,
    now: datetime,
) -> None:
    """Write the deliveries of a verification result: for each of the consumer versions it was made for.

    Without *addresses* nobody is told: the result is a copy of one that was published elsewhere.
    """
    if addresses is None:
        return
    triggers = storage.triggers.concerned(content.consumer_id, [content.provider_id])
    if not triggers:
        return
    integration = _integration(storage, content, result)
    events = events_of_result(success=result.success)
    fired = [(event, trigger) for event in events for trigger in fired_by(event, integration, triggers)]
    if not fired:
        return
    provider_version = storage.versions.find(result.provider, result.provider_version)
    telling = ResultTelling(
        result, integration, told(provider_version) if provider_version else None, addresses
    )
    made_for = consumer_versions or ([result.consumer_version] if result.consumer_version else [])
    versions = _told_versions(storage, content, made_for)
    deployed = _deployed(storage, content, [trigger for _, trigger in fired])
    triggered = [
        (trigger, occurrence)
        for event, trigger in fired
        for version in versions
        for occurrence in for_trigger(trigger, [telling.occurrence(event, version)], deployed)
    ]
    storage.outbox.add(triggered, now)


def _integration(storage: Storage, content: PactContent, result: Verification) -> LabelledIntegration:
    named = storage.pacticipants.find_many([result.consumer, result.provider])
    labels = storage.labels.of_many(named.values())
    consumer_id, provider_id = content.consumer_id, content.provider_id
    return LabelledIntegration(
        consumer_id, provider_id, labels.get(consumer_id, ()), labels.get(provider_id, ())
    )


def _deployed(storage: Storage, content: PactContent, triggers: Iterable[Trigger]) -> Sequence[str]:
    """Return the provider versions that are deployed, if a webhook names them."""
    return storage.happenings.deployed(content.provider_id) if any(h.names_deployed for h in triggers) else ()


def _told_versions(storage: Storage, content: PactContent, numbers: Iterable[str]) -> list[Version]:
    """Return the consumer versions that a result is told for, newest first."""
    ids = storage.happenings.version_ids(content.consumer_id, list(dict.fromkeys(numbers)))
    return sorted(storage.versions.find_by_ids(ids).values(), key=lambda item: -item.position)
