"""The page of the insights, its tables for machines, quality gates on pages, and badges."""

import csv
import io
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from support import databases
from support.clocks import Clock
from support.factories import a_pact, a_publication
from support.filling_forms import Person
from support.insights import Publisher, a_test
from support.insights import count as count_at
from support.reading_pages import A_BROWSER, Page
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.insights.surroundings import MOST_COUNTED
from broker.web.routes import path

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
DIFFICULT = "<script>alert(1)</script> \"'=1+1 %2F 名 🚀 \u05d0"
TABLES = ("periods", "durations", "integrations", "oldest", "slowest", "flakiest", "growing", "gates")


@pytest.fixture(scope="module")
def a_month():
    """A database with thirty days of results: Orders fails each fifth day and is flaky once, Stock never."""
    with databases.new_sqlite() as url:
        database, clock = Database(url, synchronous="off"), Clock(NOON - timedelta(days=29))
        publisher = Publisher(create_app(Settings(), database, clock=clock).test_client())
        urls = {name: publisher.pact("Shop", name) for name in ("Orders", "Stock")}
        publisher.broker.put("/pacticipants/Orders/labels/team:selling", json={})
        for day in range(30):
            clock.now = NOON - timedelta(days=29 - day)
            success = day % 5 != 0
            tests = [a_test("reading", 10 + day), a_test("writing", 1000 + day, success=success)]
            publisher.result(urls["Orders"], f"1.{day}", success=success, tests=tests)
            publisher.result(urls["Stock"], f"1.{day}", tests=[a_test("counting", 5)])
        publisher.result(urls["Orders"], "1.29", success=False, tests=[a_test("reading", 10, success=False)])
        publisher.pact("Shop", "Orders", version="2", interactions=4)
        count_at(database, clock)
        database.close()
        yield url.removeprefix("sqlite:///")


@pytest.fixture
def database(request, database_url):
    """A new database, with a month of results for the tests that use it."""
    if "month" in request.fixturenames:
        shutil.copyfile(request.getfixturevalue("a_month"), database_url.removeprefix("sqlite:///"))
    database = Database(database_url, synchronous="normal")
    yield database
    database.close()


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def client(database, clock):
    return create_app(Settings(), database, clock=clock).test_client()


@pytest.fixture
def publisher(client):
    return Publisher(client)


@pytest.fixture
def count(database, clock):
    return lambda: count_at(database, clock)


@pytest.fixture
def visit(client):
    return lambda path: Page(client.get(path, headers=A_BROWSER))


@pytest.fixture
def month(publisher):
    """Let there be thirty days of results: see `a_month`."""
    return publisher


@pytest.mark.usefixtures("month")
def test_the_first_line_is_the_verdict(visit):
    page = visit("/insights")

    assert page.status == 200
    assert page.is_balanced
    assert "88.5 % of 61 results passed in 60 days, all services." in page.text
    assert "Shop → Orders" in page.text
    assert "Success rate88.5 %no gate yet" in page.text
    assert "There is no quality gate yet" in page.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("service=Orders", "77.4 % of 31 results passed in 60 days, Orders."),
        ("service=Stock", "100 % of 30 results passed in 60 days, Stock."),
        ("team=selling", "77.4 % of 31 results passed in 60 days, team:selling."),
        ("consumer=Shop&days=7", "86.7 % of 15 results passed in 7 days, all services, as Shop needs them."),
        ("service=Shop", "No result in these 60 days, Shop."),
        ("environment=test", "No result in these 60 days, all services, in test."),
        ("days=365", "88.5 % of 61 results passed in 365 days, all services."),
        (
            "service=Orders&team=selling&consumer=Shop",
            "77.4 % of 31 results passed in 60 days, Orders, as Shop",
        ),
    ],
)
@pytest.mark.usefixtures("month")
def test_a_filter_says_which_results_count(visit, query, said):
    assert said in visit(f"/insights?{query}").text


def test_an_environment_is_of_the_services_that_are_in_it(visit, month):
    uuid = next(
        item["uuid"]
        for item in month.broker.get("/environments").json["_embedded"]["environments"]
        if item["name"] == "test"
    )
    place = f"/pacticipants/Stock/versions/1.1/deployed-versions/environment/{uuid}"
    assert month.broker.post(place, json={}).status_code == 201

    assert (
        "100 % of 30 results passed in 60 days, all services, in test."
        in visit("/insights?environment=test").text
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("service=Ordres", "is no application that is known: Ordres"),
        ("consumer=Nobody", "is no application that is known: Nobody"),
        ("team=seling", "is not known: seling (did you mean 'selling'?)"),
        ("environment=prod", "is not known: prod"),
        ("days=6", "must be a whole number from 7 to 730"),
        ("days=many", "must be a whole number from 7 to 730"),
        ("format=xml", "must be one of csv, json"),
        ("format=csv&table=slow", "is not known: slow"),
        (f"service={'x' * 256}", "cannot be longer than 255 characters"),
    ],
)
@pytest.mark.usefixtures("month")
def test_what_is_not_known_is_said_and_not_left_out(visit, query, said):
    page = visit(f"/insights?{query}")

    assert page.status == 400
    assert said in page.text


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("month")
def test_each_table_is_there_for_machines(client, table):
    client.post("/gates", json={"metric": "success_rate", "threshold": 90})

    found = client.get(f"/insights?table={table}&format=json").json[table]
    answer = client.get(f"/insights?table={table}&format=csv", headers=A_BROWSER)

    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == len(found) > 0
    assert list(rows[0]) == list(found[0])


@pytest.mark.usefixtures("month")
def test_the_tables_say_what_was_counted(client):
    def read(table, days=60):
        return client.get(f"/insights?table={table}&days={days}&format=json").json[table]

    assert [row["consumer"] for row in read("integrations")] == ["Shop", "Shop"]
    assert {
        row["provider"]: (row["passed"], row["failed"], row["flaky"]) for row in read("integrations")
    } == {
        "Orders": (24, 7, 1),
        "Stock": (30, 0, 0),
    }
    (slowest, *_) = read("slowest")
    assert (slowest["interaction"], slowest["provider"]) == ("writing", "Orders")
    assert 950 < slowest["p95_ms"] < 1080
    (flaky,) = read("flakiest")
    assert (flaky["interaction"], flaky["turns"]) == ("reading", 1)
    days = read("periods")
    assert len(days) == 60
    assert days[-1] == {
        "start": "2026-06-10",
        "passed": 2,
        "pending": 0,
        "failed": 1,
        "interactions": 4,
        "flaky": 1,
    }
    weeks = read("periods", 365)
    assert len(weeks) == 53
    assert sum(week["passed"] for week in weeks) == sum(day["passed"] for day in days)
    assert read("durations")[-1]["verifications"] == 3


def test_a_pact_that_grew_is_listed_with_what_it_had_before(client, publisher, clock, count):
    clock.now = NOON - timedelta(days=90)
    publisher.pact(version="1", interactions=1)
    clock.now = NOON - timedelta(days=10)
    publisher.pact(version="2", interactions=3)
    publisher.pact("Mobile", version="2", interactions=3)
    clock.now = NOON
    count()

    (grown,) = client.get("/insights?table=growing&format=json").json["growing"]

    assert (grown["consumer"], grown["interactions"], grown["more_interactions"]) == ("Shop", 3, 2)
    assert grown["more_bytes"] > 100
    assert client.get("/insights?table=growing&format=json&days=7").json["growing"] == []


def test_results_that_are_old_or_missing_come_first(client, publisher, clock, count):
    clock.now = NOON - timedelta(days=40)
    publisher.result(publisher.pact("Shop"))
    clock.now = NOON - timedelta(days=50)
    publisher.pact("Mobile")
    clock.now = NOON
    publisher.result(publisher.pact("Till"))
    count()

    found = client.get("/insights?table=oldest&format=json").json["oldest"]

    assert [(row["consumer"], row["verified"]) for row in found] == [
        ("Mobile", False),
        ("Shop", True),
        ("Till", True),
    ]
    page = Page(client.get("/insights?days=30", headers=A_BROWSER))
    assert "1 integration has had no result in these 30 days." in page.text
    assert "50 d never verified" in page.text


def test_fewer_than_seven_days_make_no_chart(client, visit, publisher, clock, count):
    clock.now = NOON - timedelta(days=5)
    publisher.result(publisher.pact())
    clock.now = NOON
    count()
    assert "There are not seven days of results yet: the first is of 2026-06-05." in visit("/insights").text
    assert 'class="chart"' not in client.get("/insights", headers=A_BROWSER).text

    clock.now = NOON + timedelta(days=1)

    assert "not seven days" not in visit("/insights").text
    assert 'class="chart"' in client.get("/insights", headers=A_BROWSER).text


def test_an_empty_broker_says_what_to_do(visit):
    page = visit("/insights")

    assert page.status == 200
    assert "No result in these 60 days, all services." in page.text
    assert "There are not seven days of results yet. Charts need them" in page.text
    assert (
        "tally gates create --metric success_rate --threshold 95 --broker-base-url http://localhost"
        in page.text
    )


def test_what_is_not_counted_yet_is_said(visit, publisher):
    publisher.result(publisher.pact())

    assert "1 result is not counted yet." in visit("/insights").text
    assert MOST_COUNTED == 10_000


@pytest.mark.parametrize(
    "query",
    [
        "",
        "service=Orders",
        "team=selling",
        "environment=test",
        "consumer=Shop",
        "days=7",
        "days=730",
        "service=Orders&team=selling&environment=test&consumer=Shop&days=365",
        "table=slowest&format=csv",
        "page=2",
    ],
)
@pytest.mark.usefixtures("month")
def test_the_page_takes_six_statements_whatever_is_asked(client, query):
    client.post("/gates", json={"metric": "success_rate", "threshold": 90})

    with sql_statements() as seen:
        assert client.get(f"/insights?{query}", headers=A_BROWSER).status_code == 200

    assert len(seen) <= 6, "\n\n".join(seen)


def test_difficult_names_are_text_everywhere(client, publisher, clock, count):
    clock.now = NOON - timedelta(days=8)
    pact = {
        "consumer": {"name": DIFFICULT},
        "provider": {"name": f"{DIFFICULT} too"},
        "interactions": [
            {"description": DIFFICULT, "request": {"method": "GET", "path": "/"}, "response": {"status": 200}}
        ],
    }
    place = path("pact", provider=f"{DIFFICULT} too", consumer=DIFFICULT, consumer_version="1")
    document = client.put(place, json=pact)
    assert document.status_code == 201, document.text
    results = document.json["_links"]["pb:publish-verification-results"]["href"]
    publisher.result(results, tests=[a_test(DIFFICULT, 9, success=False)], success=False)
    publisher.result(results, tests=[a_test(DIFFICULT, 9)])
    clock.now = NOON
    count()

    for query in ({}, {"service": f"{DIFFICULT} too"}, {"consumer": DIFFICULT}):
        answer = client.get("/insights", query_string=query, headers=A_BROWSER)
        page = Page(answer)
        assert page.status == 200
        assert page.is_balanced
        assert DIFFICULT in page.text
        assert "<script>alert" not in answer.text
    for table in ("slowest", "flakiest", "oldest", "integrations"):
        text = client.get(f"/insights?table={table}&format=csv").text
        assert not any(
            cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row
        )
    badges = client.get(
        "/badges", query_string={"consumer": DIFFICULT, "provider": f"{DIFFICULT} too"}, headers=A_BROWSER
    )
    assert Page(badges).is_balanced
    assert "<script>alert" not in badges.text


@pytest.mark.usefixtures("month")
def test_a_gate_is_made_changed_and_deleted_on_pages(client):
    person = Person(client)
    person.visit("/gates/new")

    page = person.send(threshold="90", days="60", pacticipantName="Orders")

    assert "The gate was made: success rate at least 90 % over 60 days, for Orders." in page.text
    assert page.rows[1][:2] == ("Orders", "failed")
    assert "Success rate is 77.4 % over 60 days, and must be at least 90 %" in page.text
    (gate,) = client.get("/gates").json["_embedded"]["gates"]
    person.visit(f"/gates/{gate['uuid']}/edit")
    page = person.send(metric="result_age", threshold="3", pacticipantName="", team="selling")
    assert "The gate is now: age of the newest result at most 3 days, for team:selling." in page.text
    assert page.rows[1][:2] == ("Orders", "passed")
    assert "gate 3 days" in person.visit("/insights?team=selling").text
    person.visit(f"/gates/{gate['uuid']}/delete")
    page = person.send()
    assert "The gate was deleted: age of the newest result at most 3 days, for team:selling." in page.text
    assert client.get("/gates").json["_embedded"]["gates"] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"threshold": "many"}, "must be a number"),
        ({"threshold": ""}, "must be filled"),
        ({"threshold": "nan"}, "must be from 0 to 100"),
        ({"threshold": "101"}, "must be from 0 to 100"),
        ({"days": "0"}, "must be greater than or equal to 1"),
        ({"days": "x"}, "must be an integer"),
        ({"pacticipantName": "Nobody"}, "is no application that is known: Nobody"),
        ({"pacticipantName": "Orders", "team": "selling"}, "cannot be used together with pacticipantName"),
    ],
)
@pytest.mark.usefixtures("month")
def test_what_is_wrong_in_the_form_of_a_gate_stands_beside_the_field(client, changes, said):
    person = Person(client)
    person.visit("/gates/new")

    page = person.send(**changes)

    assert page.status == 400
    assert said in page.text
    assert client.get("/gates").json["_embedded"]["gates"] == []


@pytest.mark.usefixtures("month")
def test_a_form_of_another_site_changes_nothing(client):
    person = Person(client)

    page = person.post("/gates/new", {"metric": "success_rate", "threshold": "3", "form-token": "made up"})

    assert person.answer.status_code == 403
    assert page is not None
    assert client.get("/gates").json["_embedded"]["gates"] == []


@pytest.mark.usefixtures("month")
def test_a_gate_says_which_services_fail(visit, client):
    place = client.post("/gates", json={"metric": "success_rate", "threshold": 90}).json["_links"]["self"][
        "href"
    ]

    page = visit(place)

    assert page.status == 200
    assert "1 service fails it, for all services." in page.text
    assert [row[:2] for row in page.rows[1:]] == [("Orders", "failed"), ("Stock", "passed")]
    assert "tally gates check --pacticipant Orders" in page.text
    listed = visit("/insights")
    assert "; 1 gate fails." in listed.text
    assert "Success rate88.5 %gate 90 % over 30 days, 1 service below" in listed.text
    assert client.get("/gates", headers=A_BROWSER).headers["Location"].endswith("/insights#gates")


@pytest.mark.usefixtures("month")
def test_badges_can_be_copied(visit, client):
    client.patch(
        "/pacticipants/Orders", json={"mainBranch": "main"}, content_type="application/merge-patch+json"
    )
    page = visit("/badges?consumer=Shop&provider=Orders&tag=prod&to_tag=test")

    badge = "http://localhost/pacts/provider/Orders/consumer/Shop/latest/badge.svg"
    assert (
        f"[![Latest pact of Shop with Orders]({badge})](http://localhost/pacts/provider/Orders/consumer/Shop/latest)"
        in page.text
    )
    assert f'<img src="{badge}" alt="Latest pact of Shop with Orders"></a>' in page.text
    titles = [row[1] for row in page.rows[1:]]
    assert "Shop with the tag prod, Orders with test" in titles
    assert "Orders: main can be deployed to production" in titles
    assert len([title for title in titles if title.startswith("Orders: ")]) == 4
    for row in page.rows[1:]:
        assert (
            client.get(row[2].split("](")[1].split(")")[0].removeprefix("http://localhost")).status_code
            == 200
        )


def test_blanks_around_a_name_are_part_of_it(client, publisher, count):
    publisher.broker.post("/contracts/publish", json=a_publication(a_pact(consumer=" a ", provider=" b ")))
    count()

    badges = Page(
        client.get("/badges", query_string={"consumer": " a ", "provider": " b "}, headers=A_BROWSER)
    )
    insights = Page(client.get("/insights", query_string={"service": " b "}, headers=A_BROWSER))
    person = Person(client)
    person.visit("/gates/new")

    assert "Latest pact of a with b" in badges.text
    assert insights.status == 200
    assert "The gate was made" in person.send(pacticipantName=" b ").text


@pytest.mark.usefixtures("month")
def test_badges_of_nothing_and_of_nobody(visit):
    assert "Nothing is chosen" in visit("/badges").text
    assert "There is no application Nobody." in visit("/badges?consumer=Nobody&provider=Orders").text
    assert visit(f"/badges?consumer={'x' * 501}").status == 400
    one = visit("/badges?consumer=Shop&environment=test")
    assert all("production" not in row[1] for row in one.rows)
