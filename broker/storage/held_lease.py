"""A lease while a block runs, which takes many transactions."""

import logging
import time
from typing import Self
from uuid import uuid4

from broker.storage.database import Database
from broker.storage.failures import failure_of
from broker.storage.storage import Storage

logger = logging.getLogger("broker")


class HeldLease:
    """Take a lease, if nobody has it, until the block ends: then *is_ours* is true.

    It lasts for *seconds*, and longer when it is renewed in time.
    """

    def __init__(self, database: Database, name: str, seconds: float) -> None:
        self.is_ours = False
        self._database = database
        self._name = name
        self._seconds = seconds
        self._holder = str(uuid4())
        self._renewed = 0.0

    def __enter__(self) -> Self:
        self._database.write(self._take)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._database.write(lambda storage: storage.leases.give_back(self._name, self._holder))
        except Exception as error:
            failure = failure_of(error)
            if failure is None:
                raise
            logger.warning(
                "The database is %s: the next %s waits for %s s", failure.value, self._name, self._seconds
            )

    def renew(self, storage: Storage) -> None:
        """Make it last, in a transaction of the block, if a quarter of its time is over."""
        if time.monotonic() - self._renewed > self._seconds / 4:
            self._take(storage)

    def _take(self, storage: Storage) -> None:
        self.is_ours = storage.leases.take(self._name, self._holder, self._seconds)
        self._renewed = time.monotonic()
