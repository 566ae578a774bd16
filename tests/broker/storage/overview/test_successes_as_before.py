"""A success where all was verified before: nothing is renewed but the newest results, unless it counts."""

from contextlib import contextmanager

import pytest
from sqlalchemy import text
from support.factories import NOON, a_pact, a_publication, a_verification_result, an_interaction
from support.standing_model import wrong_standings

from broker.app import create_app
from broker.settings.settings import Settings

PAIR = {"consumer": "Shop", "provider": "Orders"}
OLD, NEW = (a_pact(an_interaction(name), **PAIR) for name in ("old", "new"))
RENEWAL = "WITH marked AS"
_SET_NUMBER = text("SELECT setval(pg_get_serial_sequence('verifications', 'id'), :number)")


@pytest.fixture
def client(database):
    """Main and production have version 1 of both, which has verified the pact OLD. NEW is nowhere."""
    client = create_app(Settings(), database, clock=lambda: NOON).test_client()
    publish(client, OLD, "1", branch="main")
    client.put("/pacticipants/Orders/branches/main/versions/1", json={})
    client.post("/environments", json={"name": "production", "production": True})
    verify(client, "1", OLD)
    deploy(client, "Shop", "1")
    deploy(client, "Orders", "1")
    publish(client, NEW, "2", branch="feature")
    return client


def publish(client, pact, version, **where):
    assert (
        client.post("/contracts/publish", json=a_publication(pact, version=version, **where)).status_code
        == 200
    )


def verify(client, version, pact, **result):
    consumer_version = "1" if pact is OLD else "2"
    shown = client.get(f"/pacts/provider/Orders/consumer/Shop/version/{consumer_version}").json
    url = shown["_links"]["pb:publish-verification-results"]["href"]
    answer = client.post(url, json=a_verification_result(version, **{"success": True, **result}))
    assert answer.status_code == 201, answer.text


def deploy(client, name, version):
    links = client.get(f"/pacticipants/{name}/versions/{version}").json["_links"]["pb:record-deployment"]
    assert client.post(links[0]["href"], json={}).status_code == 201


@contextmanager
def renewals(database):
    """Yield the renewals in the block that look at all places."""
    found = []

    def note(statement):
        if statement.text.startswith(RENEWAL):
            found.append(statement)

    database.watch_statements(note)
    yield found


def is_right(database):
    with database.connection() as connection:
        return wrong_standings(connection) == []


ELSEWHERE = {
    "a version that is nowhere": lambda client: verify(client, "2", OLD),
    "it again": lambda client: (verify(client, "2", OLD), verify(client, "2", OLD)),
    "the head, and a pact that is nowhere": lambda client: verify(client, "1", NEW),
    "more than are kept": lambda client: [verify(client, str(2 + number), NEW) for number in range(15)],
}


@pytest.mark.parametrize("happen", ELSEWHERE.values(), ids=ELSEWHERE)
def test_nothing_is_renewed(client, database, happen):
    with renewals(database) as found:
        happen(client)

    assert found == []
    assert is_right(database)


COUNTS = {
    "what main shows": lambda client: verify(client, "1", OLD),
    "a failure": lambda client: verify(client, "2", OLD, success=False),
    "after a failure": lambda client: (
        verify(client, "1", OLD, success=False),
        verify(client, "2", OLD),
    ),
    "the newest of a provider without a main branch": lambda client: (
        client.delete("/pacticipants/Orders/branches/main"),
        verify(client, "2", OLD),
    ),
    "the first of a pact that is in an environment": lambda client: (
        deploy(client, "Shop", "2"),
        verify(client, "3", NEW),
    ),
    "what an environment shows": lambda client: (
        verify(client, "2", OLD),
        deploy(client, "Orders", "2"),
        verify(client, "2", OLD),
    ),
}


@pytest.mark.parametrize("happen", COUNTS.values(), ids=COUNTS)
def test_what_counts_is_renewed(client, database, happen):
    with renewals(database) as found:
        happen(client)

    assert found
    assert is_right(database)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_success_that_is_stored_after_a_result_with_a_higher_number(client, database):
    # As of two at once: numbers are given when they begin, and who is first to lock the standings is stored.
    set_number(database, 1000)
    verify(client, "2", OLD, success=False)
    set_number(database, 500)

    verify(client, "3", OLD)

    assert is_right(database)


def set_number(database, number):
    with database.connection() as connection:
        connection.execute(_SET_NUMBER, {"number": number})
        connection.commit()
