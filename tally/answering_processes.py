"""Processes that answer questions, each killed when it takes too long, however it is busy.

Native code is interrupted by no signal, thread or exception of Python. A question is a line, and so is its
answer; the first line of such a process says that it is ready. It ends when its standard input does.
"""

import atexit
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Generic, Protocol, TypeVar, cast

SECONDS_TO_START = 30.0


class NoAnswerError(Exception):
    """A process did not answer and has ended, or it could not be started.

    *is_late* says that it was killed, because its time was over.
    """

    def __init__(self, message: str, *, is_late: bool = False) -> None:
        super().__init__(message)
        self.is_late = is_late


class AnsweringProcess:
    """One such process, of which one thread asks one question at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it, and wait until it is ready. Raises NoAnswerError."""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise NoAnswerError("could not be started") from error
        _let_run_anywhere(self._process.pid)
        self._stdin = cast("IO[bytes]", self._process.stdin)
        self._stdout = cast("IO[bytes]", self._process.stdout)
        self.is_running = True
        self._read(SECONDS_TO_START)  # which is not part of the time for a question

    def ask(self, line: bytes, seconds: float) -> bytes:
        """Return the answer. Raises NoAnswerError."""
        try:
            self._stdin.write(line + b"\n")
            self._stdin.flush()
        except OSError as error:
            self.end()
            raise NoAnswerError("ended before it was asked") from error
        return self._read(seconds)

    def end(self) -> None:
        """End it at once."""
        self.is_running = False
        self._process.kill()
        self._process.communicate()

    def _read(self, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        killer = Timer(seconds, self._process.kill)
        killer.daemon = True
        killer.start()
        line = self._stdout.readline()
        killer.cancel()
        if not line.endswith(b"\n"):
            self.end()
            raise NoAnswerError("ended before it had answered", is_late=time.monotonic() >= deadline)
        return line


def _let_run_anywhere(process: int) -> None:
    """Let it use all processors that any thread of this process may use: its parent may be kept on one."""
    if sys.platform != "linux":
        return
    with suppress(OSError):  # a thread, or the process, has just ended
        of_threads = [os.sched_getaffinity(int(path.name)) for path in Path("/proc/self/task").iterdir()]
        os.sched_setaffinity(process, set().union(*of_threads))


class Running(Protocol):
    """What can be kept for the next question."""

    @property
    def is_running(self) -> bool:
        """Whether it can be asked."""

    def end(self) -> None:
        """End it at once."""


Kept = TypeVar("Kept", bound=Running)


class IdleProcesses(Generic[Kept]):
    """Processes that wait for questions: as many as were needed at once, started when they are needed.

    Each thread that asks takes one, and gives it back.
    """

    def __init__(self, start: Callable[[], Kept]) -> None:
        self._start = start
        # After a fork, the pipes are still the parent's.
        self._idle_of: dict[int, list[Kept]] = {}
        self._lock = Lock()
        atexit.register(self.end)

    def take(self) -> Kept:
        """Return a process that nobody else asks anything."""
        with self._lock:
            idle = self._idle_of.setdefault(os.getpid(), [])
            if idle:
                return idle.pop()
        return self._start()

    def give_back(self, process: Kept) -> None:
        """Let others take it, unless it has ended."""
        if process.is_running:
            with self._lock:
                self._idle_of.setdefault(os.getpid(), []).append(process)

    def end(self) -> None:
        """End those that nobody has taken."""
        with self._lock:
            for process in self._idle_of.pop(os.getpid(), []):
                process.end()
