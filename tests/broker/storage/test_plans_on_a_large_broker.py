"""How the databases look up the answers for a pipeline, when there is much to look through."""

from http import HTTPStatus

import pytest
from sqlalchemy import Engine, event
from support.big_data import Size, fill
from support.contract_documents import an_openapi

from broker.app import create_app
from broker.settings.settings import Settings

SIZE = Size(versions=200, service_contracts=True)
MOST_ROWS = 1000
"""What one step of a plan may read; an application has 4,000 pacts."""
# The tables in which there is so much that reading them from end to end is never right.
HISTORY = {
    *("pact_publications", "verifications", "versions", "branch_versions", "deployed_versions"),
    *("comparisons", "service_contract_publications", "service_contract_verifications"),
}
QUESTIONS = {
    "can-i-deploy": "/can-i-deploy?pacticipant=Consumer 07&version=200&environment=production",
    "can-i-deploy of a provider": "/can-i-deploy?pacticipant=Provider 07&version=200&environment=test",
    "the matrix of the command line": (
        "/matrix?q[][pacticipant]=Consumer 07&q[][version]=200&latestby=cvpv&environment=production"
    ),
    "the matrix of a pair": "/matrix?q[][pacticipant]=Consumer 07&q[][pacticipant]=Provider 03&latestby=cvpv",
}
# PostgreSQL reads a table of this size as a whole when it expects a hundred rows of it.
WITHOUT_TARGET = {
    "without a target": "/matrix?q[][pacticipant]=Consumer 07&q[][version]=200&latestby=cvpv",
    "a provider without a target": "/matrix?q[][pacticipant]=Provider 07&q[][version]=200&latestby=cvpv",
}
SELECTORS = {
    "consumerVersionSelectors": [{"mainBranch": True}, {"deployedOrReleased": True}],
    "providerVersionBranch": "main",
}

IN_PROGRESS = {
    **SELECTORS,
    "consumerVersionSelectors": [{"tag": "prod", "latest": True}],
    "includeWipPactsSince": "2026-01-01",
}


def ask_everything(database, explain, questions=QUESTIONS):
    """Ask the questions of each kind, and return what the database says to *explain* and each statement."""
    plans = []

    def look(_connection, cursor, statement, parameters, *_):
        cursor.execute(f"{explain} {statement}", parameters)
        plans.append((statement, cursor.fetchall()))

    client = create_app(Settings(), database).test_client()
    document = {"pacticipantName": "Provider 07", "pacticipantVersionNumber": "201", "content": an_openapi()}
    assert client.post("/service-contracts/publish", json=document).status_code < HTTPStatus.BAD_REQUEST
    event.listen(Engine, "before_cursor_execute", look)
    try:
        for url in questions.values():
            answer = client.get(url)
            assert answer.json["matrix"]
        found = client.post("/pacts/provider/Provider 07/for-verification", json=SELECTORS).json
        assert len(found["_embedded"]["pacts"]) == SIZE.consumers
        client.post("/pacts/provider/Provider 07/for-verification", json=IN_PROGRESS)
        for where in ("", "?environment=production"):
            assert len(client.get(f"/pacticipants/Provider 07/unused-places{where}").json["consumers"]) > 1
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    return plans


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_reads_no_history(database, database_url):
    fill(database_url, SIZE)

    plans = ask_everything(database, "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)")

    steps = [(step, statement) for statement, [(roots,)] in plans for step in all_steps(roots[0]["Plan"])]
    scans = [
        (step["Relation Name"], statement)
        for step, statement in steps
        if step["Node Type"] == "Seq Scan" and step["Relation Name"] in HISTORY
    ]
    assert len(plans) > 20
    assert scans == []
    # A bitmap of all that an application ever had is no sequential scan, but grows like one.
    read = [
        (step["Actual Rows"] * step["Actual Loops"], step, statement)
        for step, statement in steps
        if step["Node Type"].endswith("Scan")
    ]
    assert [found for found in read if found[0] > MOST_ROWS] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_begins_with_no_application_whole_history(database, database_url):
    fill(database_url, SIZE)

    plans = ask_everything(database, "EXPLAIN QUERY PLAN", QUESTIONS | WITHOUT_TARGET)

    lines = [(row[3], statement) for statement, rows in plans for row in rows]
    aliases = HISTORY | {"consumer_versions", "provider_versions", "newest", "newer", "same_content"}
    aliases |= {"published", "of_provider", "of_newest", "newest_of_document", "compared_pacts"}
    assert [line for line in lines if line[0].startswith("SCAN") and line[0].split()[1] in aliases] == []
    # All pacts of a provider, or all deployments of an application.
    assert [line for line in lines if line[0].endswith("latest (provider_id=?)")] == []
    assert [line for line in lines if line[0].endswith("versions_pacticipant_id (pacticipant_id=?)")] == []


def all_steps(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from all_steps(part)
