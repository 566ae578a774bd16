"""What has changed, read for whoever waits for it: by one thread, however many wait."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from broker.storage.changes import LONG, SECONDS, Change

ReadChanges = Callable[[], frozenset[Change]]
"""Returns the newest changes: see `Changes`."""


class NewestChanges:
    """Reads the newest changes in a thread of its own; *name* is of the thread and of the log."""

    def __init__(
        self, read_changes: ReadChanges, name: str, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._read_changes = read_changes
        self._timer = timer
        self._read_at = timer()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._logger = logging.getLogger(f"broker.{name}")

    async def read(self) -> frozenset[Change] | None:
        """Return the newest changes, None when the database cannot be read."""
        began = self._timer()
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, self._read_changes)
        except Exception:
            self._logger.exception("Cannot read what has changed; trying again")
            return None
        pause, self._read_at = began - self._read_at, began
        # What came and went between the two reads may concern anybody.
        return found if pause < SECONDS - LONG else found | {Change(0, began, None, None)}


def concerned(changes: frozenset[Change]) -> frozenset[int] | None:
    """Return the ids of the pacticipants that these changes concern, None for all."""
    if any(change.pacticipant_id is None for change in changes):
        return None
    both = (found for change in changes for found in (change.pacticipant_id, change.other_id))
    return frozenset(found for found in both if found is not None)
