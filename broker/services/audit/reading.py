"""Reading the audit log: a page of entries, and seals with what was sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from broker.domain.audit.entry import Entry
from broker.domain.audit.entry_filter import EntryFilter
from broker.domain.audit.seal import Seal
from broker.domain.errors import ValidationError
from broker.services.audit.sealing import MOST_ENTRIES
from broker.storage.audit.entries import UnknownEntryError
from broker.storage.storage import Storage

MOST_SEALS = 200
"""Seals of one page."""
SPARE = 1
"""How many entries more than a seal has are read of it: one that was added later is noticed."""


@dataclass(frozen=True)
class EntryPage:
    """Some entries; *following* is the UUID of the one after them, "" when there is none yet."""

    entries: Sequence[Entry]
    following: str


@dataclass(frozen=True)
class SealedEntries:
    """A seal, and what is there of its entries now."""

    seal: Seal
    entries: Sequence[Entry]


def page(
    storage: Storage, which: EntryFilter, size: int, *, start: str = "", newest_first: bool = False
) -> EntryPage:
    """Return a page of entries, beginning with the one whose UUID is *start*. Raises ValidationError.

    In the order in which they happened, those without a seal are not there yet: so whoever goes on from
    the last one that they have misses none.
    """
    read = storage.audit_entries.newest_first if newest_first else storage.audit_entries.oldest_first
    try:
        found = read(which, size + 1, start)
    except UnknownEntryError as error:
        message = "is not the UUID of an entry; it may have been removed because of its age"
        raise ValidationError({"from": [message]}) from error
    return EntryPage(found[:size], found[size].uuid if len(found) > size else "")


def newest_seal(storage: Storage) -> Seal | None:
    """Return the newest seal, None before the first."""
    return storage.audit_seals.newest()


def seals(storage: Storage, after: int) -> tuple[Sequence[SealedEntries], bool]:
    """Return the seals after a number with their entries, and whether there are more.

    That is at least one, and no more than have MOST_ENTRIES entries.
    """
    found = storage.audit_seals.after(after, MOST_SEALS + 1)
    total = 0
    some: list[Seal] = []
    for seal in found[:MOST_SEALS]:
        total += seal.entries
        if some and total > MOST_ENTRIES:
            break
        some.append(seal)
    if not some:
        return [], False
    # Entries that were added later may be more than the seals say. What is too much for one answer is left
    # out: the first of them is enough to see it.
    most = sum(seal.entries + SPARE for seal in some)
    entries = storage.audit_seals.entries(some[0].number, some[-1].number, most)
    by_seal = {number: list(group) for number, group in groupby(entries, key=lambda entry: entry.seal)}
    return [SealedEntries(seal, by_seal.get(seal.number, [])) for seal in some], len(found) > len(some)
