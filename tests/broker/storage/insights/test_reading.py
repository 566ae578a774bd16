"""What the page of the insights reads is the same on both databases, and takes as many rows after a year."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import event
from support.clocks import Clock
from support.insights import Publisher, a_test, count
from support.reading_pages import A_BROWSER, Page

from broker.app import create_app
from broker.settings.settings import Settings

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
FILTERS = ("", "service=Orders", "team=selling", "environment=test", "consumer=Shop")


@pytest.fixture
def clock():
    return Clock(NOON - timedelta(days=400))


@pytest.fixture
def publisher(database, clock):
    return Publisher(create_app(Settings(), database, clock=clock).test_client())


@pytest.fixture
def a_year(database, clock, publisher):
    """Results of one service every tenth day of more than a year; the pact grows."""
    for number, days in enumerate(range(400, -1, -20)):
        clock.now = NOON - timedelta(days=days)
        url = publisher.pact(version=str(number), interactions=1 + number)
        tests = [a_test("reading", 20), a_test("writing", 900, success=number % 4 != 0)]
        publisher.result(url, f"1.{number}", success=number % 4 != 0, tests=tests)
    publisher.result(url, f"1.{number}", tests=[a_test("reading"), a_test("writing")])
    publisher.broker.put("/pacticipants/Orders/labels/team:selling", json={})
    publisher.broker.post("/gates", json={"metric": "success_rate", "threshold": 90})
    count(database, clock)
    return publisher.broker


def test_every_filter_is_read_on_both_databases(a_year):
    for one, other, days in product(FILTERS, FILTERS, ("days=30", "days=365")):
        page = Page(a_year.get(f"/insights?{one}&{other}&{days}", headers=A_BROWSER))

        assert page.status == 200, (one, other, page.text)

    listed = {
        name: a_year.get(f"/insights?table={name}&format=json&days=365").json[name]
        for name in ("periods", "integrations", "oldest", "slowest", "flakiest", "growing", "gates")
    }
    assert sum(week["passed"] + week["failed"] for week in listed["periods"]) == 20
    assert [row["interaction"] for row in listed["slowest"]] == ["writing", "reading"]
    assert [(row["interaction"], row["turns"]) for row in listed["flakiest"]] == [("writing", 1)]
    assert listed["growing"][0]["more_interactions"] == 19
    assert listed["gates"][0]["failed"] == 1


def test_a_year_reads_no_more_rows_than_two_months(a_year, database):
    def rows(days):
        found = []

        def see(_connection, cursor, *_):
            found.append(cursor)

        engine = database._engine  # noqa: SLF001 - to count what it reads
        event.listen(engine, "after_cursor_execute", see)
        periods = a_year.get(f"/insights?days={days}&table=periods&format=json").json["periods"]
        event.remove(engine, "after_cursor_execute", see)
        return len(periods), len(found)

    assert rows(62) == (62, 6)
    assert rows(365) == (53, 6)
    assert rows(730) == (105, 6)
