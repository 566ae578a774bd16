"""Requests that copy what another broker has: their dates, and what they do not imply."""

import pytest
from support.factories import a_pact, a_publication, a_verification_result

from tally.hashing import content_hash

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
MARCH = "2024-03-01T10:00:00+00:00"
COPY = {"Tally-Import-Date": MARCH}
VERSION = "/pacticipants/Shop/versions/1"
EVENTS = ("contract_published", "contract_content_changed", "provider_verification_published")


def test_what_is_copied_keeps_its_date(broker):
    broker.post("/pacticipants", json={"name": "Shop"}, headers=COPY)
    broker.put(VERSION, json={"tags": [{"name": "prod"}]}, headers=COPY)
    broker.put("/pacticipants/Shop/branches/x%2Fy/versions/1", json={}, headers=COPY)
    broker.put("/pacts/provider/Orders/consumer/Shop/version/1", json=a_pact(), headers=COPY)
    sha = content_hash(a_pact())
    results = f"/pacts/provider/Orders/consumer/Shop/pact-version/{sha}/verification-results"
    verified = broker.post(results, json=a_verification_result("7"), headers=COPY)
    production = broker.get("/environments?name=production").json["_embedded"]["environments"][0]
    deployed = broker.post(
        f"{VERSION}/deployed-versions/environment/{production['uuid']}", json={}, headers=COPY
    )
    undeployed = broker.patch(
        deployed.json["_links"]["self"]["href"],
        data='{"currentlyDeployed": false}',
        content_type="application/merge-patch+json",
        headers={"Tally-Import-Date": "2024-03-02T11:00:00+01:00"},
    )

    places = ("/pacticipants/Shop", VERSION, f"{VERSION}/tags/prod", "/pacticipants/Shop/branches/x%2Fy")
    assert [broker.get(place).json["createdAt"] for place in places] == [MARCH] * 4
    assert broker.get("/pacts/provider/Orders/consumer/Shop/latest").json["createdAt"] == MARCH
    assert verified.json["verificationDate"] == MARCH
    assert deployed.json["createdAt"] == MARCH
    assert undeployed.json["undeployedAt"] == "2024-03-02T10:00:00+00:00"


def test_nobody_is_told_of_what_is_copied(broker):
    hook = {"events": [{"name": name} for name in EVENTS], "request": {"url": "https://ci.example.org"}}
    broker.post("/webhooks", json=hook)
    results = "/pacts/provider/Orders/consumer/Shop/pact-version/{}/verification-results"

    single = broker.put("/pacts/provider/Orders/consumer/Shop/version/1", json=a_pact(), headers=COPY)
    several = broker.post("/contracts/publish", json=a_publication(a_pact(), version="2"), headers=COPY)
    verified = broker.post(
        results.format(content_hash(a_pact())), json=a_verification_result("7"), headers=COPY
    )

    assert [answer.status_code for answer in (single, several, verified)] == [201, 200, 201]
    for version in ("1", "2"):
        told = broker.get(f"/pacts/provider/Orders/consumer/Shop/version/{version}/triggered-webhooks").json
        assert told["_embedded"]["triggeredWebhooks"] == []


def test_a_copied_tag_is_no_branch_no_main_branch_and_no_deployment(broker):
    production = broker.get("/environments?name=production").json["_embedded"]["environments"][0]

    broker.put(f"{VERSION}/tags/production", json={}, headers=COPY)
    broker.put(f"{VERSION}/tags/main", json={}, headers=COPY)

    deployed = broker.get(f"/environments/{production['uuid']}/deployed-versions/currently-deployed").json
    assert deployed["_embedded"]["deployedVersions"] == []
    assert broker.get("/pacticipants/Shop/branches").json["_embedded"]["branches"] == []
    assert "mainBranch" not in broker.get("/pacticipants/Shop").json


def test_names_that_resemble_each_other_are_copied(broker):
    broker.post("/pacticipants", json={"name": "Orders Service"})
    pact = a_pact(provider="orders")

    copied = broker.put("/pacts/provider/orders/consumer/Shop/version/1", json=pact, headers=COPY)

    assert copied.status_code == 201


@pytest.mark.parametrize("text", ["yesterday", "2024-03-01T10:00:00", ""])
def test_a_date_without_a_time_zone_is_refused(broker, text):
    refused = broker.put(VERSION, json={}, headers={"Tally-Import-Date": text})

    assert refused.status_code == 400
    assert "2026-10-01T00:00:00+00:00" in refused.json["errors"]["Tally-Import-Date"][0]
    assert broker.get(VERSION).status_code == 404


def test_nothing_was_made_in_the_future(broker):
    future = broker.put(VERSION, json={}, headers={"Tally-Import-Date": "2999-01-01T00:00:00+00:00"})

    assert future.json["createdAt"] < "2100"


def test_a_question_is_about_now_whatever_it_claims_to_copy(broker):
    answer = broker.get("/pacticipants", headers={"Tally-Import-Date": "yesterday"})

    assert answer.status_code == 200
