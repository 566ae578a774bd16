"""Tell others what happened: write the deliveries of webhooks, in the transaction of their cause."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.domain.events import (
    Event,
    Required,
    commit_statuses,
    distinct,
    events_of_publication,
    events_of_result,
)
from broker.domain.model import Version
from broker.domain.parameters import Addresses, of_pact, of_pair, of_provider_version, result_url, told
from broker.domain.triggering import Hook, Occurrence, Pair, webhooks_for
from broker.domain.verification import PactContent, Verification
from broker.services.telling import PactsPublished, Telling, for_each_deployed
from broker.storage.publication_details import PublicationDetails
from broker.storage.publication_facts import PublicationFacts
from broker.storage.storage import Storage


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
    has_webhooks: bool
    ever_verified: bool


def pacts_published(
    storage: Storage, published: PactsPublished, addresses: Addresses, now: datetime
) -> Mapping[str, Announcement]:
    """Write the deliveries of a publication, and return what it meant for each provider.

    Tags and branches that the version has by now are told.
    """
    if not published.providers:
        return {}
    hooks = storage.webhooks.concerned(published.consumer.id, published.provider_ids)
    facts, details = _known(storage, published, in_detail=bool(hooks))
    needed = {
        name: distinct(facts.required.get(provider.id, ())) for name, provider in published.providers.items()
    }
    telling = Telling(published, needed, details, addresses)
    events = {name: _events(published, name, facts, needed[name]) for name in published.providers}
    fired = [
        (name, hook, occurrence)
        for name in published.providers
        for event in events[name]
        for hook in webhooks_for(event, telling.pair(name), hooks)
        for occurrence in telling.occurrences(name, event, hook)
    ]
    uuids = storage.deliveries.add([(hook, occurrence) for _, hook, occurrence in fired], now)
    triggered: dict[str, list[Triggered]] = {}
    for (name, hook, occurrence), uuid in zip(fired, uuids, strict=True):
        triggered.setdefault(name, []).append(Triggered(hook.title, occurrence.event, uuid))
    return {
        name: Announcement(
            events[name],
            tuple(triggered.get(name, ())),
            any(hook.is_for(telling.pair(name)) for hook in hooks),
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
    return storage.happenings.of_publication(version, ids), NOTHING


def _events(
    published: PactsPublished, provider: str, facts: PublicationFacts, needed: Sequence[Required]
) -> tuple[Event, ...]:
    previous = facts.previous.get(published.providers[provider].id, ())
    return events_of_publication(published.outcomes[provider], previous, needed)


def result_published(  # noqa: PLR0913, PLR0917 - the storage, the result and the circumstances
    storage: Storage,
    content: PactContent,
    result: Verification,
    consumer_versions: Iterable[str],
    addresses: Addresses,
    now: datetime,
) -> None:
    """Write the deliveries of a verification result: for each of the consumer versions it was made for."""
    hooks = storage.webhooks.concerned(content.consumer_id, [content.provider_id])
    if not hooks:
        return
    named = storage.pacticipants.find_many([result.consumer, result.provider])
    labels = storage.labels.of_many(named.values())
    pair = Pair(
        content.consumer_id,
        content.provider_id,
        labels.get(content.consumer_id, ()),
        labels.get(content.provider_id, ()),
    )
    events = events_of_result(success=result.success)
    fired = [(event, hook) for event in events for hook in webhooks_for(event, pair, hooks)]
    if not fired:
        return
    numbers = list(dict.fromkeys(consumer_versions)) or [result.consumer_version]
    ids = storage.happenings.version_ids(content.consumer_id, numbers)
    versions = sorted(storage.versions.find_by_ids(ids).values(), key=lambda item: -item.position)
    provider_version = storage.versions.find(result.provider, result.provider_version)
    triggered = [
        (hook, _result_occurrence(event, pair, version, provider_version, result, addresses))
        for event, hook in fired
        for version in versions
    ]
    storage.deliveries.add(triggered, now)


def _result_occurrence(  # noqa: PLR0913, PLR0917 - all that is told
    event: Event,
    pair: Pair,
    version: Version,
    provider_version: Version | None,
    result: Verification,
    addresses: Addresses,
) -> Occurrence:
    names = {"consumer": result.consumer, "provider": result.provider}
    parameters = {
        "eventName": event.value,
        **of_pair(names, pair),
        **of_pact(names, version, result.sha, addresses),
        **of_provider_version(provider_version),
        **commit_statuses(success=result.success),
        "verificationResultUrl": result_url(names, result.sha, result.number, addresses),
        "buildUrl": result.build_url or "",
    }
    return Occurrence(event.value, pair, version.id, result.number, parameters)
