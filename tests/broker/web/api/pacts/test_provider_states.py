"""The states that consumers expect a provider to be in."""

import pytest
from support.factories import a_message, a_message_pact, a_pact, a_publication, an_interaction
from support.sql_statements import sql_statements

STATES = "/pacts/provider/Orders/provider-states"


def expecting(*states, description="a request"):
    return an_interaction(description, providerStates=list(states))


def publish(broker, pact, version="1", **changes):
    answer = broker.post("/contracts/publish", json=a_publication(pact, version=version, **changes))
    assert answer.status_code == 200, answer.json


def states(answer):
    assert answer.status_code == 200, answer.json
    return answer.json["providerStates"]


def test_states_are_listed_once_with_their_consumers_sorted_by_name(broker):
    paid, stock = {"name": "an order is paid"}, {"name": "stock", "params": {"left": 1}}
    publish(broker, a_pact(expecting(stock, paid), consumer="Web"))
    publish(broker, a_pact(expecting(stock), expecting(stock, description="b"), consumer="App"))
    publish(broker, a_pact(expecting({"name": "stock", "params": {"left": 0}}), consumer="Kiosk"))

    assert states(broker.get(STATES)) == [
        {"name": "an order is paid", "consumers": ["Web"]},
        {"name": "stock", "params": {"left": 0}, "consumers": ["Kiosk"]},
        {"name": "stock", "params": {"left": 1}, "consumers": ["App", "Web"]},
    ]


def test_the_single_state_of_an_old_pact_and_those_of_messages_count_as_well(broker):
    old = an_interaction(providerState="an old state")
    del old["providerStates"]
    publish(broker, a_pact(old, consumer="Web"))
    publish(broker, a_message_pact(a_message(providerStates=[{"name": "a sent one"}]), consumer="App"))

    assert [state["name"] for state in states(broker.get(STATES))] == ["a sent one", "an old state"]


def test_only_the_heads_of_main_branches_count_unless_a_branch_is_named(broker):
    publish(broker, a_pact(expecting({"name": "old"})), "1", branch="main")
    publish(broker, a_pact(expecting({"name": "new"})), "2", branch="main")
    publish(broker, a_pact(expecting({"name": "tried"})), "3", branch="feat/x")

    assert [state["name"] for state in states(broker.get(STATES))] == ["new"]
    assert [state["name"] for state in states(broker.get(f"{STATES}/branch/feat%2Fx"))] == ["tried"]
    assert states(broker.get(f"{STATES}/branch/none")) == []


@pytest.mark.parametrize("identity", ["name", "uuid"])
def test_an_environment_is_meant_by_its_name_or_its_uuid(broker, identity):
    publish(broker, a_pact(expecting({"name": "deployed"})), "1")
    publish(broker, a_pact(expecting({"name": "undeployed"})), "2")
    (production,) = broker.get("/environments?name=production").json["_embedded"]["environments"]
    of_version = "/pacticipants/Shop/versions/1/deployed-versions/environment/"
    assert broker.post(of_version + production["uuid"], json={}).status_code == 201

    found = states(broker.get(f"{STATES}/environment/{production[identity]}"))

    assert [state["name"] for state in found] == ["deployed"]
    assert states(broker.get(f"{STATES}/environment/none")) == []


def test_a_document_that_is_no_pact_has_no_states(broker):
    answer = broker.put("/pacts/provider/Orders/consumer/Shop/version/1", json=[{"providerState": "x"}])
    assert answer.status_code == 201
    strange = {"interactions": [1, {"providerStates": [2, {"name": 3}], "providerState": {}}]}
    answer = broker.put("/pacts/provider/Orders/consumer/App/version/1", json=strange)
    assert answer.status_code == 201
    for consumer in ("Shop", "App"):
        broker.put(f"/pacticipants/{consumer}/branches/main/versions/1", json={})

    assert states(broker.get(STATES)) == []


@pytest.mark.parametrize("path", ["", "/branch/main", "/environment/production"])
def test_an_unknown_provider_is_named(broker, path):
    answer = broker.get(f"/pacts/provider/Nobody/provider-states{path}")

    assert (answer.status_code, answer.json) == (404, {"error": "No provider with name 'Nobody' found"})


def test_states_cost_the_same_for_one_consumer_as_for_ten(broker):
    counts = set()
    for number in range(10):
        publish(broker, a_pact(consumer=f"App {number}"))
        with sql_statements() as seen:
            broker.get(STATES)
        counts.add(len(seen))

    assert counts == {2}
