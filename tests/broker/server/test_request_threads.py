"""The threads that answer requests: what they return, in which order, and how many there are."""

import asyncio
import gc
import threading

import pytest
from support.receivers import wait_until

from broker.server.one_core import OneCore
from broker.server.request_load import RequestLoad
from broker.server.request_threads import RequestThreads


def threads_of(name):
    return [thread for thread in threading.enumerate() if thread.name.startswith(f"{name}-")]


def run(scene, count, name="tested"):
    """Return what *scene* returns for so many threads, and their load."""
    load = RequestLoad(count)
    threads = RequestThreads(name, load, OneCore())

    async def in_loop():
        return await scene(threads)

    return asyncio.run(in_loop()), load


def test_a_call_is_made_in_a_thread_and_its_outcome_comes_back():
    def refuse(name):
        raise LookupError(name)

    async def scene(threads):
        with pytest.raises(LookupError, match="Shop"):
            await threads.run(refuse, "Shop")
        return await threads.run(lambda name: (name, threading.current_thread().name), "Shop")

    (name, thread), load = run(scene, 2)

    assert (name, thread) == ("Shop", "tested-1")
    assert load.hand_overs == 4
    assert (load.asked, load.under_way) == (0, 0)


def test_as_many_run_at_the_same_time_as_there_are_threads():
    may_end = threading.Event()

    async def scene(threads):
        calls = [asyncio.ensure_future(threads.run(may_end.wait, 20)) for _ in range(5)]
        await asyncio.to_thread(wait_until, lambda: threads.load.under_way == 3)
        meanwhile = threads.load.under_way, threads.load.waiting, len(threads_of("busy"))
        may_end.set()
        assert await asyncio.gather(*calls) == [True] * 5
        return meanwhile

    meanwhile, load = run(scene, 3, "busy")

    assert meanwhile == (3, 2, 3)
    assert load.waits >= 2
    assert (load.under_way, load.waiting) == (0, 0)


def test_a_thread_starts_only_when_all_others_are_busy():
    async def scene(threads):
        for number in range(5):
            await threads.run(str, number)
        return len(threads_of("idle"))

    assert run(scene, 4, "idle")[0] == 1


def test_what_nobody_waits_for_any_more_is_not_begun():
    may_end = threading.Event()
    begun = []

    async def scene(threads):
        first = asyncio.ensure_future(threads.run(may_end.wait, 20))
        given_up = asyncio.ensure_future(threads.run(begun.append, "given up"))
        await asyncio.sleep(0.05)
        given_up.cancel()
        await asyncio.sleep(0)
        may_end.set()
        await first
        await threads.run(begun.append, "last")

    run(scene, 1)

    assert begun == ["last"]


def test_what_may_wait_for_locks_leaves_a_thread_to_the_others():
    may_end = threading.Event()

    async def scene(threads):
        waiting = [
            asyncio.ensure_future(threads.run(may_end.wait, 20, may_wait_for_locks=True)) for _ in range(3)
        ]
        answer = await asyncio.wait_for(threads.run(str, 1), 20)
        meanwhile = threads.load.under_way, threads.load.waiting
        may_end.set()
        assert await asyncio.gather(*waiting) == [True] * 3
        return answer, meanwhile

    (answer, meanwhile), load = run(scene, 2)

    assert (answer, meanwhile) == ("1", (1, 2))
    assert (load.under_way, load.waiting) == (0, 0)


def test_one_thread_does_both():
    async def scene(threads):
        return [await threads.run(str, number, may_wait_for_locks=number > 0) for number in range(3)]

    assert run(scene, 1)[0] == ["0", "1", "2"]


def test_the_threads_end_with_what_they_belong_to():
    async def scene(threads):
        return await asyncio.gather(*(threads.run(str, number) for number in range(2)))

    run(scene, 2, "ended")
    gc.collect()

    wait_until(lambda: not threads_of("ended"))
