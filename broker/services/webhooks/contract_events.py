"""Events of service contracts: one is published, or compared with the pact of a consumer."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from broker.domain.model import Pacticipant, Version
from broker.domain.webhooks.delivery import NewDelivery
from broker.domain.webhooks.events import Event, commit_statuses
from broker.domain.webhooks.parameters import (
    Addresses,
    of_integration,
    of_pact,
    of_provider_version,
    provider_version,
)
from broker.domain.webhooks.triggers import LabelledIntegration, Trigger, fired_by
from broker.services.webhooks.new_deliveries import for_each_deployed
from broker.storage.storage import Storage
from tally.values import dataclass

NO_PACT = {
    "consumerVersionNumber": "",
    "consumerVersionTags": "",
    "consumerVersionBranch": "",
    "pactUrl": "",
    "verificationResultUrl": "",
}


@dataclass(frozen=True)
class Compared:
    """A pact was compared with the documents of its provider; *success* says that it fits."""

    consumer_id: int
    provider_id: int
    pact_version_id: int
    set_id: int
    pact_sha: str
    number: int | None
    consumer: str
    provider: str
    success: bool


@dataclass(frozen=True)
class _Provider:
    id: int
    version: Version | None
    labels: Mapping[int, tuple[str, ...]]
    addresses: Addresses

    def integration(self, consumer_id: int) -> LabelledIntegration:
        return LabelledIntegration(
            consumer_id, self.id, self.labels.get(consumer_id, ()), self.labels.get(self.id, ())
        )

    def parameters(self) -> dict[str, str]:
        """Return what is said of the version that has the documents."""
        version = self.version
        return {
            **of_provider_version(provider_version(version) if version else None),
            "buildUrl": (version.build_url or "") if version else "",
            "serviceContractUrl": self.addresses.href(
                "service-contract", pacticipant=version.pacticipant, version=version.number
            )
            if version
            else "",
        }


def published(
    storage: Storage, service: Pacticipant, version: Version, addresses: Addresses | None, now: datetime
) -> None:
    """Write the deliveries about documents that were published for a version.

    A webhook that names a consumer is for those that have an integration with the service. Without
    *addresses* there are none: the publication is a copy.
    """
    if addresses is None:
        return
    event = Event.SERVICE_CONTRACT_PUBLISHED
    triggers = [item for item in storage.triggers.of_provider(service.id) if event in item.events]
    if not triggers:
        return
    consumers = consumers_of(storage, service, triggers)
    labels = storage.labels.of_many([service, *consumers.values()])
    provider = _Provider(service.id, version, labels, addresses)
    deliveries = []
    for trigger in triggers:
        of_all = trigger.consumer_id is None and trigger.consumer_label is None
        # What is about no consumer is of the service alone.
        about = {"": service} if of_all else consumers
        for name, consumer in about.items():
            integration = provider.integration(consumer.id)
            if fired_by(event, integration, [trigger]):
                names = {"consumer": name, "provider": service.name}
                parameters = {
                    "eventName": event.value,
                    **of_integration(names, integration),
                    **NO_PACT,
                    **commit_statuses(success=None),
                    **provider.parameters(),
                }
                deliveries.append(
                    NewDelivery(trigger, event.value, integration, version.id, None, parameters)
                )
    storage.outbox.add(for_deployed(storage, service.id, deliveries), now)


def compared(storage: Storage, found: Sequence[Compared], addresses: Addresses, now: datetime) -> None:
    """Write the deliveries about comparisons with the documents of one provider."""
    provider_id, set_id = found[0].provider_id, found[0].set_id
    triggers = storage.triggers.of_provider(provider_id)
    if all(trigger.events.isdisjoint(_EVENTS.values()) for trigger in triggers):
        return
    named = storage.pacticipants.find_many({found[0].provider, *(item.consumer for item in found)})
    newest = storage.event_context.newest_with_pacts([item.pact_version_id for item in found])
    of_set = storage.event_context.newest_with_documents(set_id)
    versions = storage.versions.find_by_ids([*newest.values(), *([of_set] if of_set else [])])
    provider = _Provider(
        provider_id,
        versions.get(of_set) if of_set else None,
        storage.labels.of_many(named.values()),
        addresses,
    )
    deliveries = [
        delivery
        for item in found
        if (version := versions.get(newest.get(item.pact_version_id, 0)))
        for delivery in _of_comparison(item, version, provider, triggers)
    ]
    storage.outbox.add(for_deployed(storage, provider_id, deliveries), now)


_EVENTS = {True: Event.COMPARISON_SUCCEEDED, False: Event.COMPARISON_FAILED}


def _of_comparison(
    item: Compared, version: Version, provider: _Provider, triggers: Sequence[Trigger]
) -> list[NewDelivery]:
    event, integration = _EVENTS[item.success], provider.integration(item.consumer_id)
    names = {"consumer": item.consumer, "provider": item.provider}
    parameters = {
        "eventName": event.value,
        **of_integration(names, integration),
        **of_pact(names, version, item.pact_sha, provider.addresses),
        "verificationResultUrl": "",
        **commit_statuses(success=item.success),
        **provider.parameters(),
        "comparisonUrl": _url(item, provider.addresses),
    }
    return [
        NewDelivery(trigger, event.value, integration, version.id, None, parameters)
        for trigger in fired_by(event, integration, triggers)
    ]


def _url(item: Compared, addresses: Addresses) -> str:
    place = {"consumer": item.consumer, "provider": item.provider, "sha": item.pact_sha}
    if item.number is None:
        return addresses.href("pact-comparisons", **place)
    return addresses.href("comparison", **place, number=str(item.number))


def consumers_of(
    storage: Storage, service: Pacticipant, triggers: Sequence[Trigger]
) -> Mapping[str, Pacticipant]:
    """Return the consumers of the service, if a webhook names one."""
    if all(trigger.consumer_id is None and trigger.consumer_label is None for trigger in triggers):
        return {}
    return storage.pacticipants.find_many(storage.event_context.consumers(service.id))


def for_deployed(storage: Storage, provider_id: int, deliveries: Sequence[NewDelivery]) -> list[NewDelivery]:
    """Return the deliveries, once for each deployed version where a request names them."""
    if not any(delivery.trigger.names_deployed for delivery in deliveries):
        return list(deliveries)
    deployed = storage.event_context.deployed(provider_id)
    return [each for delivery in deliveries for each in for_each_deployed([delivery], deployed)]
