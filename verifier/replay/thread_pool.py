"""A function mapped over items by several threads, with the results in the order of the items."""

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
    """Yield *work(item)* for each of *items*, in their order, computed by several threads.

    *workers* returns how many threads to use. It is called again after every item, so the number can grow
    and shrink; at least one thread always runs. Each thread calls *when_done* when it ends. When the caller
    closes the iterator, no further item is begun, and items already begun get half a second to finish.
    """
    pool = _ThreadPool(work, items, workers, when_done)
    try:
        yield from pool.results()
    finally:
        pool.stop()


@dataclass(frozen=True)
class _Raised:
    """The error that *work* raised for an item, in place of its result."""

    error: BaseException


class _ThreadPool(Generic[Item, Result]):
    """Threads numbered from 0. A thread whose number is no longer wanted ends, and may be started again."""

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
        self._outcomes: SimpleQueue[tuple[int, Result | _Raised]] = SimpleQueue()

    def results(self) -> Iterator[Result]:
        """Yield the results in the order of the items; raises what *work* raised for an item, at its turn."""
        finished: dict[int, Result | _Raised] = {}
        for index in range(len(self._tasks)):
            while index not in finished:
                self._start_threads()
                done, outcome = self._outcomes.get()
                finished[done] = outcome
            result = finished.pop(index)
            if isinstance(result, _Raised):
                raise result.error
            yield result

    def stop(self) -> None:
        """Begin no further item, and wait half a second at most for those already begun."""
        self._tasks.clear()
        threads = list(self._threads.values())
        for thread in threads:
            thread.join(_STOP_TIMEOUT / len(threads))

    def _start_threads(self) -> None:
        """Start the missing threads, but no more than there are items left."""
        for number in range(min(self._workers(), len(self._threads) + len(self._tasks))):
            if number not in self._threads:
                self._threads[number] = Thread(target=self._run, args=(number,), daemon=True)
                self._threads[number].start()

    def _run(self, number: int) -> None:
        with suppress(IndexError):  # no item is left
            # The first thread goes on even when no worker is wanted: somebody has to finish the items.
            while number == 0 or number < self._workers():
                index, item = self._tasks.popleft()
                self._outcomes.put((index, self._outcome(item)))
        self._when_done()
        # Last of all: from here on, another thread may get this number.
        del self._threads[number]

    def _outcome(self, item: Item) -> Result | _Raised:
        try:
            return self._work(item)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that iterates
            return _Raised(error)
