"""What an answer about the past costs the database: few statements, and by indexes, whatever the history."""

import pytest
from sqlalchemy import Engine, event
from support.decisions_over_http import Api
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings

AT = "&at=2026-10-01T00:00:00Z"
FOO, BAR = "q[][pacticipant]=Foo", "q[][pacticipant]=Bar"
QUESTIONS = {
    "can-i-deploy": ("/can-i-deploy?pacticipant=Foo&version=1&environment=production", 3),
    "can-i-deploy to a tag": ("/can-i-deploy?pacticipant=Foo&version=1&to=prod", 3),
    "heads": (f"/matrix?{FOO}&q[][branch]=main&q[][latest]=true&{BAR}&q[][tag]=prod&latestby=cvpv", 6),
    "main branches": (f"/matrix?{FOO}&q[][mainBranch]=true&latestby=cvp&mainBranch=true&latest=true", 3),
    "all of a branch and a tag": (f"/matrix?{FOO}&q[][branch]=main&{BAR}&q[][tag]=prod&latestby=cvp", 6),
}
GROW = {
    *("versions", "pact_publications", "verifications", "pact_versions", "tags", "branch_versions"),
    *("deployed_versions", "released_versions", "former_tags", "former_branch_versions", "removals"),
    *("consumer_versions", "provider_versions", "newest", "newest_tags", "newest_former_tags"),
    *("newer_revisions", "newer_results", "support_gaps", "branch_promotions", "former_main_branches"),
}


@pytest.fixture
def client(database):
    client = create_app(Settings(), database).test_client()
    api = Api(client)
    for number in "123":
        api.pact("Foo", number, "with", "Bar")
        api.verified("Bar", number, "Foo", number)
        for name in ("Foo", "Bar"):
            api.version(name, number, "on", "main", "tagged", "prod")
            api.deployed(name, number, "production")
            api.released(name, number, "production")
    return client


@pytest.mark.parametrize(("url", "most"), QUESTIONS.values(), ids=QUESTIONS)
def test_an_answer_about_the_past_takes_one_statement_more(client, url, most):
    with sql_statements() as now:
        client.get(url)
    with sql_statements() as then:
        assert client.get(url + AT).status_code == 200

    assert len(then) <= len(now) + 1 <= most + 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("url", [url for url, _ in QUESTIONS.values()], ids=QUESTIONS)
def test_no_table_that_grows_with_history_is_read_from_end_to_end(client, url):
    plans = []

    def explain(_connection, cursor, statement, parameters, *_):
        cursor.execute("EXPLAIN QUERY PLAN " + statement, parameters)
        plans.extend(row[3] for row in cursor.fetchall())

    event.listen(Engine, "before_cursor_execute", explain)
    client.get(url + AT)
    event.remove(Engine, "before_cursor_execute", explain)

    read = {plan.split()[1] for plan in plans if plan.startswith("SCAN")}
    assert any(plan.startswith("SEARCH newer_revisions") for plan in plans)
    assert read & GROW == set()
    assert not any("AUTOMATIC" in plan for plan in plans)
