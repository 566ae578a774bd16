"""Lists of pacts: reading them, and removing the pacts that a filter selects."""

from datetime import datetime

from broker.domain.pacts.filter import PactFilter
from broker.domain.pacts.pact import ListedPact, PublishedPact
from broker.domain.removal import RemovalKind
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def all_between(storage: Storage, provider: str, consumer: str) -> list[ListedPact]:
    """Return every pact between the two, newest first. Raises NotFoundError."""
    pacticipants.find(storage, consumer, "consumer")
    pacticipants.find(storage, provider, "provider")
    return storage.pact_lists.between(provider, consumer)


def latest(storage: Storage) -> list[ListedPact]:
    """Return the latest pact of every integration."""
    return storage.pact_lists.latest()


def all_of_provider(storage: Storage, provider: str) -> list[ListedPact]:
    """Return every pact with the provider. Raises NotFoundError."""
    pacticipants.find(storage, provider, "provider")
    return storage.pact_lists.of_provider(provider)


def latest_of_provider(storage: Storage, provider: str, tag: str | None = None) -> list[ListedPact]:
    """Return the latest pact of every consumer of the provider, of versions with the tag if one is given.

    Raises NotFoundError.
    """
    pacticipants.find(storage, provider, "provider")
    return storage.pact_lists.latest_of_provider(provider, tag)


def between(storage: Storage, provider: str, consumer: str, which: PactFilter) -> list[ListedPact]:
    """Return the pacts between the two, newest first. Raises NotFoundError."""
    known_consumer = pacticipants.find(storage, consumer, "consumer")
    known_provider = pacticipants.find(storage, provider, "provider")
    return storage.filtered_pacts.between(known_consumer, known_provider, which)


def of_provider(storage: Storage, provider: str, which: PactFilter) -> list[ListedPact]:
    """Return the pacts with the provider. Raises NotFoundError."""
    return storage.filtered_pacts.of_provider(pacticipants.find(storage, provider, "provider"), which)


def delete_between(
    storage: Storage, provider: str, consumer: str, which: PactFilter, *, now: datetime
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
