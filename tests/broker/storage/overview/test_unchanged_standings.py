"""Successes where all was verified, and pacts beside the main branch, renew nothing unless they count."""

from contextlib import contextmanager

import pytest
from sqlalchemy import text
from support.factories import NOON, a_pact, a_publication, a_verification_result, an_interaction
from support.standing_model import wrong_standings

from broker.app import create_app
from broker.settings.settings import Settings

PAIR = {"consumer": "Shop", "provider": "Orders"}
OLD, NEW = (a_pact(an_interaction(name), **PAIR) for name in ("old", "new"))
RENEWAL = "pair AS MATERIALIZED"
_SET_NUMBER = text("SELECT setval(pg_get_serial_sequence('verifications', 'id'), :number)")


@pytest.fixture
def client(database):
    """Main and production have version 1 of both, which has verified the pact OLD. NEW is nowhere."""
    client = create_app(
        Settings(allow_dangerous_contract_modification=True), database, clock=lambda: NOON
    ).test_client()
    publish(client, OLD, "1", branch="main")
    client.put("/pacticipants/Orders/branches/main/versions/1", json={})
    client.post("/environments", json={"name": "production", "production": True})
    verify(client, "1", OLD)
    deploy(client, "Shop", "1")
    deploy(client, "Orders", "1")
    publish(client, NEW, "2", branch="feature")
    return client


def publish(client, pact, version, **where):
    answer = client.post("/contracts/publish", json=a_publication(pact, version=version, **where))
    assert answer.status_code == 200, answer.text


def put(client, name, version, provider="Orders"):
    pact = a_pact(an_interaction(name), consumer="Shop", provider=provider)
    answer = client.put(f"/pacts/provider/{provider}/consumer/Shop/version/{version}", json=pact)
    assert answer.status_code in {200, 201}, answer.text


def verify(client, version, pact, **result):
    consumer_version = "1" if pact is OLD else "2"
    shown = client.get(f"/pacts/provider/Orders/consumer/Shop/version/{consumer_version}").json
    url = shown["_links"]["pb:publish-verification-results"]["href"]
    answer = client.post(url, json=a_verification_result(version, **{"success": True, **result}))
    assert answer.status_code == 201, answer.text


def deploy(client, name, version, how="deployment"):
    links = client.get(f"/pacticipants/{name}/versions/{version}").json["_links"][f"pb:record-{how}"]
    assert client.post(links[0]["href"], json={}).status_code == 201


def publish_both(client):
    pacts = [a_pact(an_interaction("both"), consumer="Shop", provider=name) for name in ("Orders", "Stock")]
    body = a_publication(*pacts, version="4", branch="feature")
    assert client.post("/contracts/publish", json=body).status_code == 200


@contextmanager
def renewals(database):
    """Yield the renewals in the block that look at all places."""
    found = []

    def note(statement):
        if RENEWAL in statement.text:
            found.append(statement)

    database.watch_statements(note)
    yield found


def is_right(database):
    with database.connection() as connection:
        return wrong_standings(connection) == []


def nothing(_):
    pass


BESIDE = {
    "a success of a version that is nowhere": (nothing, lambda client: verify(client, "2", OLD)),
    "it again": (lambda client: verify(client, "2", OLD), lambda client: verify(client, "2", OLD)),
    "the head, and a pact that is nowhere": (nothing, lambda client: verify(client, "1", NEW)),
    "more successes than are kept": (
        nothing,
        lambda client: [verify(client, str(2 + number), NEW) for number in range(15)],
    ),
    "a pact of another branch": (
        nothing,
        lambda client: publish(client, a_pact(an_interaction("newer"), **PAIR), "3", branch="feature"),
    ),
    "a pact of no branch": (nothing, lambda client: put(client, "newer", "3")),
    "it again, with another content": (
        lambda client: put(client, "newer", "3"),
        lambda client: put(client, "newest", "3"),
    ),
    "with a tag": (nothing, lambda client: publish(client, NEW, "3", branch="feature", tags=["dev"])),
    "pacts of two providers": (
        lambda client: publish(
            client, a_pact(an_interaction("old"), consumer="Shop", provider="Stock"), "1b", branch="main"
        ),
        publish_both,
    ),
}


COUNTS = {
    "what main shows": (nothing, lambda client: verify(client, "1", OLD)),
    "a failure": (nothing, lambda client: verify(client, "2", OLD, success=False)),
    "a success after a failure": (
        lambda client: verify(client, "1", OLD, success=False),
        lambda client: verify(client, "2", OLD),
    ),
    "the newest result of a provider without a main branch": (
        lambda client: client.delete("/pacticipants/Orders/branches/main"),
        lambda client: verify(client, "2", OLD),
    ),
    "the first success of a pact that is in an environment": (
        lambda client: deploy(client, "Shop", "2"),
        lambda client: verify(client, "3", NEW),
    ),
    "what an environment shows": (
        lambda client: (verify(client, "2", OLD), deploy(client, "Orders", "2")),
        lambda client: verify(client, "2", OLD),
    ),
    "a pact of the main branch": (nothing, lambda client: publish(client, NEW, "3", branch="main")),
    "another pact of a version on the main branch": (
        lambda client: publish(client, NEW, "3", branch="main"),
        lambda client: put(client, "other", "3"),
    ),
    "another pact of a version that is deployed": (
        lambda client: deploy(client, "Shop", "2"),
        lambda client: put(client, "other", "2"),
    ),
    "another pact of a version that is released": (
        lambda client: deploy(client, "Shop", "2", "release"),
        lambda client: put(client, "other", "2"),
    ),
    "the newest pact of a consumer without a main branch": (
        lambda client: client.delete("/pacticipants/Shop/branches/main"),
        lambda client: put(client, "other", "3"),
    ),
    "pacts of two providers, of which one has none on the main branch": (
        lambda client: put(client, "first", "2", provider="Stock"),
        publish_both,
    ),
}


@pytest.mark.parametrize("name", [*BESIDE, *COUNTS])
def test_only_what_counts_is_renewed(client, database, name):
    before, write = {**BESIDE, **COUNTS}[name]
    before(client)

    with renewals(database) as found:
        write(client)

    assert bool(found) is (name in COUNTS)
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
