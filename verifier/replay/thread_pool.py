"""Work for several threads, whose results come back in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_STOP_TIMEOUT = 0.5


def map_in_threads(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    workers: Callable[[], int],
    *,
    when_done: Callable[[], None] = lambda: None,
) -> Iterator[Result]:
    """Yield what *work* makes of each of *items*, in their order, made by as many threads as *workers* says.

    It is asked again after every item, so that their number may grow and shrink; below one it never is.
    Each thread calls *when_done* when it ends. Whoever stops listening stops the work: what has begun may
    end, and is waited for half a second, so that an interrupt is not kept waiting.
    """
    pool = _ThreadPool(work, items, workers, when_done)
    try:
        yield from pool.results()
    finally:
        pool.stop()


@dataclass(frozen=True)
class _Raised:
    """What came of an item that could not be worked on."""

    error: BaseException


class _ThreadPool(Generic[Item, Result]):
    """Threads with numbers from 0: one whose number is not wanted any more ends, and may begin again."""

    def __init__(
        self,
        work: Callable[[Item], Result],
        items: Iterable[Item],
        workers: Callable[[], int],
        when_done: Callable[[], None],
    ) -> None:
        self._work = work
        self._tasks = deque(enumerate(items))
        self._workers = workers
        self._when_done = when_done
        self._threads: dict[int, Thread] = {}
        self._ended: SimpleQueue[tuple[int, Result | _Raised]] = SimpleQueue()

    def results(self) -> Iterator[Result]:
        """Yield the results in the order of the items; raises what working on one of them raised."""
        finished: dict[int, Result | _Raised] = {}
        for index in range(len(self._tasks)):
            while index not in finished:
                self._start_threads()
                ended, outcome = self._ended.get()
                finished[ended] = outcome
            result = finished.pop(index)
            if isinstance(result, _Raised):
                raise result.error
            yield result

    def stop(self) -> None:
        """Begin nothing more, and wait a little for what has begun."""
        self._tasks.clear()
        threads = list(self._threads.values())
        for thread in threads:
            thread.join(_STOP_TIMEOUT / len(threads))

    def _start_threads(self) -> None:
        """Begin the threads that are wanted and have something to do."""
        for number in range(min(self._workers(), len(self._threads) + len(self._tasks))):
            if number not in self._threads:
                self._threads[number] = Thread(target=self._run, args=(number,), daemon=True)
                self._threads[number].start()

    def _run(self, number: int) -> None:
        with suppress(IndexError):  # nothing is left to begin
            while number == 0 or number < self._workers():
                index, item = self._tasks.popleft()
                self._ended.put((index, self._outcome(item)))
        self._when_done()
        del self._threads[number]

    def _outcome(self, item: Item) -> Result | _Raised:
        try:
            return self._work(item)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the listener
            return _Raised(error)
