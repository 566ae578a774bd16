"""`tally usage` against a real broker."""

import json

import pytest
import requests
from support.factories import a_pact, a_publication, an_interaction

ID = "GET /orders/{id} 200 $.id"
STATUS = "GET /orders/{id} 200 $.status"
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders/{id}": {
            "get": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"properties": {"id": {}, "status": {}}}}},
                    }
                },
            }
        }
    },
}


@pytest.fixture
def _world(broker_url):
    exchange = an_interaction(
        "an order",
        request={"method": "GET", "path": "/orders/7"},
        response={"status": 200, "body": {"id": 7}},
    )
    document = {"pacticipantName": "Orders", "pacticipantVersionNumber": "2", "content": DOCUMENT}
    for path, body in (
        ("/service-contracts/publish", document),
        ("/contracts/publish", a_publication(a_pact(exchange), version="1.4.0")),
    ):
        assert requests.post(broker_url + path, json=body, timeout=10).ok


@pytest.mark.usefixtures("_world")
def test_who_uses_a_property_is_told(on_broker):
    run = on_broker("usage", "--service", "Orders", "--property", ID, "--property", STATUS)

    assert (run.code, run.err) == (0, "")
    first, user, interaction, second = run.out.splitlines()
    assert first == f"{ID} of Orders is used by"
    assert user.startswith("  Shop 1.4.0, since 20")
    assert interaction == "    an order"
    assert second == f"Nobody uses {STATUS} of Orders (consumers that were looked at: Shop)."


@pytest.mark.usefixtures("_world")
def test_what_nobody_uses_may_be_removed(on_broker):
    run = on_broker("usage", "--service", "Orders", "--may-i-remove", STATUS)

    assert (run.code, run.err) == (0, "")
    assert run.out == f"Yes: nobody uses {STATUS} of Orders (consumers that were looked at: Shop).\n"


@pytest.mark.usefixtures("_world")
def test_what_somebody_uses_may_not_be_removed(on_broker):
    run = on_broker("usage", "--service", "Orders", "--may-i-remove", STATUS, "--may-i-remove", ID)

    assert run.code == 1
    assert f"No: {ID} of Orders is used by\n  Shop 1.4.0" in run.out


@pytest.mark.usefixtures("_world")
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("--service", "Orders", "--may-i-remove", "GET /orders/{id} 200 $.none"),
            "not in the service contract",
        ),
        (("--service", "Shop", "--may-i-remove", ID), "Shop has no service contract"),
        (("--service", "Nobody", "--may-i-remove", ID), "Nobody"),
        (("--service", "Orders", "--may-i-remove", ID, "--environment", "moon"), "moon"),
        (("--service", "Orders", "--may-i-remove", ID, "--unused"), "What is the question?"),
        (("--service", "Orders"), "What is the question?"),
        (("--service", "Orders", "--may-i-remove", ID, "-b", "http://127.0.0.1:9"), "127.0.0.1:9"),
    ],
)
def test_a_question_without_an_answer_exits_with_2(on_broker, arguments, complaint):
    run = on_broker("usage", *arguments, "--retries", "0")

    assert run.code == 2
    assert complaint in run.err
    assert run.out == ""


@pytest.mark.usefixtures("_world")
def test_nobody_is_worth_no_more_than_who_was_looked_at(on_broker):
    run = on_broker("usage", "--service", "Orders", "--may-i-remove", ID, "--environment", "production")

    assert (run.code, run.out) == (
        0,
        f"Yes: nobody uses {ID} of Orders; no consumer in production has a contract with it.\n",
    )


def test_while_no_consumer_is_known_nobody_can_say(broker_url, on_broker):
    document = {"pacticipantName": "Orders", "pacticipantVersionNumber": "2", "content": DOCUMENT}
    assert requests.post(f"{broker_url}/service-contracts/publish", json=document, timeout=10).ok

    run = on_broker("usage", "--service", "Orders", "--may-i-remove", STATUS)

    assert (run.code, run.out) == (2, "")
    assert "no consumer of Orders has published a pact to this broker" in run.err


@pytest.mark.usefixtures("_world")
def test_what_nobody_uses_is_listed(on_broker):
    run = on_broker("usage", "--service", "Orders", "--unused")
    table = on_broker("usage", "--service", "Orders", "--unused", "--output", "table")

    assert run.out.splitlines() == [
        "Nobody uses these places of Orders 2 (consumers that were looked at: Shop):",
        f"  {STATUS}",
    ]
    assert table.out.splitlines() == ["PLACE", STATUS]


@pytest.mark.usefixtures("_world")
def test_users_are_a_table_or_the_answer_of_the_broker(on_broker):
    table = on_broker("usage", "--service", "Orders", "--property", ID, "--output", "table")
    answer = on_broker("usage", "--service", "Orders", "--may-i-remove", ID, "--output", "json")

    headings, row = table.out.splitlines()
    assert headings.split() == [
        "PLACE",
        "CONSUMER",
        "VERSION",
        "ENVIRONMENTS",
        "SINCE",
        "INTERACTION",
        "CERTAIN",
    ]
    assert "Shop" in row
    assert answer.code == 1
    assert json.loads(answer.out)["places"][0]["users"][0]["consumer"] == "Shop"


def test_a_broker_that_does_not_know_says_so(tally_at, hal_server):
    hal_server.answers("GET", "/", {"_links": {}})

    run = tally_at("usage", "--service", "Orders", "--unused")

    assert run.code == 2
    assert "does not know who uses what" in run.err
