"""Bringing the index of the search up to date: read what waits, then write it a little at a time.

What is read is written by one process at a time, which has a lease; what changes meanwhile waits again. So
each step may be repeated, and none is lost.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from typing import TypeVar

from broker.domain.search.entries import (
    Entry,
    Kind,
    of_application,
    of_integration,
    of_name,
    of_pact,
)
from broker.storage.leases import SEARCH_INDEX
from broker.storage.search.queue import Waiting, WaitingKind
from broker.storage.search.sources import PairToIndex
from broker.storage.storage import Storage
from tally.values import dataclass

AT_ONCE = 500
"""How much of what waits is read at once."""
MOST_NAMES, MOST_PAIRS = 400, 5
"""Of how many names, or of how many integrations, the entries are written in one transaction."""
LEASE = 60.0
MOST_WORDS = 2_000
Item = TypeVar("Item")
Open = Callable[[], AbstractContextManager[Storage]]


class Outcome(Enum):
    """What came of a look at what waits."""

    NOTHING = "nothing waited"
    DONE = "all that waited is in the index, or another process puts it there"
    MORE = "more waits"


@dataclass(frozen=True)
class _Owners:
    """Some of the same kind whose entries are to be replaced: by *entries*, or by those of *pairs*."""

    column: str
    ids: Sequence[int]
    entries: Sequence[Entry] = ()
    pairs: Sequence[PairToIndex] = ()


def index_some(reading: Open, transaction: Open, holder: str) -> Outcome:
    """Bring what has waited longest into the index.

    *holder* names who does it: nothing is done while another one does.
    """
    with reading() as storage:
        waiting = storage.search_queue.first(AT_ONCE)
        owners = list(_owners(storage, waiting)) if waiting else []
    if not waiting:
        return Outcome.NOTHING
    all_done = True
    for some in owners:
        with reading() as storage:
            entries = [*some.entries, *(entry for pair in some.pairs for entry in _entries(storage, pair))]
        with transaction() as storage:
            if not storage.leases.take(SEARCH_INDEX, holder, LEASE):
                return Outcome.DONE
            all_done &= storage.search_index.replace(some.column, some.ids, entries)
    with transaction() as storage:
        if not storage.leases.take(SEARCH_INDEX, holder, LEASE):
            return Outcome.DONE
        if all_done:
            storage.search_queue.remove([each.id for each in waiting])
        storage.leases.give_back(SEARCH_INDEX, holder)
    return Outcome.MORE if all_done and len(waiting) == AT_ONCE else Outcome.DONE


def sweep(transaction: Open, holder: str, after: int) -> int:
    """Remove some words that nothing has any more; return where to go on."""
    with transaction() as storage:
        if not storage.leases.take(SEARCH_INDEX, holder, LEASE):
            return after
        position = storage.search_index.sweep(after, MOST_WORDS)
        storage.leases.give_back(SEARCH_INDEX, holder)
        return position


def _owners(storage: Storage, waiting: Sequence[Waiting]) -> Iterator[_Owners]:
    ids = {kind: sorted({each.thing_id for each in waiting if each.kind == kind}) for kind in WaitingKind}
    applications, branches = ids[WaitingKind.PACTICIPANT], ids[WaitingKind.BRANCH]
    sources = storage.search_sources
    named = (
        (
            "pacticipant_id",
            [of_application(id_, *names) for id_, names in sources.applications(applications)],
        ),
        ("branch_id", [of_name(Kind.BRANCH, *branch) for branch in sources.branches(branches)]),
        ("version_id", [of_name(Kind.VERSION, *each) for each in sources.versions(ids[WaitingKind.VERSION])]),
    )
    for column, entries in named:
        for some in _parts(entries, MOST_NAMES):
            yield _Owners(column, [entry.owner_id for entry in some], some)
    pairs = [pair for pair in _pairs(storage, waiting, applications, branches) if _is_outdated(pair)]
    for of_some in _parts(pairs, MOST_PAIRS):
        yield _Owners("integration_id", [pair.id for pair in of_some], pairs=of_some)


def _pairs(
    storage: Storage, waiting: Sequence[Waiting], applications: Sequence[int], branches: Sequence[int]
) -> list[PairToIndex]:
    """Return the integrations that wait, and those of consumers whose main branch may have changed."""
    sources = storage.search_sources
    consumers = sorted({*applications, *sources.with_main_branch(branches)})
    found = {pair.id: pair for pair in sources.of_consumers(consumers, Kind.INTEGRATION)}
    others = {
        (each.thing_id, each.other_id or 0)
        for each in waiting
        if each.kind == WaitingKind.INTEGRATION and each.thing_id not in consumers
    }
    for consumer_id, provider_id in sorted(others):
        if pair := sources.pair(consumer_id, provider_id, Kind.INTEGRATION):
            found[pair.id] = pair
    return list(found.values())


def _is_outdated(pair: PairToIndex) -> bool:
    return pair.indexed != _contents(pair)


def _contents(pair: PairToIndex) -> str:
    return f"{pair.main or ''} {pair.latest or ''}"


def _entries(storage: Storage, pair: PairToIndex) -> list[Entry]:
    """Return what an integration is found by; what both pacts have is in that of the main branch."""
    found = {
        entry.key: entry
        for content_id, on_main in ((pair.latest, False), (pair.main, True))
        if content_id and (on_main or content_id != pair.main)
        for entry in of_pact(pair.id, storage.search_sources.text(content_id), on_main=on_main)
    }
    return [of_integration(pair.id, pair.consumer, pair.provider, _contents(pair)), *found.values()]


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
