"""The parameters of a webhook that is tried: of the latest pact that it is for, or invented."""

from collections.abc import Mapping

from broker.domain.webhooks.events import commit_statuses
from broker.domain.webhooks.parameters import (
    CURRENTLY_DEPLOYED,
    NOTHING_ELSE,
    Addresses,
    of_provider_version,
)
from broker.domain.webhooks.triggers import TEST_EVENT
from broker.domain.webhooks.webhook import WebhookDescription
from broker.services.webhooks.new_deliveries import PactsPublished, PublicationDeliveries
from broker.storage.storage import Storage
from broker.storage.webhooks.event_context import LatestPublication


def sample(storage: Storage, what: WebhookDescription, addresses: Addresses) -> Mapping[str, str]:
    """Return the parameters of the latest pact that the webhook is for; invented if there is none."""
    found = storage.event_context.latest_publication(what.consumer, what.provider)
    return invented(what, addresses) if found is None else of_pact(storage, found, addresses)


def of_pact(storage: Storage, found: LatestPublication, addresses: Addresses) -> Mapping[str, str]:
    """Return the parameters of a pact."""
    version = storage.versions.find(found.consumer.name, found.version)
    assert version, "it has a pact, and we see one state of the database"  # noqa: S101 - see the text
    provider = found.provider
    published = PactsPublished(found.consumer, version, {provider.name: provider}, {})
    _, details = storage.event_context.of_publication_with_details(version, published.provider_ids)
    new = PublicationDeliveries(published, {}, details, addresses)
    deployed = details.deployed.get(provider.id, ("",))[0]
    return {**new.parameters(provider.name, TEST_EVENT), CURRENTLY_DEPLOYED: deployed}


def invented(what: WebhookDescription, addresses: Addresses) -> Mapping[str, str]:
    """Return parameters as they might be."""
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
        **NOTHING_ELSE,
        CURRENTLY_DEPLOYED: "",
    }
