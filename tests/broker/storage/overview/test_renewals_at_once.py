"""Transactions that renew standings at the same time, on PostgreSQL: who waits, and what stands then."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import text
from support.factories import NOON, a_pact, a_publication
from support.standing_model import wrong_standings

from broker.app import create_app
from broker.domain.pacts.publication import content
from broker.settings.settings import Settings
from broker.storage.dialects import is_always_serializable
from broker.storage.pacts.pacts import NewPublication

pytestmark = [
    pytest.mark.pooled,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.fixture
def client(database):
    """Shop and Till have pacts with Orders, Cart one with Stock; each has a version on its main branch."""
    client = create_app(Settings(), database, clock=lambda: NOON).test_client()
    for consumer, provider in (("Shop", "Orders"), ("Till", "Orders"), ("Cart", "Stock")):
        assert publish(client, consumer, provider, "1").status_code == 200
        client.put(f"/pacticipants/{provider}/branches/main/versions/1", json={})
    return client


def published(consumer, provider, version):
    body = a_publication(a_pact(consumer=consumer, provider=provider), version=version, branch="main")
    return {**body, "pacticipantName": consumer}


def publish(client, consumer, provider, version):
    return client.post("/contracts/publish", json=published(consumer, provider, version))


def join(storage, name, version):
    """Let a new version be the head of the main branch, and renew what follows from that."""
    pacticipant = storage.pacticipants.find_many([name])[name]
    found, _ = storage.versions.find_or_create(pacticipant, version, NOON)
    storage.branches.add(pacticipant, found, "main", NOON)
    storage.finish()


def begin(storage, consumer, provider):
    """Store the first pact of two applications, and renew what follows from that."""
    add_pact(storage, consumer, provider, "1")
    storage.finish()


def add_pact(storage, consumer, provider, number):
    known = storage.pacticipants.find_many([consumer, provider])
    version, _ = storage.versions.find_or_create(known[consumer], number, NOON)
    new = NewPublication(known[provider], content(a_pact(consumer=consumer, provider=provider)))
    storage.pacts.publish(known[consumer], version, [new], NOON)
    storage.integrations.touch(known[consumer], [known[provider]], NOON)


def join_with_pact(storage, consumer, provider, number):
    add_pact(storage, consumer, provider, number)
    join(storage, consumer, number)


OTHERS = {
    "another pair": lambda client: publish(client, "Cart", "Stock", "2").status_code,
    "another consumer of the same provider": lambda client: (
        publish(client, "Till", "Orders", "2").status_code
    ),
    "another version of the same consumer, with a pact": lambda client: (
        client.put(
            "/pacts/provider/Orders/consumer/Shop/version/3", json=a_pact(provider="Orders")
        ).status_code
    ),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_who_renews_other_integrations_does_not_wait(client, database, other):
    with ThreadPoolExecutor(1) as pool, database.transaction() as storage:
        join(storage, "Shop", "2")  # it has no pact: no integration stands otherwise
        # The first is not committed yet. One that waits for it fails here, and goes on afterwards.
        assert pool.submit(other, client).result(timeout=5) in {200, 201}

    with database.connection() as connection:
        assert wrong_standings(connection) == []


SECONDS = {
    "the head of the provider": ("PUT", "/pacticipants/Orders/branches/main/versions/2", {}),
    "a new pair": ("POST", "/contracts/publish", published("Cart", "Orders", "3")),
    "a pact of the version that joined": (
        "PUT",
        "/pacts/provider/Orders/consumer/Shop/version/9",
        a_pact(),
    ),
    "the main branch": ("PATCH", "/pacticipants/Orders", {"mainBranch": "other"}),
}


FIRSTS = {
    "the head of the consumer": lambda storage: join_with_pact(storage, "Shop", "Orders", "9"),
    "the head of the provider": lambda storage: join(storage, "Orders", "9"),
    "a new pair": lambda storage: begin(storage, "Stock", "Orders"),
}


@pytest.mark.parametrize("second", SECONDS.values(), ids=SECONDS)
@pytest.mark.parametrize("first", FIRSTS.values(), ids=FIRSTS)
def test_who_renews_the_same_integration_waits_and_sees_what_the_first_has_changed(
    client, database, first, second
):
    if is_serializable(database):
        pytest.skip("nobody waits where all transactions are serializable: the second runs again")
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as storage:
            first(storage)
            waiting = pool.submit(ask, client, *second)
            with database.reading() as looking:
                await_one(looking.connection)
            assert not waiting.done()
        assert waiting.result(timeout=10) < 300

    with database.connection() as connection:
        assert wrong_standings(connection) == []


def test_who_publishes_again_what_another_one_deletes_publishes_it_anew(client, database):
    # The consumer and the provider stay, as each has another partner.
    publish(client, "Shop", "Stock", "1")
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as storage:
            known = storage.pacticipants.find_many(["Shop", "Orders"])
            assert storage.integrations.delete(known["Shop"], known["Orders"], NOON)
            storage.connection.send_waiting()
            waiting = pool.submit(publish, client, "Shop", "Orders", "1")
            if not is_serializable(database):
                with database.reading() as looking:
                    await_one(looking.connection)
        assert waiting.result(timeout=10).status_code == 200

    assert client.get("/pacts/provider/Orders/consumer/Shop/version/1").status_code == 200
    with database.connection() as connection:
        assert wrong_standings(connection) == []


def is_serializable(database):
    with database.connection() as connection:
        return is_always_serializable(connection.dialect)


def ask(client, method, url, body):
    return client.open(url, method=method, json=body).status_code


def await_one(connection):
    for _ in range(500):
        if connection.scalar(_WAITING):
            return
        Event().wait(0.01)
    raise AssertionError("nobody waits")
