"""The list of all applications, as a page."""

from collections import Counter
from collections.abc import Mapping, Sequence

from broker.domain.model import Pacticipant
from broker.domain.overview.summaries import PactStatus
from broker.domain.pacticipants.applications import FAILURES, TEAM, ListedApplication, ListFilter, ListOrder
from broker.domain.pagination import Page, PartOfList
from broker.storage.storage import Storage
from tally.values import dataclass

PAGE_SIZE = 100
MOST_TEAMS = 200


@dataclass(frozen=True)
class Applications:
    """A page of applications; *teams* are the labels of all that can be chosen."""

    part: PartOfList[ListedApplication]
    teams: Sequence[str]

    @property
    def failing(self) -> int | None:
        """How many of them fail on main; None where not all of them are on the page."""
        if len(self.part.items) < self.part.total:
            return None
        return sum(item.verdict in FAILURES for item in self.part.items)


def applications(storage: Storage, which: ListFilter, order: ListOrder, number: int) -> Applications:
    """Return a page of the applications that the filter asks for: six statements."""
    page = Page(number, PAGE_SIZE)
    found, total = storage.application_list.page(which, order, page)
    teams = storage.labels.beginning_with(TEAM, MOST_TEAMS)
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

    return Applications(PartOfList([listed(item) for item in found], total, page), teams)
