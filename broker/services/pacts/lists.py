"""Lists of pacts: reading and removing what a filter means."""

from datetime import datetime

from broker.domain.pacts.filter import PactFilter
from broker.domain.pacts.pact import ListedPact, PublishedPact
from broker.domain.removal import RemovalKind
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def between(storage: Storage, provider: str, consumer: str, which: PactFilter) -> list[ListedPact]:
    """Return the pacts between the two, newest first. Raises NotFoundError."""
    known_consumer = pacticipants.find(storage, consumer, "consumer")
    known_provider = pacticipants.find(storage, provider, "provider")
    return storage.filtered_pacts.between(known_consumer, known_provider, which)


def of_provider(storage: Storage, provider: str, which: PactFilter) -> list[ListedPact]:
    """Return the pacts with the provider. Raises NotFoundError."""
    return storage.filtered_pacts.of_provider(pacticipants.find(storage, provider, "provider"), which)


def delete_between(
    storage: Storage, provider: str, consumer: str, which: PactFilter, now: datetime
) -> PublishedPact | None:
    """Remove these pacts between the two, if there are any; return the latest that remains.

    Raises NotFoundError.
    """
    known_consumer = pacticipants.find(storage, consumer, "consumer")
    known_provider = pacticipants.find(storage, provider, "provider")
    number = storage.filtered_pacts.delete(known_consumer, known_provider, which)
    if number:
        storage.removals.add(
            RemovalKind.PACT, {consumer, provider}, known_consumer.created_at, now, number=number
        )
    return storage.pacts.latest(provider, consumer)
