"""Pacts are compared with service contracts when either is published."""

import pytest
from support.contract_documents import a_native, a_native_operation, an_openapi
from support.factories import a_pact, a_publication, an_interaction
from support.sql_statements import sql_statements

from broker.services.service_contracts.comparing import FEW

PUBLISH = "/service-contracts/publish"
FITS = an_interaction("a fit", response={"status": 200})
DOES_NOT = an_interaction("no fit", response={"status": 418})


def publish_contract(broker, document=None, version="1", **more):
    body = {
        "pacticipantName": "Orders",
        "pacticipantVersionNumber": version,
        "content": document or an_openapi(),
        "branch": "main",
        **more,
    }
    return broker.post(PUBLISH, json=body).json


def publish_pact(broker, *interactions, version="1", consumer="Shop", branch="main"):
    pact = a_pact(*interactions, consumer=consumer)
    return broker.post("/contracts/publish", json=a_publication(pact, version=version, branch=branch)).json


def texts(answer):
    return [notice["text"].strip() for notice in answer["notices"]]


def the_comparisons(broker, version="1"):
    listed = broker.get(f"/pacticipants/Orders/versions/{version}/service-contract/comparisons").json
    return [
        (item["consumerName"], item["consumerVersionNumber"], item["verdict"])
        for item in listed["_embedded"]["comparisons"]
    ]


def test_a_pact_is_compared_with_the_contract_that_is_there(broker):
    publish_contract(broker)

    answer = publish_pact(broker, FITS)

    assert "Fits the service contract of Orders" in texts(answer)
    assert the_comparisons(broker) == [("Shop", "1", "compatible")]


def test_a_contract_is_compared_with_the_pacts_that_are_there(broker):
    publish_pact(broker, FITS)
    publish_pact(broker, FITS, DOES_NOT, consumer="Web")

    answer = publish_contract(broker)

    fits, does_not = texts(answer)[-2:]
    assert fits == "Fits the pact of Shop"
    assert does_not.startswith("Does not fit the pact of Web: 1 of 2 interactions, see http://localhost/")
    assert answer["comparisonsUnderWay"] == 0
    assert the_comparisons(broker) == [("Shop", "1", "compatible"), ("Web", "1", "incompatible")]


def test_a_comparison_has_its_findings(broker):
    publish_contract(broker)
    answer = publish_pact(broker, DOES_NOT)
    url = next(text for text in texts(answer) if text.startswith("Does not fit")).rpartition(" ")[2]

    found = broker.get(url).json

    (interaction,) = found["interactions"]
    assert (found["verdict"], interaction["verdict"]) == ("incompatible", "error")
    assert interaction["findings"][0]["code"] == "response.status.unknown"
    pact = broker.get(found["_links"]["pb:pact-version"]["href"]).json
    listed = broker.get(pact["_links"]["tally:comparisons"]["href"]).json
    assert [item["verdict"] for item in listed["_embedded"]["comparisons"]] == ["incompatible"]
    assert listed["_embedded"]["comparisons"][0]["_links"]["self"]["href"] == url


def test_equal_contents_are_compared_once(broker):
    publish_contract(broker)
    publish_pact(broker, FITS)

    again = publish_pact(broker, FITS, version="2")
    other = publish_contract(broker, version="2")

    assert not any("Fits" in text for text in texts(again) + texts(other))
    assert the_comparisons(broker, "2") == [("Shop", "2", "compatible")]


def test_several_documents_are_compared_as_one(broker):
    events = a_native(a_native_operation(id="getEvents", path="/events/{id}"))
    documents = [{"content": an_openapi()}, {"content": events}]
    publish_contract(broker, content=None, documents=documents)

    of_events = an_interaction("b", request={"method": "GET", "path": "/events/1"}, response={"status": 200})

    answer = publish_pact(broker, FITS, of_events)

    assert the_comparisons(broker) == [("Shop", "1", "compatible")]
    assert "Fits the service contract of Orders" in texts(answer)


def test_only_pacts_that_questions_are_about_are_compared(broker):
    publish_pact(broker, an_interaction("old"), version="1")
    publish_pact(broker, an_interaction("deployed"), version="2")
    environment = broker.get("/environments?name=production").json["_embedded"]["environments"][0]["uuid"]
    broker.post(f"/pacticipants/Shop/versions/2/deployed-versions/environment/{environment}", json={})
    publish_pact(broker, an_interaction("head"), version="3")
    publish_pact(broker, an_interaction("other head"), version="4", branch="other")

    publish_contract(broker)

    assert [version for _, version, _ in the_comparisons(broker)] == ["4", "3", "2"]


def test_by_the_policy_what_is_not_guaranteed_does_not_fit(broker):
    publish_contract(broker)
    publish_pact(broker, an_interaction("with a body"))
    before = the_comparisons(broker)

    broker.put("/pacticipants/Orders/service-contract-policy", json={"guaranteed": True})

    assert before == [("Shop", "1", "compatible")]
    assert the_comparisons(broker) == [("Shop", "1", "incompatible")]


def test_a_pact_published_alone_is_compared_too(broker):
    publish_contract(broker)

    broker.put("/pacts/provider/Orders/consumer/Shop/version/1", json=a_pact(DOES_NOT))

    assert the_comparisons(broker) == [("Shop", "1", "incompatible")]


def test_what_nobody_can_compare_is_unknown_with_the_reason_and_published_all_the_same(broker):
    publish_contract(broker)
    pact = {"consumer": {"name": "Shop"}, "provider": {"name": "Orders"}, "interactions": [{"request": 1}]}

    broker.put("/pacts/provider/Orders/consumer/Shop/version/1", json=pact)

    assert the_comparisons(broker) == [("Shop", "1", "unknown")]
    (listed,) = broker.get("/pacticipants/Orders/versions/1/service-contract/comparisons").json["_embedded"][
        "comparisons"
    ]
    assert "The pact cannot be read" in broker.get(listed["_links"]["self"]["href"]).json["reason"]


def test_only_what_was_compared_is_listed(broker):
    publish_pact(broker, FITS)
    sha = broker.get("/pacts/provider/Orders/consumer/Shop/latest").json["_links"]["pb:pact-version"]["name"]
    content = f"/pacts/provider/Orders/consumer/Shop/pact-version/{sha}"

    assert broker.get(f"{content}/comparisons").json["_embedded"]["comparisons"] == []
    assert broker.get(f"{content}/comparisons/1").json == {
        "error": "No comparison with number 1 found for this pact"
    }
    assert broker.get(f"{content[:-1]}/comparisons").status_code == 404


def test_a_request_with_a_key_tells_what_came_of_comparing_each_time(broker):
    publish_pact(broker, FITS)
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}

    answers = [broker.post(PUBLISH, json=body, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]

    assert texts(answers[0].json)[-1] == "Fits the pact of Shop"
    assert answers[1].json == answers[0].json
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert the_comparisons(broker) == [("Shop", "1", "compatible")]


@pytest.mark.parametrize("consumers", [FEW + 1, FEW + 10])
def test_publishing_a_contract_costs_as_many_statements_whatever_the_consumers(broker, consumers):
    for number in range(consumers):
        publish_pact(broker, FITS, consumer=f"Consumer {number:02}")
    with sql_statements() as seen:
        answer = broker.post(
            PUBLISH,
            json={"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()},
            headers={"Idempotency-Key": "k-1"},
        ).json

    assert answer["comparisonsUnderWay"] == consumers
    # Two of them renew how the integrations stand.
    assert len(seen) <= 34, "\n\n".join(seen)
