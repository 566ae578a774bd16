"""The file that shows that a worker works: nothing else could, as it listens to no address."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger("broker.worker")
SECONDS_BETWEEN = 5.0
"""`tally-health` believes in a worker for twelve times as long."""


class Heartbeat:
    """Renew the time of a file while work goes on; without a name, there is none."""

    def __init__(self, file: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._clock = clock
        self._next = clock()
        self._has_warned = False

    def beat(self) -> None:
        """Renew it, if that is due. Call it as often as you like: a failure is logged once."""
        if not self._file or self._clock() < self._next:
            return
        self._next = self._clock() + SECONDS_BETWEEN
        try:
            Path(self._file).touch()
        except OSError as error:
            if not self._has_warned:
                logger.warning(
                    "TALLY_WORKER_HEARTBEAT_FILE cannot be written, so tally-health finds no worker: %s",
                    error,
                )
            self._has_warned = True
