"""What a decision costs the database: few statements, and by indexes, whatever the history."""

import pytest
from sqlalchemy import Engine, event
from support.contracts_in_storage import Document, StoredContracts
from support.decisions_over_http import Api
from support.factories import NOON
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings

pytestmark = pytest.mark.pooled

QUESTIONS = {
    "can-i-deploy": "/can-i-deploy?pacticipant=Foo&version=1&environment=production",
    "can-i-deploy to a tag": "/can-i-deploy?pacticipant=Foo&version=1&to=prod",
    "the command line": (
        "/matrix?q[][pacticipant]=Foo&q[][version]=1&latestby=cvp&environment=production"
        "&ignore[][pacticipant]=Baz"
    ),
    "two versions": (
        "/matrix?q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=Bar&q[][version]=1&latestby=cvpv"
    ),
}

A_NO = "/can-i-deploy?pacticipant=Foo&version=2&environment=production"
"""Version 2 is verified by others than those in production: its obstacles are explained, with a way out."""


@pytest.fixture
def client(database):
    return create_app(Settings(), database).test_client()


def history(api, consumers, versions):
    """Consumers and providers of Foo, each with many versions; the first ones are in production."""
    for name in consumers:
        for number in map(str, range(1, versions + 1)):
            api.pact("Foo", number, "with", f"{name} provider")
            api.pact(f"{name} consumer", number, "with", "Foo")
            api.verified(f"{name} provider", number, "Foo", number)
            api.verified("Foo", number, f"{name} consumer", number)
        api.deployed(f"{name} provider", "1", "production")
        api.released(f"{name} consumer", "1", "production")
    api.version("Bar", "1", "tagged", "prod")


@pytest.mark.parametrize("url", QUESTIONS.values(), ids=QUESTIONS)
def test_a_decision_takes_three_statements_and_explains_itself(client, url):
    api = Api(client)
    counts = []
    for consumers, versions in ((["A"], 1), (["B", "C", "D"], 4)):
        history(api, consumers, versions)
        with sql_statements() as sent:
            answer = client.get(url)
        assert answer.status_code == 200
        assert answer.json["matrix"] or "Bar" in url
        counts.append(len(sent))

    assert counts[0] == counts[1] <= 3


def test_a_yes_takes_two_statements(client):
    history(Api(client), ["A", "B"], 3)

    with sql_statements() as sent:
        answer = client.get(QUESTIONS["can-i-deploy"])

    assert answer.json["summary"]["deployable"] is True
    assert len(sent) == 2


def test_the_matrix_of_a_pair_takes_three_statements(client):
    history(Api(client), ["A"], 3)

    with sql_statements() as sent:
        answer = client.get("/matrix/provider/A provider/consumer/Foo")

    assert len(answer.json["matrix"]) == 3
    assert len(sent) <= 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_matrix_of_a_pair_reads_no_more_than_it_shows(client):
    steps = []

    def begin(_connection, cursor, *_):
        cursor.connection.set_progress_handler(lambda: steps.append(1), 20)

    counts = []
    for versions in (5, 30):
        history(Api(client), ["A"], versions)
        steps.clear()
        event.listen(Engine, "before_cursor_execute", begin)
        answer = client.get("/matrix/provider/A provider/consumer/Foo?limit=3")
        event.remove(Engine, "before_cursor_execute", begin)
        assert [row["consumer"]["version"]["number"] for row in answer.json["matrix"]] == [
            str(versions - newer) for newer in range(3)
        ]
        counts.append(len(steps))

    assert 0 < counts[1] <= counts[0] + 2


@pytest.mark.parametrize("url", QUESTIONS.values(), ids=QUESTIONS)
def test_service_contracts_cost_no_statement_more(client, database, url):
    history(Api(client), ["A", "B"], 3)
    with sql_statements() as before:
        client.get(url)
    stored = StoredContracts(database, lambda: NOON)
    for number in "123":
        stored.documents("Foo", number, {"openapi": Document(("read",), {"A provider": (("read",), True)})})
        for name in ("A provider", "B provider"):
            stored.documents(name, number, {"openapi": Document(("read",))})
            stored.checked(name, number, Document(("read",)), success=name == "A provider")

    with sql_statements() as after:
        answer = client.get(url)

    assert ("tally:kind" in answer.text) is ("Bar" not in url)
    assert len(after) <= len(before) <= 3


def test_a_no_with_failed_and_missing_results_explains_both_in_three_statements(client):
    api = Api(client)
    for provider in ("Bar", "Baz"):
        api.pact("Foo", "1", "with", provider)
        api.version(provider, "2")
        api.deployed(provider, "2", "production")
    api.failed("Bar", "2", "Foo", "1")

    with sql_statements() as sent:
        answer = client.get(QUESTIONS["can-i-deploy"])

    assert [found["problem"] for found in answer.json["tally:explanation"]] == ["failed", "missing"]
    assert len(sent) <= 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("url", [*QUESTIONS.values(), A_NO], ids=[*QUESTIONS, "a no"])
def test_no_table_that_grows_with_history_is_read_from_end_to_end(client, url):
    history(Api(client), ["A", "B"], 3)
    grows = ("versions", "pact_publications", "verifications", "pact_versions", "tags", "branch_versions")

    plans = []

    def explain(_connection, cursor, statement, parameters, *_):
        cursor.execute("EXPLAIN QUERY PLAN " + statement, parameters)
        plans.extend(row[3] for row in cursor.fetchall())

    event.listen(Engine, "before_cursor_execute", explain)
    client.get(url)
    event.remove(Engine, "before_cursor_execute", explain)

    assert any("uq_pact_publications_current" in plan for plan in plans)
    assert any("uq_verifications_current" in plan for plan in plans)
    names = {*grows, "consumer_versions", "provider_versions", "newest", "newer", "same_content", "results"}
    assert [plan for plan in plans if plan.startswith("SCAN") and plan.split()[1] in names] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/pacticipants/Foo/versions/1", "/matrix/provider/Foo/consumer/A consumer"])
def test_pages_find_what_is_deployed_by_the_index_of_what_is_deployed_now(client, path):
    history(Api(client), ["A", "B"], 3)
    plans = []

    def explain(_connection, cursor, statement, parameters, *_):
        cursor.execute("EXPLAIN QUERY PLAN " + statement, parameters)
        plans.extend(row[3] for row in cursor.fetchall() if "deployed_versions" in row[3])

    event.listen(Engine, "before_cursor_execute", explain)
    answer = client.get(path, headers={"Accept": "text/html"})
    event.remove(Engine, "before_cursor_execute", explain)

    assert answer.status_code == 200
    few = ("ix_deployed_versions_current", "(rowid=?)", "(version_id=?)")
    assert [plan for plan in plans if not any(one in plan for one in few)] == []
