"""Processes that decide about schemas, each killed when it takes too long.

The library that decides is native code, which no signal, thread or exception of Python interrupts. Run as a
module, this is such a process: it reads questions and writes answers, one line of JSON each.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

from tally.answering_processes import AnsweringProcess, IdleProcesses, NoAnswerError
from tally.json_schema.answers import NO_VALUE, Answer, Containment

_COMMAND = (sys.executable, "-P", "-m", "tally.json_schema.judge_process")
NOT_IN_TIME = Containment(Answer.UNKNOWN, reason="not decided within the time for one comparison")


class JudgeProcesses:
    """Processes that wait for questions."""

    def __init__(self) -> None:
        self._processes = IdleProcesses(lambda: AnsweringProcess(_COMMAND))

    def ask(self, question: str, schemas: Sequence[Any], seconds: float) -> Containment:
        """Return the answer, or UNKNOWN after so many *seconds*; may be called by several threads."""
        try:
            process = self._processes.take()
            answer = process.ask(json.dumps([question, list(schemas)]).encode(), seconds)
        except NoAnswerError:
            return NOT_IN_TIME
        self._processes.give_back(process)
        return _read(json.loads(answer))


def _read(answer: dict[str, Any]) -> Containment:
    return Containment(Answer(answer["answer"]), answer.get("counterexample", NO_VALUE), answer["reason"])


def _written(answer: Containment) -> dict[str, Any]:
    counterexample = {} if answer.counterexample is NO_VALUE else {"counterexample": answer.counterexample}
    return {"answer": answer.answer.value, "reason": answer.reason, **counterexample}


def main() -> None:
    """Answer until standard input ends, as it does when the process that asks ends."""
    from tally.json_schema.judging import judge  # noqa: PLC0415 - what asks needs no library

    _write("")
    for line in sys.stdin:
        question, schemas = json.loads(line)
        _write(json.dumps(_written(judge(question, schemas))))


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
