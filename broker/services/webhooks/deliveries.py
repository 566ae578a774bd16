"""Deliveries of webhooks: what was sent, and what came of it. Every function raises NotFoundError."""

from broker.domain.pacts.pact import PublishedPact
from broker.domain.webhooks.delivery import Delivery, DeliveryAttempt
from broker.services.pacticipants import pacticipants
from broker.services.webhooks import attempt_logs, webhooks
from broker.settings.settings import Settings
from broker.storage.storage import Storage


def of_pact(storage: Storage, provider: str, consumer: str, version: str) -> list[Delivery]:
    """Return what the pact of a consumer version triggered, newest first."""
    consumer_version = pacticipants.find_version(storage, consumer, version)
    pacticipants.find(storage, provider, "provider")
    return storage.deliveries.of_version(consumer_version, provider)


def of_webhook(storage: Storage, uuid: str) -> list[Delivery]:
    """Return what a webhook sent last, newest first."""
    return storage.deliveries.of_webhook(webhooks.find(storage, uuid), webhooks.MOST_DELIVERIES)


def latest_between(
    storage: Storage, provider: str, consumer: str
) -> tuple[list[Delivery], PublishedPact | None]:
    """Return the newest delivery of each webhook and event between the two, and their latest pact."""
    pacticipants.find(storage, consumer, "consumer")
    pacticipants.find(storage, provider, "provider")
    return storage.deliveries.latest_between(consumer, provider), storage.pacts.latest(provider, consumer)


def attempts(storage: Storage, uuid: str, settings: Settings) -> tuple[Delivery, list[DeliveryAttempt]]:
    """Return a delivery with all attempts to send it."""
    delivery = webhooks.find_delivery(storage, uuid)
    return delivery, [attempt_logs.readable(item, settings) for item in storage.deliveries.attempts(uuid)]
