"""Keep the index of the search up to date, beside requests."""

import time
from functools import partial
from uuid import uuid4

from broker.background.background import Background
from broker.services.search import index
from broker.storage.database import Database

SECONDS_BETWEEN_SWEEPS = 600.0
"""Words that nothing has any more are looked for after that time, if anything has changed meanwhile."""


class Indexer(Background):
    """Bring what waits into the index until stopped; of several processes, one at a time does."""

    name = "indexer"
    trouble = "The search cannot be brought up to date at the moment"
    waiting = "the search is not brought up to date"
    idle = 0.5
    seconds_to_stop = 10.0

    def __init__(self, database: Database) -> None:
        super().__init__(database.retrying)
        self._database = database
        self._writing = partial(self.unhurried, database)
        self._holder = str(uuid4())
        self._has_changed = False
        self._swept_until = 0
        self._next_sweep = time.monotonic() + SECONDS_BETWEEN_SWEEPS

    def turn(self) -> bool:
        """Index some of what waits, or remove some words that are left; return whether there may be more."""
        found = index.index_some(self._database.reading, self._writing, self._holder)
        self._has_changed |= found is not index.Outcome.NOTHING
        if found is index.Outcome.MORE:
            return True
        return self._sweep()

    def _sweep(self) -> bool:
        if not self._has_changed or time.monotonic() < self._next_sweep:
            return False
        self._swept_until = index.sweep(self._writing, self._holder, self._swept_until)
        if not self._swept_until:
            self._has_changed = False
            self._next_sweep = time.monotonic() + SECONDS_BETWEEN_SWEEPS
        return bool(self._swept_until)
