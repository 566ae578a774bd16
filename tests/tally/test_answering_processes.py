"""Processes that answer questions, or are killed."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tally.answering_processes import AnsweringProcess, IdleProcesses, NoAnswerError

READY = "print(flush=True)"
ECHO = f"{READY}\nfor line in __import__('sys').stdin: print(line, end='', flush=True)"


def running(program):
    return AnsweringProcess([sys.executable, "-S", "-c", program])


def test_one_that_has_ended_is_not_kept():
    processes = IdleProcesses(lambda: running(ECHO))
    process = processes.take()
    process.end()

    processes.give_back(process)

    another = processes.take()
    assert another is not process
    assert another.ask(b"2", 5) == b"2\n"
    another.end()


def test_one_that_takes_too_long_is_late_and_one_that_ends_is_not():
    slow, short = running(f"{READY}\ninput()\nwhile True: pass"), running(f"{READY}\ninput()")

    with pytest.raises(NoAnswerError) as late:
        slow.ask(b"1", 0.05)
    with pytest.raises(NoAnswerError, match="ended before it had answered") as ended:
        short.ask(b"1", 5)

    assert (late.value.is_late, ended.value.is_late) == (True, False)
    assert not slow.is_running


def test_one_that_ended_by_itself_says_so_when_it_is_asked():
    process = running(READY)
    process._process.wait()  # noqa: SLF001 - nothing else shows that it has ended

    with pytest.raises(NoAnswerError, match="ended before it was asked"):
        process.ask(b"1", 5)


def test_those_that_wait_are_ended_together():
    processes = IdleProcesses(lambda: running(ECHO))
    process = processes.take()
    processes.give_back(process)

    assert processes.take() is process
    processes.give_back(process)
    processes.end()

    assert not process.is_running


@pytest.mark.skipif(sys.platform != "linux", reason="threads are kept on one processor on Linux alone")
def test_one_that_a_thread_on_one_processor_starts_may_use_all():
    program = f"{READY}\ninput()\nimport os\nprint(len(os.sched_getaffinity(0)), flush=True)"
    everywhere = os.sched_getaffinity(0)

    def start():
        os.sched_setaffinity(0, {min(everywhere)})
        return running(program)

    with ThreadPoolExecutor(1) as thread:
        process = thread.submit(start).result()

    assert process.ask(b"1", 5) == b"%d\n" % len(everywhere)
    process.end()
