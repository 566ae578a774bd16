"""Who depends on whom, as CSV."""

import csv

import pytest
from support.factories import a_pact, a_publication


@pytest.fixture
def network(broker):
    """Web uses Orders and Users, Orders uses Stock; Mail uses Queue, apart from them."""
    pairs = (("Web", "Orders"), ("Web", "Users"), ("Orders", "Stock"), ("Mail", "Queue"))
    for number, (consumer, provider) in enumerate(pairs):
        pact = a_pact(consumer=consumer, provider=provider)
        broker.post("/contracts/publish", json=a_publication(pact, version=str(number)))
    return broker


def read(answer):
    """Return the names of the providers of each application."""
    assert answer.status_code == 200
    assert answer.content_type == "text/csv;charset=utf-8"
    rows = list(csv.reader(answer.text.splitlines()))
    assert len({len(row) for row in rows}) <= 1
    names = {row[0]: row[1] for row in rows}
    assert all(row[2:6] == ["1", "1", "0", row[0]] for row in rows)
    return {row[1]: [names[number] for number in row[6:] if number != "0"] for row in rows}


@pytest.mark.parametrize("path", ["/relationships", "/relationships.csv"])
def test_all_applications_are_listed_with_their_providers(network, path):
    assert read(network.get(path)) == {
        "Mail": ["Queue"],
        "Orders": ["Stock"],
        "Queue": [],
        "Stock": [],
        "Users": [],
        "Web": ["Orders", "Users"],
    }


@pytest.mark.parametrize("name", ["Stock", "Stock.csv"])
def test_a_group_is_what_is_connected_in_either_direction(network, name):
    assert read(network.get(f"/groups/{name}")).keys() == {"Orders", "Stock", "Users", "Web"}


def test_a_group_grows_no_further_than_it_is_told(network):
    assert read(network.get("/groups/Stock?maxPacticipants=1")) == {"Stock": []}
    assert read(network.get("/groups/Stock?maxPacticipants=2")) == {"Orders": ["Stock"], "Stock": []}
    assert len(read(network.get("/groups/Stock?maxPacticipants=100"))) == 4


def test_an_application_without_integrations_is_alone(network):
    network.post("/pacticipants", json={"name": 'a, "b"'})

    assert read(network.get("/groups/a%2C%20%22b%22")) == {'a, "b"': []}


def test_an_unknown_application_and_a_senseless_limit_are_refused(network):
    unknown = network.get("/groups/Nobody")
    limit = network.get("/groups/Web?maxPacticipants=0")

    assert (unknown.status_code, unknown.json) == (404, {"error": "No pacticipant with name 'Nobody' found"})
    assert limit.json == {"errors": {"maxPacticipants": ["must be an integer greater than or equal to 1"]}}


def test_an_empty_broker_has_no_rows(broker):
    assert read(broker.get("/relationships")) == {}
