"""Keep threads that need the interpreter by turns on one processor, as they never run at the same time.

Otherwise the system wakes each on a processor that is idle, as if it could run beside the one that woke it.
To hand the interpreter over is then a message between processors, and caches are cold on the other side.
"""

import asyncio
import ctypes
import os
import sys
import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

SECONDS_TO_STAY = 10
SECONDS_TO_CHOOSE = 0.1


class OneCore:
    """A processor that the system chooses, and now and then anew: others may be busy there meanwhile.

    It does nothing where there is one only, or where threads cannot be kept on one.
    """

    def __init__(self) -> None:
        self._all = _all_processors()
        self._current = self._all
        self._threads: set[int] = set()
        self._seconds_left = 0

    def begin_at(self, number: int) -> None:
        """Begin at the processor with this number: processes with different ones begin at different ones.

        The system leaves them there as long as nobody else is busy there.
        """
        if self._all:
            self._current = {sorted(self._all)[number % len(self._all)]}
            self._seconds_left = SECONDS_TO_STAY
            self.join()

    def join(self) -> None:
        """Keep the thread that calls this where the others are."""
        thread = threading.get_native_id()
        self._threads.add(thread)  # before the next line: whoever moves all meanwhile moves this one, too
        self._move([thread], self._current)

    def each_second(self) -> None:
        """Have the system choose, if it is time. The event loop calls it, in its thread, each second."""
        self._seconds_left -= 1
        if self._seconds_left > 0 or not self._all:
            return
        self._seconds_left = SECONDS_TO_STAY
        self.join()
        self._current = self._all
        # All threads of the process: one that a kept one has started is where that was at the time.
        self._move(_own_threads(), self._all)
        asyncio.get_running_loop().call_later(SECONDS_TO_CHOOSE, self._stay)

    def _stay(self) -> None:
        """Stay where the event loop runs at the moment."""
        self._current = {_current_processor()}
        self._move(self._threads & _own_threads(), self._current)

    def _move(self, threads: Collection[int], processors: set[int]) -> None:
        if not self._all:
            return
        for thread in threads:
            with suppress(OSError):  # it has just ended, or this process may no longer use these processors
                os.sched_setaffinity(thread, processors)


def _all_processors() -> set[int]:
    """Return the processors that this process may use; none if there is no choice."""
    if sys.platform != "linux":
        return set()
    found = os.sched_getaffinity(0)
    return found if len(found) > 1 else set()


def _own_threads() -> set[int]:
    return {int(task.name) for task in Path("/proc/self/task").iterdir()}


def _current_processor() -> int:
    found: int = ctypes.CDLL(None).sched_getcpu()
    return found
