"""What a search has found, and in which order it is shown."""

from collections.abc import Iterable
from datetime import datetime

from broker.domain.search.entries import Kind
from broker.domain.search.words import folded
from tally.values import dataclass


@dataclass(frozen=True)
class Found:
    """A thing that was found; *application* is the consumer where there is a *provider*.

    With *is_inside*, no word begins with what was asked for. *at* is when a version was created, or when a
    branch got its last one.
    """

    kind: Kind
    is_inside: bool
    application: str
    provider: str | None
    title: str
    method: str
    path: str
    interaction: str
    main_branch: str
    on_main: bool
    has_pact: bool
    at: datetime | None

    @property
    def name(self) -> str:
        """What is shown first."""
        if self.kind is Kind.APPLICATION:
            return self.application
        if self.kind is Kind.INTEGRATION:
            return f"{self.application} → {self.provider}"
        return self.title


def in_order(found: Iterable[Found], wanted: str) -> list[Found]:
    """Return what was found, the best first: what is equal, what begins so, what has a word that does."""
    text = folded(wanted)

    def place(item: Found) -> tuple[bool, bool, bool, float, int, str, str]:
        name = folded(item.name)
        return (
            name != text and folded(item.path) != text,
            not name.startswith(text),
            item.is_inside,
            -item.at.timestamp() if item.at else 0.0,
            len(name),
            name,
            f"{item.application} {item.provider}",
        )

    return sorted(found, key=place)
