"""The threads that answer requests, and how a request gets to one of them, and its answer back."""

import asyncio
import threading
import weakref
from collections.abc import Callable
from contextlib import nullcontext, suppress
from queue import SimpleQueue
from time import perf_counter
from typing import Any

from broker.server.one_core import OneCore
from broker.server.request_load import RequestLoad

_FREE = nullcontext()


class RequestThreads:
    """As many threads as *load* says, kept on *core*. Each starts when it is needed.

    It does what an executor of Python does with fewer locks, and for one event loop.
    """

    def __init__(self, name: str, load: RequestLoad, core: OneCore) -> None:
        self._name = name
        self.load = load
        self._core = core
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._started = 0
        self._locking = asyncio.Semaphore(max(1, load.threads - 1))
        weakref.finalize(self, _end, self._jobs, load.threads)

    async def run(
        self, call: Callable[[Any], Any], argument: Any, *, may_wait_for_locks: bool = False
    ) -> Any:
        """Return what *call* returns in one of the threads, to which *argument* is given.

        Those that *may_wait_for_locks* leave a thread to the others, if there are several.
        """
        with self.load.asking():
            job = _Job(call, argument)
            async with self._locking if may_wait_for_locks else _FREE:
                if self.load.asked > self._started < self.load.threads:
                    self._start()
                self._jobs.put(job)
                return await job.answer

    def _start(self) -> None:
        self._started += 1
        name = f"{self._name}-{self._started}"
        threading.Thread(
            target=_work, args=(self._jobs, self.load, self._core), name=name, daemon=True
        ).start()


class _Job:
    """A call that a thread makes, while a task of the event loop waits for it."""

    def __init__(self, call: Callable[[Any], Any], argument: Any) -> None:
        self._call, self._argument = call, argument
        self._loop = asyncio.get_running_loop()
        self._found: Any = None
        self._error: BaseException | None = None
        self.answer: asyncio.Future[Any] = self._loop.create_future()
        self.asked = perf_counter()

    def run(self) -> None:
        """Make the call, unless nobody waits for it any more."""
        if self.answer.cancelled():
            return
        try:
            self._found = self._call(self._argument)
        except BaseException as error:  # noqa: BLE001 - raised where the answer is awaited
            self._error = error

    def hand_back(self) -> None:
        """Give the event loop what was found."""
        with suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        if self.answer.done():  # nobody waits for it any more
            return
        if self._error is None:
            self.answer.set_result(self._found)
        else:
            self.answer.set_exception(self._error)


def _work(jobs: "SimpleQueue[_Job | None]", load: RequestLoad, core: OneCore) -> None:
    """Do one job after the other, until there is None."""
    core.join()
    while (job := jobs.get()) is not None:
        load.begin(job.asked)
        job.run()
        load.end()
        job.hand_back()
        del job  # its request may be large


def _end(jobs: "SimpleQueue[_Job | None]", threads: int) -> None:
    """End the threads once they have nothing more to do."""
    for _ in range(threads):
        jobs.put(None)
