"""A question is asked again when something has changed that its answer depends on, and only then."""

import asyncio
import logging

import pytest

from broker.server.gateway import Gateway
from broker.server.held_answers import SECONDS_BETWEEN_READS, HeldAnswers
from broker.server.newest_changes import NewestChanges, concerned
from broker.server.request_bodies import RequestBodies
from broker.server.watchers import Watchers
from broker.storage.changes import LONG as LONG_TRANSACTION
from broker.storage.changes import SECONDS, Change

SHOP, ORDERS, SEARCH = 1, 2, 3
LONG = 30


class World:
    """What has changed, and how often it was read and the question was asked."""

    def __init__(self):
        self.changes = frozenset()
        self.reads = self.asks = 0
        self.answer = "unknown"

    def change(self, *pacticipant_ids):
        first, second = (*pacticipant_ids, None, None)[:2]
        self.changes |= {Change(len(self.changes), None, first, second)}

    def read(self):
        self.reads += 1
        return self.changes

    async def ask(self, hold):
        self.asks += 1
        if self.answer == "unknown":
            hold(LONG, {SHOP, ORDERS})
        return self.answer


def waits(held_answers, world, *, key="question", hung_up=None, seconds=None):
    async def ask(hold):
        return await world.ask(hold if seconds is None else lambda _, ids: hold(seconds, ids))

    hung_up = hung_up or asyncio.get_running_loop().create_future()
    return asyncio.ensure_future(held_answers.answer(key, ask, hung_up))


async def settle():
    """Wait until every request has asked, and the changes so far have been read."""
    await asyncio.sleep(0.1)


async def noticed():
    """Wait until a change was noticed."""
    await asyncio.sleep(SECONDS_BETWEEN_READS + 0.2)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def held_answers(world):
    return HeldAnswers(world.read, most=3)


def test_a_change_of_others_asks_nobody_again(world, held_answers):
    async def scene():
        waiting = waits(held_answers, world)
        await settle()
        world.change(SEARCH)
        await noticed()
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(scene())

    assert world.asks == 1
    assert world.reads >= 2


@pytest.mark.parametrize("changed", [(ORDERS,), (SEARCH, SHOP), ()])
def test_a_change_that_concerns_the_decision_asks_again(world, held_answers, changed):
    async def scene():
        waiting = waits(held_answers, world)
        await settle()
        world.answer = "yes"
        world.change(*changed)
        return await asyncio.wait_for(waiting, 2)

    assert asyncio.run(scene()) == ("yes", False)
    assert world.asks == 2


def test_after_a_transaction_of_this_process_nobody_waits_for_the_next_read(world, held_answers):
    async def scene():
        waiting = waits(held_answers, world)
        await settle()
        world.answer = "yes"
        world.change(SHOP)
        held_answers.committed()
        return await asyncio.wait_for(waiting, SECONDS_BETWEEN_READS / 2)

    assert asyncio.run(scene()) == ("yes", False)


@pytest.mark.parametrize(("seconds", "is_missed"), [(SECONDS - LONG_TRANSACTION - 1, False), (SECONDS, True)])
def test_what_was_changed_while_nobody_could_look_may_concern_anybody(seconds, is_missed):
    times = iter([0.0, 1.0, 1.0 + seconds, 2.0 + seconds])
    newest = NewestChanges(lambda: frozenset({Change(1, None, SHOP, None)}), "testing", lambda: next(times))

    async def scene():
        return [await newest.read() for _ in range(3)]

    first, after_a_pause, soon_after = asyncio.run(scene())

    assert concerned(after_a_pause - first) == (None if is_missed else frozenset())
    assert first == soon_after


def test_what_changes_while_the_question_is_answered_is_not_missed(world, held_answers):
    async def ask_slowly(hold):
        read = world.answer
        if world.asks == 0:
            world.answer = "yes"
            world.change(ORDERS)
            world.asks += 1
            await noticed()
        if read == "unknown":
            hold(LONG, {ORDERS})
        return read

    async def scene():
        hung_up = asyncio.get_running_loop().create_future()
        return await asyncio.wait_for(held_answers.answer("question", ask_slowly, hung_up), 3)

    assert asyncio.run(scene()) == ("yes", False)


def test_those_who_ask_the_same_share_the_answer(world):
    held_answers = HeldAnswers(world.read)

    async def scene():
        waiting = [waits(held_answers, world) for _ in range(100)]
        await settle()
        world.answer = "yes"
        world.change(ORDERS)
        return await asyncio.wait_for(asyncio.gather(*waiting), 2)

    assert asyncio.run(scene()) == [("yes", False)] * 100
    assert world.asks == 101


def test_the_last_answer_is_that_of_the_end(world, held_answers):
    async def scene():
        waiting = waits(held_answers, world, seconds=0.3)
        await settle()
        world.answer = "no longer the same"  # and nothing shows that it has changed
        return await asyncio.wait_for(waiting, 2)

    assert asyncio.run(scene()) == ("no longer the same", False)


def test_no_more_than_the_most_are_held(world, held_answers):
    async def scene():
        waiting = [waits(held_answers, world, key=number) for number in range(3)]
        await settle()
        answer = await asyncio.wait_for(waits(held_answers, world, key="late"), 1)
        assert not any(request.done() for request in waiting)
        return answer

    assert asyncio.run(scene()) == ("unknown", False)


def test_a_client_that_hangs_up_makes_way_for_another_and_the_last_one_ends_the_reading(world, held_answers):
    async def scene():
        hung_up = asyncio.get_running_loop().create_future()
        waiting = [waits(held_answers, world, key=number, hung_up=hung_up) for number in range(3)]
        await settle()
        hung_up.set_result(None)
        assert await asyncio.gather(*waiting) == [None] * 3
        await noticed()
        reads = world.reads
        await noticed()
        assert world.reads == reads
        late = waits(held_answers, world)
        await settle()
        assert not late.done()
        late.cancel()

    asyncio.run(scene())


def test_closing_releases_every_answer_as_it_is(world, held_answers):
    async def scene():
        waiting = [waits(held_answers, world, key=number) for number in range(3)]
        await settle()
        held_answers.close()
        answers = await asyncio.wait_for(asyncio.gather(*waiting), 1)
        return answers, await asyncio.wait_for(waits(held_answers, world), 1)

    answers, afterwards = asyncio.run(scene())

    assert answers == [("unknown", True)] * 3
    assert afterwards == ("unknown", False)
    assert world.asks == 4


def test_a_read_that_fails_is_repeated(world, caplog):
    def read():
        world.reads += 1
        if world.reads in {1, 2}:
            raise OSError("the database is away")
        return world.changes

    async def scene():
        waiting = waits(HeldAnswers(read), world)
        await settle()
        world.answer = "yes"
        world.change(SHOP)
        return await asyncio.wait_for(waiting, 3)

    with caplog.at_level(logging.ERROR, "broker.waiting"):
        assert asyncio.run(scene()) == ("yes", False)
    assert "trying again" in caplog.text


def test_a_client_that_goes_away_is_sent_nothing(held_answers):
    def application(environ, start_response):
        environ["tally.hold"](LONG, {SHOP})
        start_response("200 OK", [])
        return [b"unknown"]

    async def scene():
        messages = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]
        sent = []

        async def receive():
            await asyncio.sleep(0.1)
            return messages.pop(0)

        async def send(message):
            sent.append(message)

        await asyncio.wait_for(
            Gateway(
                application,
                held_answers,
                RequestBodies(largest=9, most=9),
                watchers=Watchers(frozenset),
                threads=1,
            )(SCOPE, receive, send),
            2,
        )
        return sent

    assert asyncio.run(scene()) == []


SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"wait=30",
    "headers": [(b"host", b"localhost")],
    "http_version": "1.1",
    "server": ("localhost", 80),
    "client": ("127.0.0.1", 1),
    "scheme": "http",
}


def test_those_who_share_an_answer_share_its_failure(world, held_answers):
    async def scene():
        waiting = [waits(held_answers, world) for _ in range(2)]
        await settle()

        async def fail(_):
            raise OSError("no answer")

        world.ask = fail
        world.change(SHOP)
        held_answers.committed()
        return await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)

    assert [str(each) for each in asyncio.run(scene())] == ["no answer", "no answer"]
