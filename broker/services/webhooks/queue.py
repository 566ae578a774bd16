"""The queue of deliveries, for those who watch over the broker."""

from datetime import datetime

from broker.storage.storage import Storage
from broker.storage.webhooks.queue import Depth, States


def depth(storage: Storage, now: datetime) -> Depth:
    """Return how many deliveries wait."""
    return storage.queue.depth(now)


def states(storage: Storage) -> States:
    """Return how many webhooks there are in each state."""
    return storage.queue.states()


def failing(storage: Storage, most: int) -> dict[str, int]:
    """Return the failures in a row of the webhooks that fail most, by uuid."""
    return storage.queue.failing(most)


def retrying(storage: Storage, most: int) -> dict[str, int]:
    """Return the deliveries that are tried again, of the webhooks that have most of them, by uuid."""
    return storage.queue.retrying(most)
