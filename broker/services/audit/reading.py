"""Reading the audit log: a page of entries, and seals with what was sealed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from broker.domain.accounts.actor import Actor
from broker.domain.accounts.permissions import Action
from broker.domain.audit.entry import Entry
from broker.domain.audit.entry_filter import AskedEntries, EntryFilter
from broker.domain.audit.seal import Seal
from broker.domain.errors import PermissionDeniedError, ValidationError
from broker.services.audit.sealing import MOST_ENTRIES
from broker.storage.audit.entries import UnknownEntryError
from broker.storage.storage import Storage
from tally.values import dataclass

_REFUSAL = (
    "{} may not read this: it needs the permission 'accounts', or for the entries of a team 'manage-team' in "
    "it. An administrator of the broker can grant them{}."
)
_WHOLE = (
    "{} may not read this: it needs the permission 'accounts'. An administrator of the broker can grant it."
)
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


def allowed(storage: Storage, actor: Actor, which: EntryFilter) -> EntryFilter:
    """Return those of the entries that the actor may read: all, or those of their teams.

    Raises PermissionDeniedError when they may read none.
    """
    if actor.may_everywhere(Action.ACCOUNTS):
        return which
    teams = actor.teams_for(Action.MANAGE_TEAM)
    if not teams:
        own = {grant.team_id for grant in actor.grants if grant.team_id is not None}
        names = " or ".join(storage.access.team_names(own)) if own else ""
        of_team = f", and an administrator of the team {names} the second" if names else ""
        raise PermissionDeniedError(_REFUSAL.format(actor.name, of_team))
    return replace(which, team_ids=teams)


def require_whole(actor: Actor) -> None:
    """Let the actor read the whole log, or raise PermissionDeniedError."""
    if not actor.may_everywhere(Action.ACCOUNTS):
        raise PermissionDeniedError(_WHOLE.format(actor.name))


def page(storage: Storage, actor: Actor, asked: AskedEntries) -> EntryPage:
    """Return a page of the entries that the actor may read. Raises ValidationError, PermissionDeniedError.

    In the order in which they happened, those without a seal are not there yet: so whoever goes on from
    the last one that they have misses none.
    """
    which, entries = allowed(storage, actor, asked.which), storage.audit_entries
    read = entries.newest_first if asked.newest_first else entries.oldest_first
    try:
        found = read(which, asked.size + 1, asked.start)
    except UnknownEntryError as error:
        message = "is not the UUID of an entry; it may have been removed because of its age"
        raise ValidationError({"from": [message]}) from error
    following = found[asked.size].uuid if len(found) > asked.size else ""
    return EntryPage(found[: asked.size], following)


def newest_seal(storage: Storage) -> Seal | None:
    """Return the newest seal, None before the first."""
    return storage.audit_seals.newest()


def unsealed(storage: Storage) -> tuple[int, datetime | None]:
    """Return how many entries have no seal yet, and when the oldest of them was made."""
    return storage.audit_entries.unsealed()


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
    sealed = [SealedEntries(seal, by_seal.get(seal.number, [])) for seal in some]
    return _removed_meanwhile(storage, after, sealed), len(found) > len(some)


def _removed_meanwhile(
    storage: Storage, after: int, sealed: Sequence[SealedEntries]
) -> Sequence[SealedEntries]:
    """Return the seals, those that lack entries as they are now.

    Retention may have removed the entries after the seals were read: then the seals say so by now.
    """
    lacking = {
        each.seal.number
        for each in sealed
        if each.seal.removed_at is None and len(each.entries) < each.seal.entries
    }
    if not lacking:
        return sealed
    now = {seal.number: seal for seal in storage.audit_seals.after(after, len(sealed))}
    return [
        replace(each, seal=now.get(each.seal.number, each.seal)) if each.seal.number in lacking else each
        for each in sealed
    ]
