"""Searching: a few of each kind of thing, or a page of one kind."""

from collections.abc import Sequence

from broker.domain.errors import ValidationError
from broker.domain.pagination import Page, PartOfList
from broker.domain.search.entries import Kind
from broker.domain.search.found import Found, in_order
from broker.domain.search.query import LONGEST_QUERY, query
from broker.storage.storage import Storage
from tally.values import dataclass

FEW = 5
"""Of each kind that the search shows first."""
LOOKED_AT = 50
"""Of which these are the best; twice as many at most."""
PAGE_SIZE = 50
MOST = 250
"""Of one kind that can be looked through; twice as many at most. More are not what anybody searched for."""
MOST_WAITING = 1_000


@dataclass(frozen=True)
class Group:
    """What was found of a kind. With *are_all*, it is everything."""

    kind: Kind
    part: PartOfList[Found]
    are_all: bool

    @property
    def more(self) -> bool:
        """Whether there is more than is shown."""
        return self.part.total > len(self.part.items)


@dataclass(frozen=True)
class SearchPage:
    """What a search has found; *waiting* counts what is not in the index yet, up to MOST_WAITING."""

    text: str
    kind: Kind | None
    groups: Sequence[Group]
    waiting: int

    @property
    def total(self) -> int:
        """How many things were found, as far as they were counted."""
        return sum(group.part.total for group in self.groups)


def search(storage: Storage, text: str, kind: Kind | None, number: int) -> SearchPage:
    """Return what has all terms of the *text*: page *number* of a *kind*, or a few of each kind.

    Raises ValidationError for a text that is too long. Four statements, whatever there is.
    """
    if len(text) > LONGEST_QUERY:
        raise ValidationError({"q": [f"must have at most {LONGEST_QUERY} characters"]})
    waiting = storage.search_queue.count(MOST_WAITING)
    wanted = query(text)
    if wanted is None:
        return SearchPage(text, kind, [], waiting)
    kinds = [kind] if kind else list(Kind)
    most = MOST if kind else LOOKED_AT
    page = Page(number, PAGE_SIZE) if kind else Page(1, FEW)
    results = storage.search_results.find(wanted, kinds, most)
    found = in_order(results.found, text)
    groups = []
    for one in kinds:
        of_kind = [item for item in found if item.kind is one]
        part = PartOfList(of_kind[page.offset : page.offset + page.size], len(of_kind), page)
        groups.append(Group(one, part, are_all=one not in results.cut))
    return SearchPage(text, kind, [group for group in groups if group.part.total], waiting)
