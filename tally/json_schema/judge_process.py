"""Processes that decide about schemas, each killed when it takes too long.

The library that decides is native code, which no signal, thread or exception of Python interrupts. Run as a
module, this is such a process: it reads questions and writes answers, one line of JSON each.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, Any, cast

from tally.json_schema.answers import NO_VALUE, Answer, Containment

NOT_IN_TIME = Containment(Answer.UNKNOWN, reason="not decided within the time for one comparison")


class JudgeProcesses:
    """Processes that wait for questions: as many as were needed at once, started when they are needed."""

    def __init__(self) -> None:
        # After a fork, the pipes are still the parent's.
        self._idle_of: dict[int, list[_JudgeProcess]] = {}
        atexit.register(self._end)

    def ask(self, question: str, schemas: Sequence[Any], seconds: float) -> Containment:
        """Return the answer, or UNKNOWN after so many *seconds*; may be called by several threads."""
        process = self._take()
        answer = process.ask(json.dumps([question, list(schemas)]), seconds)
        if answer is None:
            return NOT_IN_TIME
        self._idle.append(process)
        return answer

    @property
    def _idle(self) -> "list[_JudgeProcess]":
        return self._idle_of.setdefault(os.getpid(), [])

    def _take(self) -> "_JudgeProcess":
        try:
            return self._idle.pop()
        except IndexError:
            return _JudgeProcess()

    def _end(self) -> None:
        for process in self._idle:
            process.end()


class _JudgeProcess:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tally.json_schema.judge_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._stdin = cast("IO[str]", self._process.stdin)
        self._stdout = cast("IO[str]", self._process.stdout)
        self._stdout.readline()  # Starting is not part of the time for a question.

    def ask(self, line: str, seconds: float) -> Containment | None:
        killer = threading.Timer(seconds, self._process.kill)
        killer.daemon = True
        killer.start()
        try:
            self._stdin.write(f"{line}\n")
            self._stdin.flush()
            answer = self._stdout.readline()
        except OSError:
            answer = ""
        killer.cancel()
        if not answer.endswith("\n"):
            self.end()
            return None
        return _read(json.loads(answer))

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


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
