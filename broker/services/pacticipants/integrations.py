"""What users do with integrations."""

from datetime import datetime

from broker.domain.errors import ForbiddenError, NotFoundError
from broker.domain.pacticipants.integration import IntegrationName
from broker.domain.pagination import Page, PartOfList
from broker.domain.removal import LONG_AGO, RemovalKind
from broker.services.pacticipants import pacticipants
from broker.settings.settings import Settings
from broker.storage.storage import Storage


def page_of(
    storage: Storage, page: Page | None = None, search: str | None = None
) -> PartOfList[IntegrationName]:
    """Return the integrations whose consumer or provider contains *search*; all of them without a page."""
    return storage.integrations.all(page, search)


def of_pacticipant(storage: Storage, name: str, page: Page | None = None) -> PartOfList[IntegrationName]:
    """Return the integrations in which a pacticipant takes part. Raises NotFoundError."""
    return storage.integrations.of(pacticipants.find(storage, name), page)


def delete(storage: Storage, provider: str, consumer: str, now: datetime) -> None:
    """Remove everything between the two (reference §4.13). Raises NotFoundError."""
    known_consumer = pacticipants.find(storage, consumer, "consumer")
    known_provider = pacticipants.find(storage, provider, "provider")
    storage.removals.add(RemovalKind.INTEGRATION, {consumer, provider}, known_consumer.created_at, now)
    if not storage.integrations.delete(known_consumer, known_provider, now):
        raise NotFoundError(f"There is no integration between {consumer} and {provider}")


def delete_all(storage: Storage, settings: Settings, now: datetime) -> None:
    """Remove all contracts of the broker. Raises ForbiddenError unless the setting allows it."""
    if not settings.allow_deleting_all_integrations:
        raise ForbiddenError(
            "This would delete all contracts, versions and results of this broker. If you are sure, "
            "start the broker with TALLY_ALLOW_DELETING_ALL_INTEGRATIONS=true and send the request again"
        )
    names = storage.pacticipants.names()
    storage.removals.add(RemovalKind.PACTICIPANT, [""], LONG_AGO, now, number=len(names))
    storage.integrations.delete_all()
