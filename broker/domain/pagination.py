"""Pages of long lists (Pact Broker reference §1.7)."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from tally.values import dataclass

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page:
    """A page of a list; numbers start at 1."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many items come before the page."""
        return (self.number - 1) * self.size


@dataclass(frozen=True)
class PartOfList(Generic[Item]):
    """The items of one page, or of the whole list when *page* is None; *total* counts all items."""

    items: Sequence[Item]
    total: int
    page: Page | None = None

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.page.size) if self.page else 1
