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


def sample(storage: Storage, what: WebhookDescription, addresses: Addresses) -> Mapping[str, str]:
    """Return the parameters of the latest pact that the webhook is for; invented if there is none."""
    found = storage.event_context.latest_publication(what.consumer, what.provider)
    if found is None:
        return _invented(what, addresses)
    named = storage.pacticipants.find_many([found.consumer, found.provider])
    version = storage.versions.find(found.consumer, found.version)
    assert version, "it has a pact, and we see one state of the database"  # noqa: S101 - see the text
    provider = named[found.provider]
    published = PactsPublished(named[found.consumer], version, {provider.name: provider}, {})
    _, details = storage.event_context.of_publication_with_details(version, published.provider_ids)
    new = PublicationDeliveries(published, {}, details, addresses)
    deployed = details.deployed.get(provider.id, ("",))[0]
    return {**new.parameters(provider.name, TEST_EVENT), CURRENTLY_DEPLOYED: deployed}


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
        **NOTHING_ELSE,
        CURRENTLY_DEPLOYED: "",
    }
