"""What a pipeline's writes cost: SQL statements, with the BEGIN of SQLite and the lock of PostgreSQL."""

import pytest
from support.factories import a_pact, a_publication, a_verification_result, an_interaction
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings


@pytest.fixture
def client(database):
    client = create_app(Settings(), database).test_client()
    publish(client, "1")
    client.put("/pacticipants/Orders/branches/main/versions/1", json={})
    return client


def publish(client, number, pact=None):
    body = a_publication(pact or a_pact(), version=number, branch="main")
    return client.post("/contracts/publish", json=body)


def statements(send):
    """Return how many statements the request takes when it is not the first of its kind."""
    with sql_statements() as seen:
        answer = send()
    assert answer.status_code in {200, 201}, answer.text
    return len(seen)


def test_a_deployment(client):
    version = client.get("/pacticipants/Orders/versions/1").json
    url = version["_links"]["pb:record-deployment"][0]["href"]

    first = statements(lambda: client.post(url, json={}))
    again = statements(lambda: client.post(url, json={}))

    assert first <= 8
    assert again <= 5


def test_a_result(client):
    pact = client.get("/pacts/provider/Orders/consumer/Shop/latest").json
    url = pact["_links"]["pb:publish-verification-results"]["href"]
    for number in ("1", "2"):
        client.post(url, json=a_verification_result(number))

    of_new_version = statements(lambda: client.post(url, json=a_verification_result("3")))
    of_known_version = statements(lambda: client.post(url, json=a_verification_result("3")))

    assert of_new_version <= 8
    assert of_known_version <= 11


def test_a_pact_alone(client):
    def put(number, pact):
        return lambda: client.put(f"/pacts/provider/Orders/consumer/Shop/version/{number}", json=pact)

    new = statements(put("2", a_pact(an_interaction("new"))))
    same = statements(put("3", a_pact(an_interaction("new"))))
    again = statements(put("3", a_pact(an_interaction("new"))))

    assert new <= 9
    assert same <= 8
    assert again <= 8


def test_a_version_with_its_pacts(client):
    same = statements(lambda: publish(client, "2"))
    new = statements(lambda: publish(client, "3", a_pact(an_interaction("new"))))
    again = statements(lambda: publish(client, "3", a_pact(an_interaction("new"))))

    assert same <= 12
    assert new <= 14
    assert again <= 11
