"""Versions, branches and tags that come at the same time, and what recording them costs."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text
from support.factories import NOON
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import versions
from broker.settings.settings import Settings
from broker.storage.database import Database, Limits

pytestmark = pytest.mark.pooled

AT_ONCE = 20


@pytest.fixture
def application(database_url):
    """The broker, with a connection for each thread."""
    database = Database(database_url, Limits(connections=AT_ONCE))
    yield create_app(Settings(), database, clock=lambda: NOON)
    database.close()


def at_once(application, urls):
    """Put every URL in a thread of its own, all starting together; return the statuses."""
    ready = Barrier(len(urls))

    def put(url):
        client = application.test_client()
        ready.wait(timeout=10)
        return client.put(url, json={}).status_code

    with ThreadPoolExecutor(len(urls)) as pool:
        return list(pool.map(put, urls))


def rows(database, statement):
    with database.connection() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_one_version_put_on_one_branch_by_many_at_once_is_there_once(application, database):
    statuses = at_once(application, ["/pacticipants/Shop/branches/main/versions/1"] * AT_ONCE)

    assert sorted(statuses) == [200] * (AT_ONCE - 1) + [201]
    assert rows(database, "SELECT name, main_branch FROM pacticipants") == [("Shop", "main")]
    assert rows(database, "SELECT number FROM versions") == [("1",)]
    assert rows(
        database,
        "SELECT b.name, v.number, m.position - v.position FROM branches b JOIN versions v"
        " ON v.id = b.head_version_id JOIN branch_versions m ON m.branch_id = b.id",
    ) == [("main", "1", 0)]


def test_many_versions_put_on_one_branch_at_once_are_all_there_and_one_is_the_head(application, database):
    urls = [f"/pacticipants/Shop/branches/main/versions/{number}" for number in range(AT_ONCE)]

    assert at_once(application, urls) == [201] * AT_ONCE

    assert rows(database, "SELECT count(*), count(DISTINCT position) FROM versions") == [(AT_ONCE, AT_ONCE)]
    last_added = "SELECT version_id FROM branch_versions ORDER BY id DESC LIMIT 1"
    assert rows(database, "SELECT head_version_id FROM branches") == rows(database, last_added)


def test_branches_and_tags_of_one_new_version_may_come_at_once(application, database):
    version = "/pacticipants/Shop/versions/1"
    urls = [f"{version}/tags/t{number % 5}" for number in range(AT_ONCE // 2)]
    urls += [f"/pacticipants/Shop/branches/b{number % 5}/versions/1" for number in range(AT_ONCE // 2)]

    statuses = at_once(application, urls)

    assert set(statuses) <= {200, 201}
    assert statuses.count(201) == 10
    assert rows(database, "SELECT count(*) FROM versions") == [(1,)]
    assert rows(database, "SELECT name FROM tags ORDER BY name") == [(f"t{number}",) for number in range(5)]
    put = rows(database, "SELECT name FROM branches WHERE name LIKE 'b%' ORDER BY name")
    assert put == [(f"b{number}",) for number in range(5)]


def test_versions_come_and_go_at_once_and_the_head_is_always_on_the_branch(application, database):
    client = application.test_client()
    for number in range(AT_ONCE // 2):
        client.put(f"/pacticipants/Shop/branches/main/versions/old{number}", json={})
    ready = Barrier(AT_ONCE)

    def change(number):
        own = application.test_client()
        ready.wait(timeout=10)
        if number % 2:
            return own.put(f"/pacticipants/Shop/branches/main/versions/new{number}", json={}).status_code
        return own.delete(f"/pacticipants/Shop/versions/old{number // 2}").status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = list(pool.map(change, range(AT_ONCE)))

    assert sorted(statuses) == [201] * (AT_ONCE // 2) + [204] * (AT_ONCE // 2)
    assert rows(
        database,
        "SELECT substr(v.number, 1, 3) FROM branches b JOIN branch_versions m"
        " ON m.branch_id = b.id AND m.version_id = b.head_version_id JOIN versions v ON v.id = m.version_id",
    ) == [("new",)]


def test_recording_a_version_costs_the_same_for_one_tag_as_for_many(database):
    counts = []
    for number, tags in enumerate([("a",), tuple("abcdefghij")]):
        with database.transaction() as storage:
            shop = storage.pacticipants.find_or_create(["Shop"], NOON)["Shop"]
            with sql_statements() as seen:
                begun = versions.begin(storage, shop, str(number), NOON, build_url="https://ci")
                now = Circumstances(NOON, Settings())
                recorded = versions.add_branch_and_tags(storage, begun, "main", tags, now)
        counts.append(len(seen))
        assert begun.is_new
        with database.reading() as storage:
            assert recorded == storage.versions.find("Shop", str(number))
        assert recorded.tags == tags
        assert [branch.name for branch in recorded.branches] == ["main"]
        assert recorded.build_url == "https://ci"

    assert max(counts) <= 7
    assert abs(counts[0] - counts[1]) <= 1  # the main branch is chosen once


def test_everything_that_belongs_to_a_pacticipant_goes_with_it(application, database):
    client = application.test_client()
    for number in ("1", "2"):
        client.put(f"/pacticipants/Shop/branches/main/versions/{number}", json={})
        client.put(f"/pacticipants/Shop/versions/{number}/tags/production", json={})

    assert client.delete("/pacticipants/Shop").status_code == 204

    for table in ("versions", "branches", "branch_versions", "tags", "deployed_versions"):
        assert rows(database, f"SELECT count(*) FROM {table}") == [(0,)], table  # noqa: S608 - our own names
