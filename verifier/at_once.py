"""Work for several threads, whose results come back in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_PATIENCE = 0.5


def at_once(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    *,
    when_done: Callable[[], None] = lambda: None,
) -> Iterator[Result]:
    """Yield what *work* makes of each of *items*, in their order, made by *workers* threads.

    Each thread calls *when_done* when nothing is left to begin. Whoever stops listening stops the work: what
    has begun may end, and is waited for half a second, so that an interrupt is not kept waiting.
    """
    tasks = deque((item, Future[Result]()) for item in items)
    futures = [future for _, future in tasks]
    threads = [
        Thread(target=_work, args=(work, tasks, when_done), daemon=True)
        for _ in range(min(workers, len(futures)))
    ]
    for thread in threads:
        thread.start()
    try:
        for future in futures:
            yield future.result()
    finally:
        tasks.clear()
        for thread in threads:
            thread.join(_PATIENCE / len(threads))


def _work(
    work: Callable[[Item], Result],
    tasks: deque[tuple[Item, Future[Result]]],
    when_done: Callable[[], None],
) -> None:
    try:
        while True:
            item, future = tasks.popleft()
            try:
                future.set_result(work(item))
            except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the listener
                future.set_exception(error)
    except IndexError:
        when_done()
