"""What a browser has written or seen is shown by every process, and a standby that hangs holds no page."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from support.filling_forms import Person
from support.reading_pages import A_BROWSER, Page
from support.receivers import wait_until
from support.standby import replicated
from support.standby_processes import Process

from broker.storage.standby import LONGEST_READING


@pytest.fixture(scope="module")
def pair():
    with replicated(is_synchronous=False) as pair:
        yield pair


@pytest.fixture
def start(pair):
    """Start a process; the standby replays again afterwards."""
    started = []
    pair.resume()

    def make(standby_url=None):
        started.append(Process(pair.first_url, standby_url or pair.standby_url))
        return started[-1]

    yield make
    pair.resume()
    for process in started:
        process.close()


BY_EXPLORER = {"Sec-Fetch-Site": "same-origin"}
NEW = {"name": "taken-land", "displayName": "Taken Land", "production": False}


def environments(client):
    return client.get("/environments", headers=A_BROWSER).text


def test_what_another_process_refuses_does_not_take_away_what_was_written(start, pair):
    writer, other, reader = start(), start(), start()
    client = writer.client()
    pair.pause()
    kept = {"name": "kept-land", "displayName": "Kept Land", "production": False}
    assert client.post("/environments", json=kept, headers=BY_EXPLORER).status_code == 201

    client.application = other.app
    assert client.post("/environments", json={}, headers=BY_EXPLORER).status_code == 400

    client.application = reader.app
    assert "Kept Land" in environments(client)


def test_what_a_refused_form_has_shown_is_shown_by_every_process(start, pair):
    writer, other, reader = start(), start(), start()
    person = Person(other.client())
    person.visit("/environments/new")
    pair.pause()
    assert writer.client().post("/environments", json=NEW).status_code == 201

    assert "taken-land" in person.send(name="taken-land").text

    person.client.application = reader.app
    assert "Taken Land" in environments(person.client)


def test_a_broker_of_another_database_at_the_same_host_does_not_take_away_what_was_written(start, pair):
    with replicated(is_synchronous=False) as elsewhere:
        elsewhere.resume()
        stranger = Process(elsewhere.first_url, elsewhere.standby_url)
        writer, reader = start(), start()
        person = Person(writer.client())
        person.visit("/environments/new")
        pair.pause()
        person.send(name="own-land")

        person.client.application = stranger.app  # browsers send cookies to every port of a host
        person.visit("/environments/new")
        person.send(name="foreign-land")
        stranger.close()

    person.client.application = reader.app
    assert "Own Land" in environments(person.client)


def test_a_standby_that_is_frozen_in_the_middle_of_a_page_holds_it_for_some_seconds_at_most(start, pair):
    process = start()
    assert process.client().get("/", headers=A_BROWSER).status_code == 200
    with psycopg.connect(pair.standby_url, autocommit=True) as standby:
        found = standby.execute(
            "SELECT pid FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchall()
    pids = [pid for (pid,) in found]
    process.forget()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as pool:
            page = pool.submit(process.client().get, "/", headers=A_BROWSER)
            wait_until(lambda: process.asked["standby"])
            assert process.database.standby.overdue.end() == 0
            process.clock.now += LONGEST_READING
            assert process.database.standby.overdue.end() == 1
            assert page.result(30).status_code == 200
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    assert process.reads() == {("standby", ""): 1, ("primary", "away"): 1}
    assert "Overview" in Page(process.client().get("/", headers=A_BROWSER)).text
