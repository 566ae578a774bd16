"""Whether the database takes changes: found out by one, which all processes share."""

import threading
import time
from collections.abc import Callable
from uuid import uuid4

from broker.storage.database import Database
from broker.storage.failures import failure_of
from broker.storage.leases import WRITE_PROBE

SECONDS = 10
"""How long a finding is good for, however many ask."""


class WriteProbe:
    """Write now and then, when somebody asks whether that works; safe to share between threads."""

    def __init__(self, database: Database, timer: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._timer = timer
        self._holder = str(uuid4())
        self._one_at_a_time = threading.Lock()
        self._found: tuple[float, Exception | None] | None = None

    def problem(self) -> Exception | None:
        """Return what is wrong with the database, or None when it takes changes.

        Who asks while another one is finding out gets what was found before, if anything was.
        """
        if not self._one_at_a_time.acquire(blocking=self._found is None):
            return None if self._found is None else self._found[1]
        try:
            if self._found is None or self._timer() - self._found[0] >= SECONDS:
                self._found = self._timer(), self._try()
            return self._found[1]
        finally:
            self._one_at_a_time.release()

    def note(self, error: Exception) -> None:
        """Take what a request has met for what was found: its change was larger than what is tried."""
        self._found = self._timer(), error

    def _try(self) -> Exception | None:
        try:
            self._database.check_room()
            # The row is written unless another process has written it within the time.
            self._database.write(lambda storage: storage.leases.take(WRITE_PROBE, self._holder, SECONDS))
        except Exception as error:
            if failure_of(error) is None:
                raise
            return error
        return None
