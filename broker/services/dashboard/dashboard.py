"""The dashboard: pacts with their newest results."""

from broker.domain.dashboard.dashboard import DashboardItem
from broker.domain.pagination import Page
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def page_of(storage: Storage, page: Page) -> list[DashboardItem]:
    """Return one page of the pacts of all integrations."""
    return storage.dashboard.page(page)


def of_pair(storage: Storage, provider: str, consumer: str, page: Page) -> list[DashboardItem]:
    """Return one page of the pacts of one integration. Raises NotFoundError."""
    known_consumer = pacticipants.find(storage, consumer, "consumer")
    known_provider = pacticipants.find(storage, provider, "provider")
    return storage.dashboard.of_pair(known_consumer, known_provider, page)
