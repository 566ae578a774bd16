"""Pages learn that something has changed, by events that hold no thread."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from broker.server import watchers as watching
from broker.server.gateway import Gateway
from broker.server.held_answers import HeldAnswers
from broker.server.request_bodies import RequestBodies
from broker.server.watchers import BEGIN, CHANGED, STILL_HERE, Watchers
from broker.storage.changes import Change

SHOP, ORDERS, SEARCH = 1, 2, 3
BETWEEN = 0.05


class World:
    """What has changed, and how often it was read."""

    def __init__(self):
        self.changes = frozenset()
        self.reads = 0

    def change(self, *pacticipant_ids):
        first, second = (*pacticipant_ids, None, None)[:2]
        self.changes |= {Change(len(self.changes), None, first, second)}

    def read(self):
        self.reads += 1
        return self.changes


@pytest.fixture
def world():
    return World()


@asynccontextmanager
async def listening(watchers, ids=None, send=None):
    """Yield what is sent to a page that listens, and the future by which it hangs up."""
    sent = []

    async def note(event):
        sent.append(event)

    hung_up = asyncio.get_running_loop().create_future()
    told = asyncio.ensure_future(watchers.tell(ids, send or note, hung_up, watchers.next_end()))
    await asyncio.sleep(BETWEEN)
    yield sent, hung_up, told
    if not hung_up.done():
        hung_up.set_result(None)
    await asyncio.wait_for(told, 2)


def test_a_page_that_may_be_of_a_standby_is_told_of_changes_before_it_listened(world):
    async def run():
        positions = iter(["1-a", "1-b", "1-c"])
        watchers = Watchers(world.read, seconds=BETWEEN, position=lambda: next(positions), seconds_behind=60)
        async with listening(watchers, frozenset({SHOP})) as (first, *_):
            async with listening(watchers, frozenset({SEARCH})) as later:
                pass
            world.change(SHOP)
            await asyncio.sleep(3 * BETWEEN)
        return first, later[0]

    first, later = asyncio.run(run())

    assert first == [BEGIN, b"event: changed\ndata:1-a\n\n", b"event: changed\ndata:1-c\n\n"]
    assert later == [BEGIN, b"event: changed\ndata:1-b\n\n"]


def test_a_page_is_told_of_changes_of_what_it_shows_once_for_many(world):
    async def run():
        watchers = Watchers(world.read, seconds=BETWEEN)
        async with (
            listening(watchers, frozenset({SHOP})) as (of_shop, *_),
            listening(watchers, frozenset({SEARCH})) as (of_search, *_),
            listening(watchers) as (of_all, *_),
        ):
            for _ in range(5):
                world.change(SHOP, ORDERS)
            await asyncio.sleep(3 * BETWEEN)

        return of_shop, of_search, of_all

    of_shop, of_search, of_all = asyncio.run(run())

    assert of_shop == of_all == [BEGIN, CHANGED]
    assert of_search == [BEGIN]


def test_a_change_that_may_concern_all_is_told_to_all(world):
    async def run():
        watchers = Watchers(world.read, seconds=BETWEEN)
        async with listening(watchers, frozenset({SHOP})) as (sent, *_):
            world.change()
            await asyncio.sleep(3 * BETWEEN)
        return sent

    assert asyncio.run(run()) == [BEGIN, CHANGED]


def test_changes_are_read_at_one_pace_whoever_listens_and_not_at_all_when_nobody_does(world):
    async def run():
        watchers = Watchers(world.read, seconds=BETWEEN)
        async with listening(watchers), listening(watchers), listening(watchers):
            await asyncio.sleep(4 * BETWEEN)
        await asyncio.sleep(2 * BETWEEN)
        after = world.reads
        await asyncio.sleep(4 * BETWEEN)
        return after

    after = asyncio.run(run())

    assert 2 <= after <= 8
    assert world.reads == after


def test_a_page_is_told_that_the_broker_is_still_there(world, monkeypatch):
    monkeypatch.setattr(watching, "SECONDS_OF_SILENCE", BETWEEN)

    async def run():
        async with listening(Watchers(world.read)) as (sent, *_):
            await asyncio.sleep(1.5 * BETWEEN)
        return sent

    sent = asyncio.run(run())

    assert sent[0] == BEGIN
    assert set(sent[1:]) == {STILL_HERE}


def test_events_end_after_a_time_so_that_credentials_are_asked_for_again(world, monkeypatch):
    monkeypatch.setattr(watching, "LONGEST_SECONDS", BETWEEN)
    monkeypatch.setattr(watching, "SECONDS_OF_SILENCE", BETWEEN)

    async def run():
        async with listening(Watchers(world.read)) as (_, _, told):
            await asyncio.wait_for(told, 2)
        return told

    assert asyncio.run(run()).done()


def test_a_stop_ends_all_events_also_of_one_who_does_not_read(world):
    async def run():
        watchers = Watchers(world.read, seconds=BETWEEN)

        async def never(_event):
            await asyncio.sleep(60)

        async with listening(watchers) as (*_, told), listening(watchers, send=never) as (*_, stuck):
            watchers.close()
            await asyncio.wait_for(asyncio.gather(told, stuck), 1)
        return watchers.has_room

    assert asyncio.run(run()) is False


def test_new_settings_end_what_was_allowed_before_them_and_nothing_later(world):
    async def run():
        watchers = Watchers(world.read, seconds=BETWEEN)
        allowed = watchers.next_end()
        async with listening(watchers) as (*_, told):
            watchers.end_all()
            await asyncio.wait_for(told, 1)
        sent = []
        hung_up = asyncio.get_running_loop().create_future()

        async def note(event):
            sent.append(event)

        await asyncio.wait_for(watchers.tell(None, note, hung_up, allowed), 1)
        async with listening(watchers) as (*_, later):
            return sent, later.done(), watchers.count

    assert asyncio.run(run()) in [([], False, 1), ([BEGIN], False, 1)]


def test_a_database_that_cannot_be_read_for_a_while_ends_nothing(caplog):
    change = Change(1, None, SHOP, None)
    answers = [RuntimeError("gone"), frozenset(), RuntimeError("gone"), {change}]

    def read():
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(found, Exception):
            raise found
        return frozenset(found)

    async def run():
        async with listening(Watchers(read, seconds=BETWEEN)) as (sent, *_):
            await asyncio.sleep(5 * BETWEEN)
        return sent

    assert asyncio.run(run()) == [BEGIN, CHANGED]
    assert "Cannot read what has changed" in caplog.text


class Client:
    """A client of the gateway: what it was sent, and when it hangs up."""

    def __init__(self, path=b"/live", accept=b"text/event-stream"):
        headers = [(b"host", b"localhost"), (b"accept", accept)]
        self.scope = {
            "type": "http",
            "method": "GET",
            "http_version": "1.1",
            "path": path.decode(),
            "raw_path": path,
            "query_string": b"",
            "headers": headers,
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 1),
            "scheme": "http",
        }
        self.sent = []
        self.hangs_up = asyncio.Event()
        self._is_first = True

    async def receive(self):
        if self._is_first:
            self._is_first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.hangs_up.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)


@pytest.mark.parametrize(("most", "status"), [(1, 200), (0, 503)])
def test_the_gateway_sends_events_if_there_is_room(database, world, most, status):
    from broker.app import create_app  # noqa: PLC0415 - other tests of this file need no application
    from broker.settings.settings import Settings  # noqa: PLC0415 - ditto

    async def run():
        watchers = Watchers(world.read, most=most, seconds=BETWEEN)
        bodies = RequestBodies(largest=9, most=9)
        app = create_app(Settings(), database)
        gateway = Gateway(app, HeldAnswers(frozenset), bodies, watchers=watchers, threads=1)
        client = Client()
        answered = asyncio.ensure_future(gateway(client.scope, client.receive, client.send))
        await asyncio.sleep(0.5)
        gateway.close()
        await asyncio.wait_for(answered, 2)
        return client.sent

    started, *parts = asyncio.run(run())

    headers = dict(started["headers"])
    assert started["status"] == status
    assert (b"retry-after" in headers) is (status == 503)
    if status == 200:
        assert headers[b"content-type"].startswith(b"text/event-stream")
        assert b"content-length" not in headers
        assert [part["body"] for part in parts] == [BEGIN, b""]


def test_without_the_server_of_the_broker_there_are_no_events(broker):
    answer = broker.get("/live", headers={"Accept": "text/event-stream"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_events_of_an_application_that_is_not_there_are_not_found(broker):
    assert broker.get("/live?of=Nobody").status_code == 404


def test_events_need_the_credentials_that_reading_needs(database):
    from broker.app import create_app  # noqa: PLC0415 - as above
    from broker.settings.settings import Settings  # noqa: PLC0415 - ditto

    settings = Settings(basic_auth_username="writer", basic_auth_password="secret")
    client = create_app(settings, database).test_client()

    assert client.get("/live").status_code == 401
    assert client.get("/live", auth=("writer", "secret")).status_code == 503
