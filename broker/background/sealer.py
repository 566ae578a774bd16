"""Seal the audit log, beside requests, and remove what is older than the settings say."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from broker.background.background import Background
from broker.services.audit import retention, sealing
from broker.storage.database import Database

SECONDS_BETWEEN_LINES = 3600.0
"""Until the newest seal is in the log again: so its hash is outside the database."""
SECONDS_BETWEEN_REMOVALS = 3600.0


class Sealer(Background):
    """Seal once a second until stopped; of several processes, one at a time does."""

    name = "sealer"
    trouble = "The audit log cannot be sealed at the moment"
    waiting = "the audit log is not sealed"
    seconds_to_stop = 10.0

    def __init__(
        self,
        database: Database,
        months: int = 0,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(database.retrying)
        self._database = database
        self._months = months
        self._clock = clock
        self._holder = str(uuid4())
        self._next_line = time.monotonic()
        self._next_removal = time.monotonic()

    def turn(self) -> bool:
        """Seal what has no seal, or remove some of what is too old; return whether there may be more."""
        self._log_newest()
        with self._database.reading() as storage:
            is_any = storage.audit_entries.any_unsealed()
        if is_any:
            with self._database.transaction() as storage:
                seal = sealing.seal_some(storage, self._holder, self._clock())
            return seal is not None and seal.entries == sealing.MOST_ENTRIES
        return self._remove()

    def _log_newest(self) -> None:
        if time.monotonic() < self._next_line:
            return
        with self._database.reading() as storage:
            newest = storage.audit_seals.newest()
        self._next_line = time.monotonic() + SECONDS_BETWEEN_LINES
        if newest:
            self._logger.info("The newest seal of the audit log: %s %s", newest.number, newest.hash.hex())

    def _remove(self) -> bool:
        if not self._months or time.monotonic() < self._next_removal:
            return False
        # Also when the database does not allow it: an operator may have denied the broker to delete entries.
        self._next_removal = time.monotonic() + SECONDS_BETWEEN_REMOVALS
        with self.unhurried(self._database) as storage:
            removed = retention.remove_some(storage, self._months, self._clock())
        if removed:
            self._next_removal = time.monotonic()
        return bool(removed)
