"""Processes that judge documents for the tools, each killed when it takes too long, however it is busy.

Documents can be made so that reading or comparing them takes hours, in native code that nothing interrupts.
Run as a module, this is such a process: it reads questions and writes answers, one line of JSON each.
"""

import signal
import sys
from typing import Any

import orjson

from tally.answering_processes import AnsweringProcess, IdleProcesses, NoAnswerError
from tally.assistants.answers import ToolError

SECONDS = 20.0
"""For one question; clients of the protocol wait a minute or less for an answer."""
_MOST_SECONDS = 60
"""After these such a process ends by itself: whoever has asked is gone."""
_COMMAND = (sys.executable, "-P", "-m", "tally.assistants.judging.process")
_processes = IdleProcesses(lambda: AnsweringProcess(_COMMAND))


class UndecidedError(ToolError):
    """There is no answer; *reason* says why, as the end of a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This could not be decided: {reason}. Ask about fewer or smaller documents.")
        self.reason = reason


def judged(question: str, **arguments: Any) -> Any:
    """Return what the function of `questions` with this name answers, within SECONDS.

    Raises ToolError for a document that cannot be read, and UndecidedError where there is no answer.
    """
    line = orjson.dumps([question, arguments])
    try:
        answer = _asked(line)
    except NoAnswerError as error:
        if error.is_late:
            raise UndecidedError(f"it took longer than {SECONDS:.0f} seconds") from error
        answer = _once_more(line)
    if "refused" in answer:
        raise ToolError(answer["refused"])
    if "failed" in answer:
        raise UndecidedError(f"judging it ended with {answer['failed']}")
    return answer["found"]


def _once_more(line: bytes) -> Any:
    """Ask again: what waited for a question may have been ended by somebody in the meantime."""
    try:
        return _asked(line)
    except NoAnswerError as error:
        raise UndecidedError(f"the process that judges {error}") from error


def _asked(line: bytes) -> Any:
    process = _processes.take()
    answer = process.ask(line, SECONDS)
    _processes.give_back(process)
    return orjson.loads(answer)


def main() -> None:
    """Answer until standard input ends, as it does when the process that asks ends."""
    from tally.assistants.judging.questions import answered  # noqa: PLC0415 - who asks needs none of it

    _write(b"{}")
    for line in sys.stdin.buffer:
        _end_in(_MOST_SECONDS)
        question, arguments = orjson.loads(line)
        _write(orjson.dumps(answered(question, arguments)))
        _end_in(0)


def _end_in(seconds: float) -> None:
    if hasattr(signal, "setitimer"):  # Windows has none
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _write(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
