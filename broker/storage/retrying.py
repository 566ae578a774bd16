"""Run transactions again that the database asks to repeat: after pauses that grow, and not for ever.

What was committed is never run again: neither when it is known to be, nor when nobody knows.
"""

import time
from collections.abc import Callable
from random import uniform
from threading import local
from typing import TypeVar

from broker.storage.elsewhere import NotFetchedError
from broker.storage.failures import is_lost_race, may_be_run_again
from tally.values import dataclass

Result = TypeVar("Result")
Noted = Callable[[Exception], None]

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0
"""Seconds. Each pause may be twice as long as the one before; how long it is is chance."""
SECONDS_OF_RACES = 10.0
"""After these nothing is run again: it holds a thread. PostgreSQL takes a second to notice a deadlock."""
SECONDS_WITHOUT_A_RACE = 2.0
"""The same for a connection that was lost, such as after waiting for a session that a pooler did not have."""
SECONDS_OF_FETCHING = 20.0
"""After these nothing is fetched from an object store for the same work."""


@dataclass(frozen=True)
class Retries:
    """How often something is run again, at *most*. *sleep* and *timer* are those of `time`."""

    most: int = 10
    sleep: Callable[[float], None] = time.sleep
    timer: Callable[[], float] = time.monotonic


def longest_pause(retry: int) -> float:
    """Return how many seconds the pause before a retry is at most; the first retry is 0."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(retry, 30))


def _tell_nobody(_error: Exception) -> None:
    pass


class Retrying:
    """Runs again what lost a race; safe to share between threads.

    *noted* is called with the error before something is run again.
    """

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self._of_thread = local()
        self.noted: Noted = _tell_nobody

    def committed(self) -> None:
        """Note that this thread has committed a transaction."""
        self._of_thread.commits = self._commits() + 1

    def run(self, work: Callable[[], Result], tell: Noted = _tell_nobody) -> Result:
        """Return what *work* returns. Raises its error when it may not run again, or has not succeeded.

        *work* may contain several transactions: once one of them is committed, nothing is run again.
        *tell* is called like `noted`, for this work alone. A content that is in an object store is fetched
        between two runs, when no transaction is open.
        """
        started, before = self._retries.timer(), self._commits()
        while True:
            try:
                return self._run(work, tell)
            except NotFetchedError as error:
                error.fetch()
                if self._commits() != before or self._retries.timer() - started > SECONDS_OF_FETCHING:
                    raise

    def _run(self, work: Callable[[], Result], tell: Noted) -> Result:
        started, before = self._retries.timer(), self._commits()
        for retry in range(self._retries.most):
            try:
                return work()
            except Exception as error:
                if self._commits() != before or not _is_worth_it(error, self._retries.timer() - started):
                    raise
                self.noted(error)
                tell(error)
                if is_lost_race(error):
                    # Who came first may need what this one takes again at once.
                    self._retries.sleep(uniform(0, longest_pause(retry)))  # noqa: S311 - no secret
        return work()

    def _commits(self) -> int:
        return getattr(self._of_thread, "commits", 0)


def _is_worth_it(error: Exception, seconds: float) -> bool:
    return may_be_run_again(error) and seconds <= (
        SECONDS_OF_RACES if is_lost_race(error) else SECONDS_WITHOUT_A_RACE
    )
