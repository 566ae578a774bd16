"""What it costs to know whether a contract changed, where every earlier version has a tag."""

from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event, text
from support.big_data import Size, change, fill
from support.factories import a_pact, a_publication

from broker.app import create_app
from broker.settings.settings import Settings

LONG = 3000
MOST_ROWS = 200
"""What one step of a plan may read: twice the versions that are looked at."""
MOST_STEPS = 10_000
"""Instructions of SQLite's machine: reading the history would take several for each of its versions."""
TAG_ALL = """
INSERT INTO tags (pacticipant_id, version_id, name, position, created_at)
SELECT pacticipant_id, id, 'main', position, created_at FROM versions
"""


@pytest.fixture
def client(database, database_url):
    fill(database_url, Size(consumers=1, providers=1, versions=LONG))
    change(database_url, TAG_ALL)
    client = create_app(Settings(), database).test_client()
    hook = {"events": [{"name": "contract_published"}], "request": {"url": "https://ci.example.org"}}
    assert client.post("/webhooks", json=hook).status_code == 201
    return client


def publish(client, version, **changes):
    pact = a_pact(consumer="Consumer 01", provider="Provider 01")
    answer = client.post("/contracts/publish", json=a_publication(pact, version=version, **changes))
    assert answer.status_code == 200, answer.text
    return answer.json["notices"]


def asks_what_it_means(statement):
    return "'previous'" in statement or " AS kind" in statement


@contextmanager
def around(is_meant, before, after=lambda _cursor: None):
    """Call these before and after each statement that is meant."""

    def see_before(_connection, cursor, statement, parameters, *_):
        if is_meant(statement):
            before(cursor, statement, parameters)

    def see_after(_connection, cursor, *_):
        after(cursor)

    event.listen(Engine, "before_cursor_execute", see_before)
    event.listen(Engine, "after_cursor_execute", see_after)
    yield
    event.remove(Engine, "before_cursor_execute", see_before)
    event.remove(Engine, "after_cursor_execute", see_after)


TAGS = {"untagged": {}, "a new tag": {"tags": ["feature"]}, "the tag of all": {"tags": ["main"]}}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_reads_no_history(client):
    steps = []

    def explain(cursor, statement, parameters):
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters)
        steps.extend(all_steps(cursor.fetchall()[0][0][0]["Plan"]))

    with around(asks_what_it_means, explain):
        for name, changes in TAGS.items():
            publish(client, name, **changes)

    read = [(step["Actual Rows"] * step["Actual Loops"], step) for step in steps]
    assert len(steps) > 30
    assert [found for found in read if found[0] > MOST_ROWS] == []
    # Rows that were read and left out count as well.
    assert [step for step in steps if step.get("Rows Removed by Filter", 0) > MOST_ROWS] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_reads_no_history(client):
    steps = [0]

    def count():
        steps[0] += 100

    def begin(cursor, *_):
        cursor.connection.set_progress_handler(count, 100)

    def end(cursor):
        cursor.connection.set_progress_handler(None, 100)

    with around(lambda _statement: True, begin, end):
        for name, changes in TAGS.items():
            publish(client, name, **changes)

    assert 0 < steps[0] < MOST_STEPS


def all_steps(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from all_steps(part)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("back", "is_new"), [(90, False), (110, True)])
def test_an_untagged_pact_that_lies_too_far_back_is_not_looked_for(client, database, back, is_new):
    publish(client, "earlier")
    position = 2 * (LONG - back)  # each of the two applications has every other version
    with database.connection() as connection:
        of_earlier = "consumer_version_id = (SELECT id FROM versions WHERE number = 'earlier')"
        connection.execute(text(f"UPDATE pact_publications SET position = {position} WHERE {of_earlier}"))  # noqa: S608 - ours
        connection.commit()

    notices = publish(client, "later")

    assert ("contract_content_changed" in str(notices)) is is_new
