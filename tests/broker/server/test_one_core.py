"""The threads that answer requests stay on one processor, which the system chooses."""

import asyncio
import os
import sys
import threading

import pytest

from broker.server.one_core import SECONDS_TO_CHOOSE, OneCore

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) == 1, reason="there is nothing to choose"
)
SECONDS = 10


class Thread:
    """A thread that joins those that are kept, and one that it starts, which does not."""

    def __init__(self, core):
        self._may_end = threading.Event()
        self.numbers = []
        self.thread = threading.Thread(target=self.run, args=(core,))
        self.thread.start()
        while len(self.numbers) < 2:
            self._may_end.wait(0.01)

    def run(self, core):
        core.join()
        child = threading.Thread(target=self.wait)
        child.start()
        self.wait()
        child.join()

    def wait(self):
        self.numbers.append(threading.get_native_id())
        self._may_end.wait(20)

    def end(self):
        self._may_end.set()
        self.thread.join()

    @property
    def processors(self):
        return [os.sched_getaffinity(number) for number in self.numbers]


@pytest.fixture
def everywhere():
    """All processors that this process may use; whatever a test does, its own thread may use them again."""
    found = os.sched_getaffinity(0)
    yield found
    os.sched_setaffinity(0, found)


async def settled(core):
    core.each_second()
    await asyncio.sleep(2 * SECONDS_TO_CHOOSE)


def test_the_event_loop_and_the_threads_that_join_it_are_on_one_processor(everywhere):
    core = OneCore()

    async def scene():
        before = Thread(core)
        await settled(core)
        after = Thread(core)
        found = os.sched_getaffinity(0), before.processors, after.processors
        before.end()
        after.end()
        return found

    own, before, after = asyncio.run(scene())

    assert len(own) == 1
    assert sorted(map(len, before)) == [1, len(everywhere)]  # its own thread, and the one that it started
    assert own in before
    assert after == [own, own]


def test_the_system_chooses_anew_now_and_then_for_all_threads_of_the_process(everywhere):
    core = OneCore()

    async def scene():
        await settled(core)
        thread = Thread(core)
        kept = []
        for _ in range(SECONDS - 1):
            core.each_second()
            kept.append(os.sched_getaffinity(0))
        core.each_second()
        choosing = os.sched_getaffinity(0), thread.processors
        await asyncio.sleep(2 * SECONDS_TO_CHOOSE)
        afterwards = thread.processors
        thread.end()
        return kept, choosing, afterwards

    kept, choosing, afterwards = asyncio.run(scene())

    assert {len(processors) for processors in kept} == {1}
    assert choosing == (everywhere, [everywhere, everywhere])
    assert sorted(map(len, afterwards)) == [1, len(everywhere)]


@pytest.mark.usefixtures("everywhere")
def test_a_thread_that_has_ended_is_nobodys_concern():
    core = OneCore()
    Thread(core).end()

    asyncio.run(settled(core))

    assert len(os.sched_getaffinity(0)) == 1


def test_one_processor_is_left_as_it_is(everywhere):
    only = {min(everywhere)}
    os.sched_setaffinity(0, only)
    core = OneCore()
    os.sched_setaffinity(0, everywhere)

    asyncio.run(settled(core))

    assert os.sched_getaffinity(0) == everywhere


def test_processes_with_a_number_begin_at_different_processors(everywhere):
    def begun(number):
        core = OneCore()
        core.begin_at(number)
        thread = Thread(core)
        thread.end()
        return os.sched_getaffinity(0)

    found = []
    for number in (1, 2):
        found.append(begun(number))
        os.sched_setaffinity(0, everywhere)

    assert [len(processors) for processors in found] == [1, 1]
    assert found[0] != found[1]
