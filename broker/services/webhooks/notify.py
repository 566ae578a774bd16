"""Write the deliveries of webhooks to the outbox, in the transaction of the event that they are about."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from broker.domain.model import Version
from broker.domain.verifications.result import PactContent, Verification
from broker.domain.webhooks.delivery import NewDelivery
from broker.domain.webhooks.events import (
    Event,
    RequiredVersion,
    events_of_publication,
    events_of_result,
    required_versions,
)
from broker.domain.webhooks.parameters import Addresses, provider_version
from broker.domain.webhooks.triggers import LabelledIntegration, Trigger, disabled_by_the_broker, fired_by
from broker.services.webhooks.new_deliveries import (
    PactsPublished,
    PublicationDeliveries,
    ResultDeliveries,
    ResultPublished,
)
from broker.storage.storage import Storage
from broker.storage.webhooks.publication_details import NO_DETAILS, PublicationDetails
from broker.storage.webhooks.publication_facts import PublicationFacts
from tally.values import dataclass


@dataclass(frozen=True)
class WrittenDelivery:
    """A delivery that is in the outbox; *webhook* is the identity of the webhook.

    *provider_version* is the version that the event asks to verify the pact; None for other events.
    """

    webhook: str
    event: str
    uuid: str
    provider_version: str | None = None


@dataclass(frozen=True)
class PublicationEvents:
    """The events of the publication of one pact, and their deliveries.

    *disabled* are the titles of the webhooks that did not fire because the broker had disabled them.
    *has_webhooks* is true even if none of the pact's webhooks is for these events.
    """

    events: tuple[Event, ...]
    deliveries: tuple[WrittenDelivery, ...]
    disabled: tuple[str, ...]
    has_webhooks: bool


NO_EVENTS = PublicationEvents((), (), (), has_webhooks=False)


def pacts_published(
    storage: Storage,
    published: PactsPublished,
    addresses: Addresses | None,
    now: datetime,
    *,
    has_webhooks: bool,
) -> Mapping[str, PublicationEvents]:
    """Write the deliveries of a publication, and return its events for each provider.

    They carry the tags and branches that the version has by now. Without *addresses* there are no events: the
    publication is a copy of one that happened elsewhere.
    """
    if not published.providers or addresses is None:
        return dict.fromkeys(published.providers, NO_EVENTS)
    consumer_id, provider_ids = published.consumer.id, published.provider_ids
    triggers = storage.triggers.concerned(consumer_id, provider_ids) if has_webhooks else []
    facts, details = _known(storage, published, in_detail=bool(triggers))
    required = {
        name: required_versions(facts.required.get(provider.id, ()))
        for name, provider in published.providers.items()
    }
    events = {name: _events(published, name, facts, required[name]) for name in published.providers}
    new = PublicationDeliveries(published, required, details, addresses)
    integrations = {name: new.integration(name) for name in published.providers}
    written = [
        (name, delivery)
        for name, integration in integrations.items()
        for event in events[name]
        for trigger in fired_by(event, integration, triggers)
        for delivery in new.of_event(name, event, trigger)
    ]
    uuids = storage.outbox.add([delivery for _, delivery in written], now)
    deliveries: dict[str, list[WrittenDelivery]] = {}
    for (name, delivery), uuid in zip(written, uuids, strict=True):
        deliveries.setdefault(name, []).append(_written(delivery, uuid))
    return {
        name: PublicationEvents(
            events[name],
            tuple(deliveries.get(name, ())),
            tuple(
                item.identity for item in disabled_by_the_broker(events[name], integrations[name], triggers)
            ),
            any(trigger.is_for(integrations[name]) for trigger in triggers),
        )
        for name in published.providers
    }


def _written(delivery: NewDelivery, uuid: str) -> WrittenDelivery:
    asks = delivery.event == Event.CONTRACT_REQUIRING_VERIFICATION_PUBLISHED
    version = delivery.parameters.get("providerVersionNumber") if asks else None
    return WrittenDelivery(delivery.trigger.identity, delivery.event, uuid, version)


def _known(
    storage: Storage, published: PactsPublished, *, in_detail: bool
) -> tuple[PublicationFacts, PublicationDetails]:
    """Return the facts that events follow from, and the details that only templates of webhooks need."""
    version, ids = published.version, published.provider_ids
    if in_detail:
        return storage.event_context.of_publication_with_details(version, ids)
    return storage.event_context.of_publication(version, ids), NO_DETAILS


def _events(
    published: PactsPublished, provider: str, facts: PublicationFacts, required: Sequence[RequiredVersion]
) -> tuple[Event, ...]:
    previous = facts.previous.get(published.providers[provider].id, ())
    return events_of_publication(published.outcomes[provider], previous, required)


def result_published(
    storage: Storage, published: ResultPublished, addresses: Addresses | None, now: datetime
) -> None:
    """Write the deliveries of a verification result: for each of the consumer versions it was made for.

    Without *addresses* there are none: the result is a copy of one that was published elsewhere.
    """
    if addresses is None:
        return
    content, result = published.content, published.result
    triggers = storage.triggers.concerned(content.consumer_id, [content.provider_id])
    if not triggers:
        return
    integration = _integration(storage, content, result)
    events = events_of_result(success=result.success)
    fired = [(event, trigger) for event in events for trigger in fired_by(event, integration, triggers)]
    if not fired:
        return
    version = storage.versions.find(result.provider, result.provider_version)
    new = ResultDeliveries(
        result,
        integration,
        provider_version(version) if version else None,
        _deployed(storage, content, [trigger for _, trigger in fired]),
        addresses,
    )
    newest_first = _consumer_versions(storage, published)
    storage.outbox.add(
        [
            delivery
            for event, trigger in fired
            for consumer_version in newest_first
            for delivery in new.of_event(event, consumer_version, trigger)
        ],
        now,
    )


def _integration(storage: Storage, content: PactContent, result: Verification) -> LabelledIntegration:
    named = storage.pacticipants.find_many([result.consumer, result.provider])
    labels = storage.labels.of_many(named.values())
    consumer_id, provider_id = content.consumer_id, content.provider_id
    return LabelledIntegration(
        consumer_id, provider_id, labels.get(consumer_id, ()), labels.get(provider_id, ())
    )


def _deployed(storage: Storage, content: PactContent, triggers: Iterable[Trigger]) -> Sequence[str]:
    """Return the provider versions that are deployed, if the request of a webhook names them."""
    if not any(trigger.names_deployed for trigger in triggers):
        return ()
    return storage.event_context.deployed(content.provider_id)


def _consumer_versions(storage: Storage, published: ResultPublished) -> list[Version]:
    """Return the consumer versions that the result was made for, newest first.

    What names them came in a URL: a version that never had this content stays out.
    """
    content, result = published.content, published.result
    numbers = published.consumer_versions or ([result.consumer_version] if result.consumer_version else [])
    ids = storage.event_context.version_ids(content.consumer_id, content.id, list(dict.fromkeys(numbers)))
    return sorted(storage.versions.find_by_ids(ids).values(), key=lambda version: -version.position)
