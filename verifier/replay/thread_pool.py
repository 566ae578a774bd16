"""A function mapped over items by several threads, with the results in the order of the items."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

from tally.values import dataclass

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
    and shrink. While one is enough, that is the caller's own: an item then is handed to nobody. Each other
    thread calls *when_done* when it ends. When the caller closes the iterator, no further item is begun, and
    items already begun get half a second to finish.
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
        self._outcomes: SimpleQueue[tuple[int, Result | _Raised] | None] = SimpleQueue()
        """What came of the items by their index; None says that a thread has ended."""

    def results(self) -> Iterator[Result]:
        """Yield the results in the order of the items; raises what *work* raised for an item, at its turn."""
        finished: dict[int, Result | _Raised] = {}
        for index in range(len(self._tasks)):
            while index not in finished:
                self._start_threads()
                alone = not self._threads and self._outcomes.empty()
                if done := self._next() if alone else self._outcomes.get():
                    finished[done[0]] = done[1]
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
        """Start the missing threads, but no more than there are items left, and none for one alone."""
        wanted = min(self._workers(), len(self._threads) + len(self._tasks))
        for number in range(wanted) if wanted > 1 else ():
            if number not in self._threads:
                self._threads[number] = Thread(target=self._run, args=(number,), daemon=True)
                self._threads[number].start()

    def _run(self, number: int) -> None:
        with suppress(IndexError):  # no item is left
            while 1 < self._workers() > number:
                self._outcomes.put(self._next())
        self._when_done()
        # Last of all: from here on, another thread may get this number, or the caller go on alone.
        del self._threads[number]
        self._outcomes.put(None)

    def _next(self) -> tuple[int, Result | _Raised]:
        """Work on the next item; raises IndexError when none is left."""
        index, item = self._tasks.popleft()
        try:
            return index, self._work(item)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that iterates
            return index, _Raised(error)
