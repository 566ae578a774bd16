"""Which entries of the audit log are asked for."""

from collections.abc import Collection
from datetime import datetime

from tally.values import dataclass


@dataclass(frozen=True)
class EntryFilter:
    """Which entries: of an actor, by name or UUID, with an action, about a subject, not older than *since*.

    With *team_ids*, only those that are of one of these teams.
    """

    since: datetime | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    team_ids: Collection[int] | None = None


@dataclass(frozen=True)
class AskedEntries:
    """Which entries, how many at most, from which UUID on, and in which order."""

    which: EntryFilter
    size: int
    start: str = ""
    newest_first: bool = False
