"""How old the entries of an audit log are, and what was removed of them because of that."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tally.audit.hashing import canonical_entry, entry_hash
from tally.audit.sealed import Sealed
from tally.values import dataclass

MOST_MONTHS = 1200
_SLACK = timedelta(days=31)
"""How much younger than the months the oldest entry may be: there is not one every day."""
_MONTHS_DIFFER = timedelta(days=1)
"""A month before the 31st may be some hours earlier than a month before the 30th was."""


@dataclass(frozen=True)
class Kept:
    """How long entries are kept: some *months*, as somebody says who verifies *now*."""

    months: int
    now: datetime

    def is_due(self, at: datetime) -> bool:
        """Return whether an entry of this moment may have been removed."""
        return at < months_before(self.now, self.months) + _MONTHS_DIFFER

    def reaches_back_to(self, oldest: datetime) -> bool:
        """Return whether a log with this oldest entry has all that is younger, as far as that shows it."""
        return oldest <= months_before(self.now, self.months) + _SLACK


class Removal:
    """What was removed of a log because of its age: the oldest seals, if all is right."""

    def __init__(self, kept: Kept | None) -> None:
        self._kept = kept
        self._is_newest_due = False
        self._oldest_left: datetime | None = None
        self.seals = self.entries = 0

    def add(self, sealed: Sealed, earlier: Sealed | None) -> str | None:
        """Add a seal without entries; return the UUID of one that *earlier* has and that is not due yet."""
        self.seals += 1
        self.entries += sealed.count
        self._is_newest_due = False
        if self._kept is None or earlier is None or earlier.is_removed:
            return None
        there = {str(entry["uuid"]): entry for entry in earlier.entries}
        for uuid, expected in earlier.hashes:
            at = _moment(there.get(uuid), expected)
            if at is None or not self._kept.is_due(at):
                return uuid
        self._is_newest_due = True
        return None

    def leave(self, sealed: Sealed) -> None:
        """Add a seal whose entries are there, and are those that were sealed."""
        if self._oldest_left is None:
            found = [at for entry in sealed.entries if (at := _at(entry))]
            self._oldest_left = min(found, default=None)

    def objection(self) -> str | None:
        """Return why the removed seals cannot be taken for old ones; None if they can, or there are none."""
        if not self.seals:
            return None
        removed = "Seal 1 was removed" if self.seals == 1 else f"Seals 1 to {self.seals} were removed"
        if self._kept is None:
            return f"{removed}. If entries are kept for N months (TALLY_AUDIT_MONTHS), say so: --months N"
        if self._is_newest_due or (self._oldest_left and self._kept.reaches_back_to(self._oldest_left)):
            return None
        left = f"is of {self._oldest_left:%Y-%m-%d}" if self._oldest_left else "is missing"
        return (
            f"{removed}, but the oldest entry that is left {left}: what is younger than {self._kept.months} "
            "months was removed too, unless there were no entries for long. An earlier export shows which: "
            "--earlier FILE"
        )


def months_before(now: datetime, months: int) -> datetime:
    """Return the same moment some months earlier, on the last day of a shorter month."""
    count = now.year * 12 + now.month - 1 - months
    year, month = max(1, count // 12), count % 12 + 1
    return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))


def _moment(entry: Mapping[str, Any] | None, expected: str) -> datetime | None:
    """Return the moment of an entry of an export; None without one, or if it is not the one of the hash."""
    if entry is None or entry_hash(canonical_entry(entry)).hex() != expected.lower():
        return None
    return _at(entry)


def _at(entry: Mapping[str, Any]) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(entry.get("at")))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
