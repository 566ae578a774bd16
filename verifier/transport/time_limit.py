"""A limit of time for code in this process, which nothing else could end."""

import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")
_POLL_INTERVAL = 0.02


class TimeIsUpError(BaseException):
    """Raised inside of the code; no Exception, because applications answer those with the status 500."""


class TimeLimit:
    """Call functions that may take so many *seconds*.

    In the main thread, the function is called there, because applications keep things for one thread: its
    time over, TimeIsUpError is raised in the midst of it by a signal. Elsewhere, and on Windows, a function
    has a thread of its own, which goes on when nobody waits for it any more.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._deadline: float | None = None
        self._watch: threading.Thread | None = None
        self._closed = threading.Event()

    def call(self, function: Callable[[], T]) -> T:
        """Return what *function* returns, or raise what it raises; raises TimeIsUpError."""
        in_main_thread = threading.current_thread() is threading.main_thread()
        if sys.platform == "win32" or not in_main_thread:
            return self._in_a_thread(function)
        return self._interrupted(function)

    def close(self) -> None:
        """Release the thread that watches the time."""
        self._closed.set()
        if self._watch:
            self._watch.join()

    def _interrupted(self, function: Callable[[], T]) -> T:
        if self._watch is None:
            self._watch = threading.Thread(target=self._watch_time, daemon=True)
            self._watch.start()
        # SIGURG is ignored by default: one that comes too late does no harm.
        before = signal.signal(signal.SIGURG, self._end)
        try:
            self._deadline = time.monotonic() + self.seconds
            return function()
        finally:
            self._deadline = None
            signal.signal(signal.SIGURG, before)

    def _watch_time(self) -> None:
        main = threading.main_thread().ident or 0
        while not self._closed.wait(_POLL_INTERVAL):
            if self._is_over():
                # It may be caught by the function; then it is raised again.
                signal.pthread_kill(main, signal.SIGURG)

    def _is_over(self) -> bool:
        deadline = self._deadline
        return deadline is not None and time.monotonic() > deadline

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        if self._is_over():
            raise TimeIsUpError

    def _in_a_thread(self, function: Callable[[], T]) -> T:
        called: Future[T] = Future()
        threading.Thread(target=_fulfil, args=(called, function), daemon=True).start()
        try:
            return called.result(self.seconds)
        except TimeoutError:
            if called.done():  # the function raised it
                raise
            raise TimeIsUpError from None


def _fulfil(future: Future[Any], function: Callable[[], Any]) -> None:
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
        future.set_exception(error)
