"""Taking turns: transactions of one process that would lock the same rows wait here, before they begin.

PostgreSQL makes them wait as well, and has to: there are other processes. But whoever waits there has begun,
and locked other rows; and it looks at each row again that has changed meanwhile. Four publications of one
consumer at once cost half as much again as one after the other.
"""

from collections.abc import Hashable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from time import monotonic
from typing import TypeVar

Opened = TypeVar("Opened")
LOCKS = 256
"""What two transactions are about may share a lock by chance: the one then waits for the other."""
PATIENCE = 5.0
"""Seconds for all of them; then the database decides who is next."""
MOST = 16
"""Who is about more has no turn: it would keep out many who are about something else."""


@contextmanager
def in_turn(turn: AbstractContextManager[None], opened: AbstractContextManager[Opened]) -> Iterator[Opened]:
    """Open it when the turn has come, which lasts until it is closed."""
    with turn, opened as found:
        yield found


class Turns:
    """The turns of one process; safe to share between threads."""

    def __init__(self) -> None:
        self._locks = [Lock() for _ in range(LOCKS)]

    @contextmanager
    def waiting(self, about: Iterable[Hashable]) -> Iterator[None]:
        """Run the block when no other thread is about any of the same.

        A thread takes all its locks at once, before it begins a transaction, and all threads take them in the
        same order: no two wait for each other.
        """
        places = sorted({hash(each) % LOCKS for each in about})
        locks = [self._locks[place] for place in places] if len(places) <= MOST else []
        held: list[Lock] = []
        until = monotonic() + PATIENCE
        try:
            held.extend(lock for lock in locks if lock.acquire(timeout=max(0, until - monotonic())))
            yield
        finally:
            for lock in held:
                lock.release()
