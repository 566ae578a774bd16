"""Bringing the index of the search up to date: read what waits, then write it a little at a time.

What is read is written by one process at a time, which has a lease; what changes meanwhile waits again. So
each step may be repeated, and none is lost.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum

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

AT_ONCE = 500
"""How much of what waits is read at once."""
MOST_ENTRIES = 400
"""About how many entries are written in one transaction: others wait for it."""
LEASE = 60.0
MOST_WORDS = 2_000
Open = Callable[[], AbstractContextManager[Storage]]


class Outcome(Enum):
    """What came of a look at what waits."""

    NOTHING = "nothing waited"
    DONE = "all that waited is in the index, or another process puts it there"
    MORE = "more waits"


@dataclass(frozen=True)
class _Owner:
    """Something whose entries are to be replaced by these."""

    column: str
    id: int
    entries: Sequence[Entry]


def index_some(reading: Open, transaction: Open, holder: str) -> Outcome:
    """Bring what has waited longest into the index.

    *holder* names who does it: nothing is done while another one does.
    """
    with reading() as storage:
        waiting = storage.search_queue.first(AT_ONCE)
        owners = list(_owners(storage, waiting)) if waiting else []
    if not waiting:
        return Outcome.NOTHING
    batches, all_done = list(_batches(owners)), True
    for some in [*batches, []]:
        with transaction() as storage:
            if not storage.leases.take(SEARCH_INDEX, holder, LEASE):
                return Outcome.DONE
            if some:
                all_done &= _replace(storage, some)
                continue
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


def index_everything(reading: Open, transaction: Open) -> None:
    """Bring all that waits into the index, as a worker does in a while."""
    while index_some(reading, transaction, "at once") is Outcome.MORE:
        pass


def _owners(storage: Storage, waiting: Sequence[Waiting]) -> Iterator[_Owner]:
    ids = {kind: sorted({each.thing_id for each in waiting if each.kind == kind}) for kind in WaitingKind}
    applications, branches = ids[WaitingKind.PACTICIPANT], ids[WaitingKind.BRANCH]
    for number, names in storage.search_sources.applications(applications):
        yield _Owner("pacticipant_id", number, [of_application(number, *names)])
    for number, name in storage.search_sources.branches(branches):
        yield _Owner("branch_id", number, [of_name(Kind.BRANCH, number, name)])
    for number, name in storage.search_sources.versions(ids[WaitingKind.VERSION]):
        yield _Owner("version_id", number, [of_name(Kind.VERSION, number, name)])
    consumers = {*applications, *storage.search_sources.with_main_branch(branches)}
    pairs = {
        pair.id: pair for pair in storage.search_sources.of_consumers(sorted(consumers), Kind.INTEGRATION)
    }
    for consumer_id, provider_id in sorted(
        {(each.thing_id, each.other_id or 0) for each in waiting if each.kind == WaitingKind.INTEGRATION}
    ):
        if consumer_id not in consumers and (
            pair := storage.search_sources.pair(consumer_id, provider_id, Kind.INTEGRATION)
        ):
            pairs[pair.id] = pair
    for pair in pairs.values():
        if pair.indexed != _contents(pair):
            yield _Owner("integration_id", pair.id, _entries(storage, pair))


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


def _batches(owners: Iterable[_Owner]) -> Iterator[list[_Owner]]:
    """Yield owners in groups of the same kind that have not many entries together."""
    batch: list[_Owner] = []
    number = 0
    for owner in owners:
        number += len(owner.entries)
        if batch and (number > MOST_ENTRIES or batch[0].column != owner.column):
            yield batch
            batch, number = [], len(owner.entries)
        batch.append(owner)
    if batch:
        yield batch


def _replace(storage: Storage, owners: Sequence[_Owner]) -> bool:
    entries = [entry for owner in owners for entry in owner.entries]
    return storage.search_index.replace(owners[0].column, [owner.id for owner in owners], entries)
