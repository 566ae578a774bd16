"""Counts of deliveries and webhooks, for operators."""

from broker.storage.storage import Storage
from broker.storage.webhooks.counts import OutboxDepth, WebhookStates


def depth(storage: Storage) -> OutboxDepth:
    """Return how many deliveries wait."""
    return storage.webhook_counts.depth()


def states(storage: Storage) -> WebhookStates:
    """Return how many webhooks there are in each state."""
    return storage.webhook_counts.states()


def failing(storage: Storage, most: int) -> dict[str, int]:
    """Return the failures in a row of the webhooks that fail most, by uuid."""
    return storage.webhook_counts.failing(most)


def retrying(storage: Storage, most: int) -> dict[str, int]:
    """Return the deliveries that are tried again, of the webhooks that have most of them, by uuid."""
    return storage.webhook_counts.retrying(most)
