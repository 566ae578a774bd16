"""Deleting what a clean-up decided: batch after batch, each so short that requests hardly wait."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from broker.domain.retention.policy import BranchFacts, Policy
from broker.storage.database import Database
from broker.storage.retention.deletions import STALE_BRANCHES, VERSIONS, Kind
from broker.storage.storage import Storage
from tally.values import dataclass

logger = logging.getLogger("broker.cleaning")
SECONDS_PER_BATCH = 0.05
"""How long a batch should take; its size follows. On SQLite, all other writers wait for it."""
SMALLEST_BATCH, LARGEST_BATCH = 20, 500
"""Rows. A batch of one takes nearly as long as one of twenty, for its statements."""


@dataclass(frozen=True)
class Pace:
    """How a clean-up lets others write: it pauses between batches, of at most so many rows each."""

    pause: Callable[[float], None] = time.sleep
    largest_batch: int = LARGEST_BATCH


UNHURRIED = Pace()


@dataclass(frozen=True)
class _Batch:
    """How many rows a batch deleted, by the name of the table, and how many seconds it took of others.

    The size of the next batch follows from the deleting alone: what follows from the rows is renewed in the
    same time for one of them as for many.
    """

    rows: Mapping[str, int]
    took: float
    held: float


class Batches:
    """Delete in short transactions, with pauses in which others can write."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        now: datetime,
        pace: Pace,
        *,
        renew: Callable[[Storage], None],
    ) -> None:
        self._database = database
        self._policy = policy
        self._now = now
        self._pace = pace
        self._renew = renew

    def delete(self, kind: Kind, ids: Sequence[int], before: datetime) -> Iterator[Mapping[str, int]]:
        """Yield how many rows each batch deleted, by the name of the table."""
        most = self._pace.largest_batch
        done, size = 0, min(SMALLEST_BATCH, most)
        while done < len(ids):
            batch = self._delete(kind, ids[done : done + size], before)
            yield batch.rows
            self._pace.pause(batch.held)
            done += size
            fitting = int(size * SECONDS_PER_BATCH / max(batch.took, 0.001))
            size = min(most, 2 * size, max(SMALLEST_BATCH, fitting))

    def _delete(self, kind: Kind, ids: Sequence[int], before: datetime) -> _Batch:
        def tell(error: Exception) -> None:
            logger.info("A batch of %s is tried again: %s", kind.table.name, type(error).__name__)

        return self._database.retrying.run(lambda: self._delete_once(kind, ids, before), tell)

    def _delete_once(self, kind: Kind, ids: Sequence[int], before: datetime) -> _Batch:
        branches: list[BranchFacts] = []
        with self._database.transaction() as storage:
            started = time.monotonic()
            free = storage.deletions.lock(kind, ids)
            facts = storage.retention_facts
            # Since the decision, a version may have been deployed, and a branch may have got one.
            if kind is VERSIONS:
                free = [item.id for item in facts.of_ids(free) if not self._policy.keeps(item, self._now)]
            elif kind is STALE_BRANCHES:
                branches = facts.branches(free)
                free = [item.id for item in branches if not self._policy.keeps_branch(item, self._now)]
            deleted = storage.deletions.delete(kind, free, before, self._now)
            took = time.monotonic() - started
            self._renew(storage)
        for branch in branches:
            if branch.id in deleted.ids:
                logger.info("Deleted the branch %s of %s, stale since %s", *_described(branch))
        return _Batch(deleted.rows, took, time.monotonic() - started)


def _described(branch: BranchFacts) -> tuple[str, str, str]:
    return branch.name, branch.pacticipant, branch.updated_at.date().isoformat()
