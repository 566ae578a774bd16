"""The list of all applications, as a page."""

from collections import Counter
from collections.abc import Mapping

from broker.domain.model import Pacticipant
from broker.domain.overview.summaries import PactStatus
from broker.domain.pacticipants.applications import ListedApplication, ListFilter, ListOrder
from broker.domain.pagination import Page, PartOfList
from broker.storage.storage import Storage

PAGE_SIZE = 100


def applications(
    storage: Storage, which: ListFilter, order: ListOrder, number: int
) -> PartOfList[ListedApplication]:
    """Return a page of the applications that the filter asks for: six statements."""
    page = Page(number, PAGE_SIZE)
    found = storage.application_list.page(which, order, page)
    total = storage.application_list.count(which)
    ids = [item.id for item in found]
    verdicts = storage.application_list.verdicts(ids)
    labels = storage.labels.of_many(found)
    newest = storage.application_list.newest_versions(ids)
    places = storage.application_list.places(ids)

    def listed(item: Pacticipant) -> ListedApplication:
        of_side: Mapping[tuple[str, PactStatus], int] = verdicts.get(item.id, {})
        sides, by_verdict = Counter[str](), Counter[PactStatus]()
        for (side, verdict), count in of_side.items():
            sides[side] += count
            by_verdict[verdict] += count
        return ListedApplication(
            item,
            labels.get(item.id, ()),
            # Whom it provides for are its consumers.
            consumers=sides["provider"],
            providers=sides["consumer"],
            verdicts=by_verdict,
            newest=newest.get(item.id),
            places=places.get(item.id, ()),
        )

    return PartOfList([listed(item) for item in found], total, page)
