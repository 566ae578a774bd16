"""The page of a version."""

import pytest
from support.contract_documents import a_native, a_native_operation, an_openapi
from support.factories import a_pact, a_publication

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@ON_BOTH_DATABASES
def test_a_version_shows_its_pacts_and_what_it_verified(visit, publish, verify):
    verify(publish(a_pact(consumer="Orders", provider="Payments"), version="o1"), "p1", success=False)
    publish(version="1")
    verify(publish(version="2"), "o1")

    page = visit("/pacticipants/Orders/versions/o1")

    assert page.rows == [
        ("Provider", "Pact", "Newest result"),
        ("Payments", "1 interaction", "failed by p1 just now"),
        ("Consumer", "Pact of version", "Result"),
        ("Shop", "2", "verified just now"),
    ]
    assert page.links["1 interaction"] == "/pacts/provider/Payments/consumer/Orders/version/o1"
    assert page.is_balanced


@ON_BOTH_DATABASES
def test_a_version_shows_its_service_contract_and_what_came_of_each_example(visit, broker):
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}
    broker.post("/service-contracts/publish", json=body)
    before = visit("/pacticipants/Orders/versions/1")
    contract = broker.get("/pacticipants/Orders/versions/1/service-contract").json
    mismatch = {"attribute": "status", "identifier": "", "description": "expected the status 200, got 500"}
    broker.post(
        contract["_links"]["tally:publish-verification-results"]["href"],
        json={
            "success": False,
            "providerApplicationVersion": "1",
            "testResults": [{"interactionId": "getOrder/open", "success": False, "mismatches": [mismatch]}],
        },
    )

    after = visit("/pacticipants/Orders/versions/1")

    assert before.rows[-1] == ("GET /orders/{id} getOrder", "200", "open")
    assert "never verified" in before.text
    assert "--service-contract-from-broker 1" in before.text
    assert after.rows[-1][-1] == "open failed status expected the status 200, got 500"
    assert after.links["show the document"] == "/pacticipants/Orders/versions/1/service-contract"
    assert after.is_balanced


def test_a_version_without_contracts_says_so(visit, broker):
    broker.put("/pacticipants/Orders/branches/main/versions/1", json={})

    page = visit("/pacticipants/Orders/versions/1")

    assert "has published no contract, and verified none" in page.text
    assert "main · latest" in page.text


def test_a_commit_is_short_in_the_title_and_whole_among_the_facts(visit, publish):
    commit = "0123456789abcdef0123456789abcdef01234567"
    publish(version=commit)

    page = visit(f"/pacticipants/Shop/versions/{commit}")

    assert f"Shop 0123456 Version {commit} Created" in page.text


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

    assert "Service contract: openapi" in page.text
    assert "Service contract: service-contract" in page.text
    assert page.rows[-1][:2] == ("Shop", "1")
    assert page.rows[-1][2].startswith("compatible")
