"""The page of a version."""

import pytest
from support.contract_documents import a_native, a_native_operation, an_openapi
from support.factories import a_pact, a_publication, an_interaction
from support.sql_statements import sql_statements

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def environment(broker, name):
    found = broker.get("/environments").json["_embedded"]["environments"]
    return next(item["uuid"] for item in found if item["name"] == name)


def put_in(broker, kind, pacticipant, version, name, **body):
    url = f"/pacticipants/{pacticipant}/versions/{version}/{kind}/environment/{environment(broker, name)}"
    assert broker.post(url, json=body).status_code == 201


@ON_BOTH_DATABASES
def test_a_version_says_where_it_can_go_and_why_not(visit, broker, publish, verify):
    verify(publish(), "o1", branch="main")
    verify(publish(version="2", branch="next"), "o2", success=False)
    put_in(broker, "deployed-versions", "Orders", "o1", "test")
    put_in(broker, "deployed-versions", "Shop", "1", "test")
    put_in(broker, "deployed-versions", "Orders", "o2", "production")

    page = visit("/pacticipants/Shop/versions/1")

    assert "It can go to test, and not to production." in page.text
    assert page.rows[1:3] == [
        (
            "production",
            "No",
            "The contract with what is in production failed. Shop → Orders failed",
            "Decision",
        ),
        ("test here since just now", "Yes", "The contract with what is in test holds.", "Decision"),
    ]
    assert page.rows[4] == ("Orders", "1 interaction", "failed by o2 just now", "o2", "o1")
    decision = "/can-i-deploy?pacticipant=Shop&version=1&environment=test"
    assert page.links["Decision"] == decision
    assert visit(decision).text.startswith("Yes: Shop 1 to test")
    assert page.is_balanced


@ON_BOTH_DATABASES
def test_a_version_shows_the_pacts_that_it_verified_by_consumer_so_that_they_can_be_told_apart(
    visit, publish, verify
):
    verify(publish(a_pact(an_interaction("old")), version="1", branch="main"), "o1")
    verify(publish(a_pact(an_interaction("new")), version="2", branch="next"), "o1", success=False)
    verify(publish(a_pact(consumer="App"), version="7"), "o1")

    page = visit("/pacticipants/Orders/versions/o1")

    first = page.rows.index(("Consumer", "Pact of version", "Published", "Result", "Verified"))
    assert page.rows[first + 1 : first + 4] == [
        ("App", "7 main", "just now", "verified", "just now"),
        ("Shop", "2 next", "just now", "failed", "just now"),
        ("1 main", "just now", "verified", "just now"),
    ]
    assert page.is_balanced


def test_the_tables_of_a_version_are_rows_for_machines(broker, visit, publish, verify):
    verify(publish(), "o1", branch="main", success=False)
    put_in(broker, "deployed-versions", "Orders", "o1", "test")

    def rows(version, table):
        return broker.get(f"/pacticipants/{version}?format=json&table={table}").json[table]

    assert [(row["environment"], row["answer"]) for row in rows("Shop/versions/1", "answers")] == [
        ("production", "Not yet"),
        ("test", "No"),
    ]
    assert [(row["provider"], row["verdict"]) for row in rows("Shop/versions/1", "pacts")] == [
        ("Orders", "failed")
    ]
    assert [(row["consumer"], row["consumer_version"]) for row in rows("Orders/versions/o1", "verified")] == [
        ("Shop", "1")
    ]
    assert "JSON" in visit("/pacticipants/Orders/versions/o1").links
    refused = visit("/pacticipants/Orders/versions/o1?format=csv&table=x")
    assert refused.status == 400
    assert "table must be one of answers, pacts, verified" in refused.text.replace("'", "")


@ON_BOTH_DATABASES
def test_a_version_shows_its_service_contract_in_short_with_a_link_to_it(visit, broker):
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}
    broker.post("/service-contracts/publish", json=body)
    before = visit("/pacticipants/Orders/versions/1")
    contract = broker.get("/pacticipants/Orders/versions/1/service-contract").json
    broker.post(
        contract["_links"]["tally:publish-verification-results"]["href"],
        json={"success": False, "providerApplicationVersion": "1"},
    )

    after = visit("/pacticipants/Orders/versions/1")

    assert before.rows[-1] == ("openapi", "openapi", "1", "never verified")
    assert "--service-contract-from-broker 1" in before.text
    assert after.rows[-1] == ("openapi", "openapi", "1", "failed by 1 just now")
    assert after.links["openapi"] == "/pacticipants/Orders/versions/1/service-contract"
    assert after.is_balanced


def test_a_version_takes_six_statements_at_most_whatever_the_history(visit, broker, publish, verify):
    document = {"pacticipantName": "Orders", "content": an_openapi()}
    counts = []
    for number in range(3):
        broker.post("/service-contracts/publish", json={**document, "pacticipantVersionNumber": f"o{number}"})
        verify(publish(a_pact(an_interaction(f"n{number}")), version=str(number)), f"o{number}")
        publish(a_pact(consumer="Orders", provider="Stock"), version=f"o{number}")
        put_in(broker, "deployed-versions", "Shop", str(number), "test", applicationInstance=str(number))
        with sql_statements() as sent:
            visit("/pacticipants/Orders/versions/o0")
        counts.append(len(sent))

    assert counts[-1] == counts[-2] <= 6


def test_a_version_without_contracts_says_so(visit, broker):
    broker.put("/pacticipants/Orders/branches/main/versions/1", json={})

    page = visit("/pacticipants/Orders/versions/1")

    assert "has published no contract, and verified none" in page.text
    assert "main · latest" in page.text


def test_a_commit_is_short_in_the_title_and_whole_among_the_facts(visit, publish):
    commit = "0123456789abcdef0123456789abcdef01234567"
    publish(version=commit)

    page = visit(f"/pacticipants/Shop/versions/{commit}")

    assert "Shop 0123456" in page.text
    assert f"Version {commit}" in page.text


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/pacticipants/Nobody", "No pacticipant with name 'Nobody' found"),
        ("/pacticipants/Shop/versions/9", "No version 9 of pacticipant Shop found"),
    ],
)
def test_what_is_not_there_is_told_on_a_page(visit, publish, path, message):
    publish()

    page = visit(path)

    assert (page.status, message in page.text) == (404, True)


def test_a_version_shows_the_scenarios_in_which_it_took_part(visit, broker):
    for name in ("Orders", "Payments"):
        broker.post("/pacticipants", json={"name": name})
    took_part = [
        {"pacticipantName": name, "pacticipantVersionNumber": number}
        for name, number in (("Orders", "1"), ("Payments", "4"))
    ]
    result = {"title": "The <shop>", "success": False, "durationMs": 5, "participants": took_part}
    assert broker.post("/scenario-results", json=result).status_code == 201

    page = visit("/pacticipants/Orders/versions/1")

    assert "Scenarios with this version" in page.text
    assert "The <shop>" in page.text
    assert "Payments" in page.text
    assert "has published no contract" not in page.text


@ON_BOTH_DATABASES
def test_a_version_shows_each_of_its_documents_and_what_came_of_comparing_them(visit, broker):
    events = a_native(a_native_operation(id="getEvents", path="/events/{id}"))
    documents = [{"content": an_openapi()}, {"content": events}]
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "documents": documents}
    broker.post("/contracts/publish", json=a_publication())
    broker.post("/service-contracts/publish", json=body)

    page = visit("/pacticipants/Orders/versions/1")

    assert page.links["service-contract"].endswith("/service-contracts/service-contract")
    assert page.rows[-4][:2] == ("openapi", "openapi")
    assert page.rows[-1][:2] == ("Shop", "1")
    assert page.rows[-1][2].startswith("compatible")


@ON_BOTH_DATABASES
def test_what_a_service_contract_decides_is_not_shown_as_a_result(visit, broker, publish, verify):
    """A replay that passed does not count where the pact does not fit the service contract."""
    events = a_native(a_native_operation(id="getEvents", path="/events/{id}"))
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "o1", "content": events}
    broker.post("/service-contracts/publish", json=body)
    verify(publish(), "o1")

    of_provider = visit("/pacticipants/Orders/versions/o1")
    of_consumer = visit("/pacticipants/Shop/versions/1")

    assert any(
        row[3].startswith("failed the service contract decides") for row in of_provider.rows if len(row) == 5
    )
    assert any(row[2].startswith("failed by o1") for row in of_consumer.rows), of_consumer.rows
