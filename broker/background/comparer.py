"""Compare what publications have left to compare, beside requests.

The comparisons themselves are made in other processes, which are ended when one takes too long.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from broker.background.background import Background
from broker.services.service_contracts.comparing import SECONDS_FOR_ONE, make_due
from broker.services.service_contracts.judging_process import JudgingProcesses
from broker.storage.database import Database
from broker.web.hal import Links


class Comparer(Background):
    """Make what is due until stopped. What was claimed and not made is made by another one later."""

    name = "comparer"
    trouble = "Contracts cannot be compared at the moment"
    waiting = "comparisons wait"
    seconds_to_stop = SECONDS_FOR_ONE + 5.0

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(database.retrying)
        self._database = database
        self._clock = clock
        self._processes = JudgingProcesses()

    def stop(self) -> None:
        """Stop, and end the processes in which contracts are compared."""
        super().stop()
        self._processes.end()

    def turn(self) -> bool:
        """Make some of what is due; return whether more may be due."""
        with self._database.reading() as storage:
            if not storage.pending_comparisons.any_due():
                return False
        make_due(self._database.transaction, self._processes, self._clock, Links)
        return True
