"""Processes that compare contracts, each ended when it takes too long, however it is busy.

Run as a module, this is such a process: it reads questions and writes answers, one line of JSON each.
"""

import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson

from broker.domain.service_contracts.policy import DocumentPolicy
from tally.answering_processes import AnsweringProcess, IdleProcesses, NoAnswerError

MOST_SECONDS = 60.0
"""After these such a process ends by itself: whoever has asked is gone."""
COMMAND = (sys.executable, "-P", "-m", "broker.services.service_contracts.judging_process")


class TookTooLongError(Exception):
    """The question was not answered in time, or the process that was to answer it ended or did not start.

    *reason* says why it was not answered; "" when its time was over.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class JudgingProcess:
    """One such process, of which one thread asks one question at a time."""

    def __init__(self) -> None:
        """Start it. Raises TookTooLongError."""
        with _reasons():
            self._process = AnsweringProcess(COMMAND)
        self._documents_of: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether it can be asked."""
        return self._process.is_running

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
        self._process.end()

    def _ask(self, line: bytes, seconds: float) -> Any:
        with _reasons():
            return orjson.loads(self._process.ask(line, seconds))


@contextmanager
def _reasons() -> Iterator[None]:
    try:
        yield
    except NoAnswerError as error:
        raise TookTooLongError("" if error.is_late else f"the process that compares {error}") from error


class JudgingProcesses(IdleProcesses[JudgingProcess]):
    """Those that wait for questions."""

    def __init__(self) -> None:
        super().__init__(JudgingProcess)


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
