"""Processes that compare contracts, each ended when it takes too long, however it is busy.

Run as a module, this is such a process: it reads questions and writes answers, one line of JSON each.
"""

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from threading import Lock, Timer
from typing import IO, Any, cast

import orjson

from broker.domain.service_contracts.policy import DocumentPolicy

SECONDS_TO_START = 30.0
MOST_SECONDS = 60.0
"""After these such a process ends by itself: whoever has asked is gone."""
COMMAND = (sys.executable, "-P", "-m", "broker.services.service_contracts.judging_process")
_ENDED = "the process that compares ended before it had answered"


class TookTooLongError(Exception):
    """The question was not answered in time, or the process that was to answer it ended or did not start.

    *reason* says why it was not answered; "" when its time was over.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class JudgingProcesses:
    """Processes that wait for questions: as many as were needed at once, started when they are needed.

    Each thread that compares takes one, and gives it back.
    """

    def __init__(self) -> None:
        # After a fork, the pipes are still the parent's.
        self._idle_of: dict[int, list[JudgingProcess]] = {}
        self._lock = Lock()
        atexit.register(self.end)

    def take(self) -> "JudgingProcess":
        """Return a process that nobody else asks anything."""
        with self._lock:
            idle = self._idle_of.setdefault(os.getpid(), [])
            return idle.pop() if idle else JudgingProcess()

    def give_back(self, process: "JudgingProcess") -> None:
        """Let others take it, unless it has ended."""
        if process.is_running:
            with self._lock:
                self._idle_of.setdefault(os.getpid(), []).append(process)

    def end(self) -> None:
        """End those that nobody has taken."""
        with self._lock:
            for process in self._idle_of.pop(os.getpid(), []):
                process.end()


class JudgingProcess:
    """One such process, of which one thread asks one question at a time."""

    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise TookTooLongError("the process that compares could not be started") from error
        self._stdin = cast("IO[bytes]", self._process.stdin)
        self._stdout = cast("IO[bytes]", self._process.stdout)
        self._documents_of: str | None = None
        self.is_running = True
        self._read(SECONDS_TO_START)  # which is not part of the time for a question

    def compare(self, pact: bytes, sha: str, documents: Mapping[str, bytes], seconds: float) -> Any:
        """Return what comes of comparing a pact with the documents that have this hash, by policy.

        Raises TookTooLongError; then the process has ended.
        """
        question: dict[str, Any] = {"pact": pact.decode()}
        if sha != self._documents_of:
            question["documents"] = {name: text.decode() for name, text in documents.items()}
        answer = self._ask(orjson.dumps(question), seconds)
        self._documents_of = sha
        return answer

    def check(self, earlier: bytes, later: bytes, rules: DocumentPolicy, seconds: float) -> Any:
        """Return how a document compares with an earlier one, as `tally check-compatibility` prints it.

        Raises TookTooLongError; then the process has ended.
        """
        question = {
            "earlier": earlier.decode(),
            "later": later.decode(),
            "mode": rules.mode,
            "lenient": rules.lenient,
        }
        return self._ask(orjson.dumps(question), seconds)

    def end(self) -> None:
        """End it at once."""
        self.is_running = False
        self._process.kill()
        self._process.communicate()

    def _ask(self, line: bytes, seconds: float) -> Any:
        try:
            self._stdin.write(line + b"\n")
            self._stdin.flush()
        except OSError as error:
            self.end()
            raise TookTooLongError(_ENDED) from error
        return orjson.loads(self._read(seconds))

    def _read(self, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        killer = Timer(seconds, self._process.kill)
        killer.daemon = True
        killer.start()
        line = self._stdout.readline()
        killer.cancel()
        if not line.endswith(b"\n"):
            self.end()
            raise TookTooLongError(_ENDED if time.monotonic() < deadline else "")
        return line


PROCESSES = JudgingProcesses()
"""Those of this process: nothing of a question stays in them but the documents that were asked about last."""


def main() -> None:
    """Answer until standard input ends, as it does when the process that asks ends."""
    from broker.services.service_contracts.judging import Judge, answer  # noqa: PLC0415 - who asks needs none

    judge = Judge()
    _write(b"{}")
    for line in sys.stdin.buffer:
        _end_in(MOST_SECONDS)
        _write(answer(judge, line))
        _end_in(0)


def _end_in(seconds: float) -> None:
    """Let the system end this process, even in native code that nobody can interrupt; 0 lets it live."""
    if hasattr(signal, "setitimer"):  # Windows has none
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _write(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
