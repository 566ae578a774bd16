"""Requests of the rehearsal of an import: answered as always, and nothing of them is kept."""

import json

import pytest
from support.factories import a_pact, a_verification_result

from tally.hashing import content_hash

MARCH = "2024-03-01T10:00:00+00:00"
PAIR = "/pacts/provider/Orders/consumer/Shop"
RESULTS = f"{PAIR}/pact-version/{content_hash(a_pact())}/verification-results"
LIVE = "8c1e1d0a-3f43-4c36-9a0e-7b0a5a4f1f6d"
DEPLOYMENT = f"/pacticipants/Shop/versions/1/deployed-versions/environment/{LIVE}"


def rehearsed(**assumed):
    return {"Tally-Import-Date": MARCH, "Tally-Import-Rehearsal": json.dumps(assumed)}


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_request_is_answered_as_if_what_it_assumes_were_there_and_leaves_nothing(broker):
    pact = ["Shop", "1", "Orders", content_hash(a_pact())]
    hook = {"consumer": {"name": "Shop"}, "events": [{"name": "contract_published"}]}
    hook["request"] = {"url": "https://ci.example.org"}
    sent = [
        broker.post("/pacticipants", json={"name": "Shop"}, headers=rehearsed()),
        broker.put("/pacticipants/Shop/branches/main/versions/1", json={}, headers=rehearsed()),
        broker.put(f"{PAIR}/version/1", json=a_pact(), headers=rehearsed()),
        broker.post(RESULTS, json=a_verification_result("7"), headers=rehearsed(pacts=[pact])),
        broker.post("/environments", json={"name": "live", "production": True}, headers=rehearsed()),
        broker.post(
            DEPLOYMENT,
            json={},
            headers=rehearsed(versions=[["Shop", "1"]], environments=[[LIVE, "live"]]),
        ),
        broker.put("/webhooks/of-the-shop-00001", json=hook, headers=rehearsed(pacticipants=["Shop"])),
    ]

    assert [answer.status_code for answer in sent] == [201] * len(sent), [answer.json for answer in sent]
    assert sent[3].json["verificationDate"] == MARCH
    assert broker.get("/pacticipants").json["_embedded"]["pacticipants"] == []
    names = [item["name"] for item in broker.get("/environments").json["_embedded"]["environments"]]
    assert sorted(names) == ["production", "test"]
    assert broker.get("/webhooks").json["_links"]["pb:webhooks"] == []


def test_a_request_that_assumes_nothing_is_refused_as_always(broker):
    answers = [
        broker.post(RESULTS, json=a_verification_result("7"), headers=rehearsed()),
        broker.post(DEPLOYMENT, json={}, headers=rehearsed(versions=[["Shop", "1"]])),
        broker.post(RESULTS, json={}, headers=rehearsed()),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 400]


def test_what_is_there_already_counts_and_stays(broker):
    broker.put(f"{PAIR}/version/1", json=a_pact())
    broker.put("/pacticipants/Shop/versions/1", json={"buildUrl": "https://ci.example.org/1"})
    other = a_pact(provider="Orders", metadata={}, interactions=[])

    conflict = broker.put(f"{PAIR}/version/1", json=other, headers=rehearsed(versions=[["Shop", "1"]]))
    deleted = broker.delete("/pacticipants/Shop/versions/1", headers=rehearsed())

    assert conflict.status_code == 409
    assert deleted.status_code == 204
    assert broker.get("/pacticipants/Shop/versions/1").json["buildUrl"] == "https://ci.example.org/1"


def test_nothing_is_kept_without_a_date_either(broker):
    answer = broker.put("/pacticipants/Shop", json={}, headers={"Tally-Import-Rehearsal": "{}"})
    broker.post("/pacticipants", json={"name": "Shop"}, headers={"Tally-Import-Rehearsal": "{}"})

    assert answer.status_code == 404
    assert broker.get("/pacticipants/Shop").status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        "yes",
        "",
        "[]",
        '{"pacticipant": ["Shop"]}',
        '{"pacticipants": "Shop"}',
        '{"pacticipants": [1]}',
        '{"pacticipants": [["Shop", "1"]]}',
        '{"versions": [["Shop"]]}',
        '{"versions": [["Shop", ""]]}',
        '{"pacts": [["Shop", "1", "Orders"]]}',
        r'{"pacticipants": ["a\u0000b"]}',
        r'{"pacticipants": ["\ud800"]}',
        '{"pacticipants": ["' + "x" * 501 + '"]}',
        "[" * 2000,
    ],
)
def test_a_header_that_cannot_be_read_is_refused_and_shows_how_it_is_written(broker, header):
    answer = broker.post("/pacticipants", json={"name": "Shop"}, headers={"Tally-Import-Rehearsal": header})

    assert answer.status_code == 400, answer.text
    assert '{"pacticipants": ["Shop"]' in answer.json["errors"]["Tally-Import-Rehearsal"][0]
    assert broker.get("/pacticipants/Shop").status_code == 404


def test_names_beyond_ascii_are_assumed(broker):
    name = "Läden ✓ 🛒"
    hook = {"consumer": {"name": name}, "request": {"url": "https://ci.example.org"}}

    answer = broker.put("/webhooks/of-the-shop-00001", json=hook, headers=rehearsed(pacticipants=[name]))

    assert answer.status_code == 201
