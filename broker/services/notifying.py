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
from broker.domain.model import Pacticipant, Version
from broker.domain.parameters import Addresses, of_pact, of_pair, of_provider_version, result_url
from broker.domain.planning import Outcome
from broker.domain.triggering import TEST_EVENT, Hook, Occurrence, Pair, webhooks_for
from broker.domain.verification import PactContent, Verification
from broker.domain.webhooks import WebhookDescription
from broker.storage.happenings import KnownResult
from broker.storage.storage import Storage

Triggering = tuple[Hook, Occurrence]


@dataclass(frozen=True)
class PactsPublished:
    """A consumer version whose pacts with some providers were published; *outcomes* by provider."""

    consumer: Pacticipant
    version: Version
    providers: Mapping[str, Pacticipant]
    outcomes: Mapping[str, Outcome]
    branch: str | None = None


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
    ids = [provider.id for provider in published.providers.values()]
    if not ids:
        return {}
    facts = storage.happenings.of_publication(published.version, ids)
    needed = {name: distinct(facts.required.get(item.id, ())) for name, item in published.providers.items()}
    events = {
        name: events_of_publication(
            outcome, facts.previous.get(published.providers[name].id, ()), needed[name]
        )
        for name, outcome in published.outcomes.items()
    }
    hooks = storage.webhooks.concerned(published.consumer.id, ids)
    labels = storage.labels.of_many([published.consumer, *published.providers.values()]) if hooks else {}
    pairs = {
        name: _pair(published.consumer, provider, labels) for name, provider in published.providers.items()
    }
    triggered = _triggered(storage, published, events, needed, hooks, pairs, addresses) if hooks else []
    uuids = storage.deliveries.add([(hook, occurrence) for _, hook, occurrence in triggered], now)
    return {
        name: Announcement(
            events[name],
            tuple(
                Triggered(hook.title, occurrence.event, uuid)
                for (of, hook, occurrence), uuid in zip(triggered, uuids, strict=True)
                if of == name
            ),
            any(hook.is_for(pairs[name]) for hook in hooks),
            provider.id in facts.verified,
        )
        for name, provider in published.providers.items()
    }


def _triggered(  # noqa: PLR0913, PLR0917 - all that is known by then
    storage: Storage,
    published: PactsPublished,
    events: Mapping[str, Sequence[Event]],
    needed: Mapping[str, Sequence[Required]],
    hooks: Sequence[Hook],
    pairs: Mapping[str, Pair],
    addresses: Addresses,
) -> list[tuple[str, Hook, Occurrence]]:
    fired = [
        (name, event, hook)
        for name in published.providers
        for event in events[name]
        for hook in webhooks_for(event, pairs[name], hooks)
    ]
    if not fired:
        return []
    facts = _Facts(storage, published, needed, pairs, addresses)
    return [
        (name, hook, occurrence)
        for name, event, hook in fired
        for occurrence in facts.occurrences(name, event)
    ]


def _pair(consumer: Pacticipant, provider: Pacticipant, labels: Mapping[int, tuple[str, ...]]) -> Pair:
    return Pair(consumer.id, provider.id, labels.get(consumer.id, ()), labels.get(provider.id, ()))


class _Facts:
    """What is told of a publication: looked up once for all providers."""

    def __init__(
        self,
        storage: Storage,
        published: PactsPublished,
        needed: Mapping[str, Sequence[Required]],
        pairs: Mapping[str, Pair],
        addresses: Addresses,
    ) -> None:
        ids = [provider.id for provider in published.providers.values()]
        self._published = published
        self._needed = needed
        self._pairs = pairs
        self._addresses = addresses
        self._results = storage.happenings.results(published.version, ids)
        versions = {result.provider_version_id for result in self._results.values()}
        versions |= {item.version_id for items in needed.values() for item in items}
        ids = [number for number in versions if number]
        self._versions = storage.versions.find_by_ids(ids) if ids else {}

    def occurrences(self, provider: str, event: str) -> list[Occurrence]:
        """Return what one webhook is told: once, or once for each version that needs a result."""
        result = self._results[self._published.providers[provider].id]
        if event != Event.CONTRACT_REQUIRING_VERIFICATION_PUBLISHED:
            return [self._occurrence(provider, event, result, {})]
        return [
            self._occurrence(provider, event, result, self._of_required(provider, item))
            for item in self._needed[provider]
        ]

    def _occurrence(
        self, provider: str, event: str, result: KnownResult, special: Mapping[str, str]
    ) -> Occurrence:
        published = self._published
        version = self._versions.get(result.provider_version_id or 0)
        pair = {"consumer": published.consumer.name, "provider": provider}
        parameters = {
            "eventName": str(event),
            **of_pair(pair, self._pairs[provider]),
            **of_pact(pair, published.version, result.sha, self._addresses),
            **of_provider_version(version),
            **commit_statuses(success=result.success),
            "verificationResultUrl": result_url(pair, result.sha, result.number, self._addresses),
            "buildUrl": published.version.build_url or "",
        }
        if published.branch:
            parameters["consumerVersionBranch"] = published.branch
        return Occurrence(
            str(event), self._pairs[provider], published.version.id, None, {**parameters, **special}
        )

    def _of_required(self, provider: str, required: Required) -> dict[str, str]:
        told = of_provider_version(self._versions.get(required.version_id))
        if required.on_main_branch:
            told["providerVersionBranch"] = self._published.providers[provider].main_branch or ""
        return {**told, "providerVersionDescriptions": ", ".join(required.reasons)}


def sample(storage: Storage, what: WebhookDescription, addresses: Addresses) -> Mapping[str, str]:
    """Return the parameters of the latest pact that the webhook is for; invented if there is none."""
    found = storage.happenings.latest_publication(what.consumer, what.provider)
    if found is None:
        return _invented(what, addresses)
    named = storage.pacticipants.find_many([found.consumer, found.provider])
    version = storage.versions.find(found.consumer, found.version)
    assert version, "it has a pact, and we see one state of the database"  # noqa: S101 - see the text
    consumer, provider = named[found.consumer], named[found.provider]
    pair = _pair(consumer, provider, storage.labels.of_many([consumer, provider]))
    happened = PactsPublished(consumer, version, {provider.name: provider}, {})
    facts = _Facts(storage, happened, {}, {provider.name: pair}, addresses)
    (occurrence,) = facts.occurrences(provider.name, TEST_EVENT)
    return occurrence.parameters


def _invented(what: WebhookDescription, addresses: Addresses) -> Mapping[str, str]:
    names = {"consumer": what.consumer.name or "A consumer", "provider": what.provider.name or "A provider"}
    content = {**names, "sha": "0" * 40}
    return {
        "eventName": TEST_EVENT,
        "consumerName": names["consumer"],
        "providerName": names["provider"],
        "consumerLabels": what.consumer.label or "",
        "providerLabels": what.provider.label or "",
        "consumerVersionNumber": "1",
        "consumerVersionTags": "",
        "consumerVersionBranch": "main",
        **of_provider_version(None),
        **commit_statuses(success=None),
        "pactUrl": addresses.href("pact-version", **content),
        "verificationResultUrl": "",
        "buildUrl": "",
    }


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
    pair = _pair(named[result.consumer], named[result.provider], labels)
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
