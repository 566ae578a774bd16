"""Results are counted once each, whoever counts, whatever is deleted meanwhile."""

import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from support.insights import Publisher, a_test, count
from support.old_databases import left_at
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.background.counter import Counter
from broker.domain.insights.counts import ALL
from broker.domain.insights.durations import Durations
from broker.services.insights.counting import count_some
from broker.settings.settings import Settings
from broker.storage.migrations import upgrade
from broker.storage.tables import (
    contract_sizes,
    integration_activity,
    interaction_counts,
    pacticipants,
    result_counts,
    results_to_count,
)

MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Clock:
    """The time, which a test sets."""

    now = MONDAY

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def publisher(database, clock):
    return Publisher(create_app(Settings(), database, clock=clock).test_client())


def rows(database, table, *columns):
    with database.connection() as connection:
        order = [table.c[column] for column in columns]
        return [tuple(row) for row in connection.execute(select(*order).order_by(*order))]


def totals(database, *, span=1):
    """Return what is counted of all, by day: passed, failed, pending, interactions, flaky."""
    names = ("provider_id", "span", "start", "passed", "failed", "pending", "interactions", "flaky")
    return {row[2]: row[3:] for row in rows(database, result_counts, *names) if row[:2] == (ALL, span)}


def size_of(database, table):
    with database.connection() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_results_are_counted_by_day_and_by_week(database, publisher, clock):
    url = publisher.pact()
    publisher.result(url, "1")
    publisher.result(url, "2", success=False)
    clock.now = MONDAY + timedelta(days=6)
    publisher.result(url, "3")
    count(database)
    clock.now = MONDAY + timedelta(days=7)
    publisher.result(url, "4")
    count(database)

    days = [date(2026, 6, day) for day in (1, 7, 8)]
    assert totals(database) == dict(
        zip(days, [(1, 1, 0, 2, 0), (1, 0, 0, 1, 0), (1, 0, 0, 1, 0)], strict=True)
    )
    assert totals(database, span=7) == {days[0]: (2, 1, 0, 3, 0), days[2]: (1, 0, 0, 1, 0)}
    assert size_of(database, results_to_count) == 0


def test_durations_are_kept_of_the_pair_the_provider_and_all(database, publisher):
    one, other = publisher.pact("Shop"), publisher.pact("Mobile")
    publisher.result(one, tests=[a_test("a", 10), a_test("b", 1000)])
    count(database)
    publisher.result(other, tests=[a_test("a", 20), a_test("c", None)])
    count(database)

    found = {
        row[:2]: Durations.decode(row[3])
        for row in rows(database, result_counts, "consumer_id", "provider_id", "span", "durations")
        if row[2] == 1
    }
    assert {key: durations.total for key, durations in found.items()}.items() >= {(ALL, ALL): 3}.items()
    assert sorted(durations.total for durations in found.values()) == [1, 2, 3, 3]
    names = rows(database, interaction_counts, "name", "runs", "failures", "p95")
    assert [row[:3] for row in names] == [("a", 1, 0), ("a", 1, 0), ("b", 1, 0), ("c", 1, 0)]
    assert [None if row[3] is None else round(row[3], -1) for row in names] == [10, 20, 990, None]


def test_an_interaction_is_flaky_when_it_turns_for_the_same_content_and_version(database, publisher):
    url = publisher.pact()
    publisher.result(url, "1", tests=[a_test("a"), a_test("b")])
    publisher.result(url, "2", success=False, tests=[a_test("a", success=False), a_test("b")])
    publisher.result(url, "2", tests=[a_test("a"), a_test("b")])
    publisher.result(url, "2", tests=[a_test("a"), a_test("b")])
    count(database)

    assert rows(database, interaction_counts, "name", "runs", "failures", "flaky") == [
        ("a", 4, 1, 1),
        ("b", 4, 0, 0),
    ]
    assert list(totals(database).values()) == [(3, 1, 0, 8, 1)]


def test_a_result_that_names_no_interaction_counts_as_one(database, publisher):
    url = publisher.pact()
    publisher.result(url, "1", success=False)
    count(database)
    publisher.result(url, "1")
    count(database)

    assert list(totals(database).values()) == [(1, 1, 0, 2, 1)]


def test_failures_of_pending_pacts_are_counted_apart(database, publisher):
    publisher.pact()
    body = {
        "consumerVersionSelectors": [{"latest": True}],
        "includePendingStatus": True,
        "providerVersionBranch": "main",
    }
    found = publisher.broker.post("/pacts/provider/Orders/for-verification", json=body).json
    pact = publisher.broker.get(found["_embedded"]["pacts"][0]["_links"]["self"]["href"]).json
    publisher.result(pact["_links"]["pb:publish-verification-results"]["href"], success=False)
    count(database)

    assert list(totals(database).values()) == [(0, 0, 1, 1, 0)]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["result", "provider version", "pact version"])
def test_deleting_results_keeps_the_counters(database, publisher, when, what):
    place = publisher.result(publisher.pact(), tests=[a_test("a", 30)])
    address = {
        "result": place,
        "provider version": "/pacticipants/Orders/versions/1",
        "pact version": "/pacticipants/Shop/versions/1",
    }[what]

    if when == "after":
        count(database)
    assert publisher.broker.delete(address).status_code == 204
    count(database)

    assert list(totals(database).values()) == [(1, 0, 0, 1, 0)]
    assert [row[0] for row in rows(database, interaction_counts, "runs")] == [1]


@pytest.mark.parametrize("name", ["Orders", "Shop"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_deleting_an_application_removes_its_counters_also_from_those_of_others(
    database, publisher, name, when
):
    publisher.result(publisher.pact("Shop", "Orders"), tests=[a_test("a", 30)])
    publisher.result(publisher.pact("Mobile", "Carts"), success=False, tests=[a_test("a", 10)])
    publisher.result(publisher.pact("Shop", "Carts"), tests=[a_test("a", 10)])
    publisher.result(publisher.pact("Mobile", "Orders"), tests=[a_test("a", 10)])
    if when == "after":
        count(database)

    assert publisher.broker.delete(f"/pacticipants/{name}").status_code == 204
    count(database)

    assert list(totals(database).values()) == [(1, 1, 0, 2, 0)]
    known = {row[0] for row in rows(database, pacticipants, "id")} | {ALL}
    for table in (result_counts, interaction_counts, integration_activity, contract_sizes):
        assert {
            number for row in rows(database, table, "provider_id", "consumer_id") for number in row
        } <= known
    of_all = [row for row in rows(database, result_counts, "provider_id", "durations") if row[0] == ALL]
    assert {Durations.decode(row[1]).total for row in of_all} == {2}


def test_deleting_everything_leaves_no_counters(database, publisher):
    publisher.result(publisher.pact())
    count(database)

    broker = create_app(Settings(allow_deleting_all_integrations=True), database).test_client()
    assert broker.delete("/integrations").status_code == 204

    assert size_of(database, result_counts) == 0


def test_an_integration_that_is_deleted_with_its_applications_leaves_no_counters(database, publisher):
    publisher.result(publisher.pact())
    count(database)

    assert publisher.broker.delete("/integrations/provider/Orders/consumer/Shop").status_code == 204

    assert list(totals(database).values()) in ([], [(0, 0, 0, 0, 0)])
    assert size_of(database, interaction_counts) == 0


def test_the_size_of_a_contract_is_kept_for_each_day(database, publisher, clock):
    publisher.pact(version="1", interactions=1)
    publisher.pact(version="2", interactions=3)
    clock.now = MONDAY + timedelta(days=2)
    publisher.pact(version="3", interactions=4)
    count(database)

    found = rows(database, contract_sizes, "day", "publications", "interactions")
    assert found == [(date(2026, 6, 1), 2, 3), (date(2026, 6, 3), 1, 4)]
    assert rows(database, integration_activity, "interactions", "first_at", "published_at", "result_at") == [
        (4, MONDAY, clock.now, None)
    ]


def test_many_that_count_at_once_count_each_result_once(database, publisher, monkeypatch):
    monkeypatch.setattr("broker.services.insights.counting.AT_ONCE", 3)
    urls = [publisher.pact(consumer) for consumer in ("Shop", "Mobile")]
    for number in range(20):
        publisher.result(urls[number % 2], str(number), tests=[a_test("a")])

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(count, database) for _ in range(4)]:
            future.result()

    assert [row[:4] for row in totals(database).values()] == [(20, 0, 0, 20)]
    assert sum(row[0] for row in rows(database, interaction_counts, "runs")) == 20


def test_what_is_counted_and_not_committed_is_counted_later(database, publisher):
    publisher.result(publisher.pact())

    with database.transaction(kept=False) as storage:
        assert len(count_some(storage).provider_ids) == 1

    assert totals(database) == {}
    count(database)
    assert list(totals(database).values()) == [(1, 0, 0, 1, 0)]


def test_a_worker_that_is_killed_loses_nothing_and_counts_nothing_twice(database, publisher):
    url = publisher.pact()
    for number in range(60):
        publisher.result(url, str(number), tests=[a_test("a")])
    program = (
        "import sys; from broker.background.counter import Counter; "
        "from broker.services.insights import counting; "
        "from broker.storage.database import Database; counting.AT_ONCE = 2; print(1, flush=True); "
        "Counter(Database(sys.argv[1])).run()"
    )

    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", program, database.url], stdout=subprocess.PIPE
        ) as process:
            process.stdout.readline()
            time.sleep(0.05 + random.random() * 0.1)  # noqa: S311 - so that it is killed while it counts
            process.send_signal(signal.SIGKILL)
    count(database)

    assert list(totals(database).values()) == [(60, 0, 0, 60, 0)]


def test_what_was_there_before_the_upgrade_is_counted_afterwards(database, tmp_path):
    moment = MONDAY
    ids = {"consumer_id": 1, "provider_id": 2, "created_at": moment}
    result = {
        **ids,
        "pact_version_id": 1,
        "provider_version_id": 1,
        "wip": False,
        "test_results": b'[{"interactionId": "a", "success": %s, "durationMs": 5}]',
    }
    before = {
        "pacticipants": [
            {"id": number, "name": name, "display_name": name, "created_at": moment, "updated_at": moment}
            for number, name in enumerate(("Shop", "Orders"), 1)
        ],
        "versions": [
            {
                "id": number,
                "pacticipant_id": 3 - number,
                "number": "1",
                "position": number,
                "created_at": moment,
                "updated_at": moment,
            }
            for number in (1, 2)
        ],
        "pact_versions": [
            {**ids, "id": 1, "sha": "a", "content": b"12345", "interactions_count": 1, "messages_count": 2}
        ],
        "pact_publications": [
            {
                **ids,
                "id": 1,
                "consumer_version_id": 2,
                "pact_version_id": 1,
                "revision": 1,
                "superseded": False,
                "position": 2,
            }
        ],
        "verifications": [
            {
                **result,
                "id": 1,
                "success": False,
                "superseded": True,
                "test_results": result["test_results"] % b"false",
            },
            {
                **result,
                "id": 2,
                "success": True,
                "superseded": False,
                "test_results": result["test_results"] % b"true",
            },
        ],
    }
    with left_at("0015", database, tmp_path, before) as old:
        upgrade(old)
        count(old)

        assert totals(old) == {date(2026, 6, 1): (1, 1, 0, 2, 1)}
        assert rows(old, contract_sizes, "interactions", "size") == [(3, 5)]


def test_a_result_costs_one_statement_more_and_counting_does_not_grow_with_history(database, publisher):
    url = publisher.pact()
    publisher.result(url)
    with sql_statements() as seen:
        publisher.result(url, "2")
    assert sum("results_to_count" in statement for statement in seen) == 1

    counter = Counter(database)
    with sql_statements() as few:
        counter.turn()
    for number in range(30):
        publisher.result(url, f"1.{number}", tests=[a_test("a"), a_test("b")])
    with sql_statements() as many:
        counter.turn()
    assert len(many) <= len(few) + 4
