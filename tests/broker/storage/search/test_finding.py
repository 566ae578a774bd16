"""What the search finds, and what it does not find any more, on both databases."""

import pytest
from sqlalchemy import func, select
from support.factories import NOON, a_message, a_message_pact, a_pact, a_publication, an_interaction
from support.indexing import index_everything

from broker.app import create_app
from broker.domain.search.entries import Kind
from broker.domain.search.query import query
from broker.services.search import index
from broker.settings.settings import Settings
from broker.storage import tables


@pytest.fixture
def client(database):
    return create_app(Settings(), database).test_client()


@pytest.fixture
def publish(client):
    def publish(*descriptions, version="1", branch="main", path="/orders/1", **names):
        interactions = [
            an_interaction(description, request={"method": "GET", "path": path})
            for description in descriptions
        ]
        body = a_publication(a_pact(*interactions, **names), version=version, branch=branch)
        assert client.post("/contracts/publish", json=body).status_code == 200

    return publish


@pytest.fixture
def found(database):
    """Names of what a query finds, by kind, after the index is brought up to date."""

    def find(text):
        index_everything(database)
        with database.reading() as storage:
            items = storage.search_results.find(query(text), list(Kind), 50).found
        return {kind.name: {item.name for item in items if item.kind is kind} for kind in Kind}

    return find


PARTS = {
    "a request for one checkout": ("checkout", "HECKOU", "for one", "one request", "q", "ut"),
    "checkout-v2 is used": ("checkout-v2", "out-v"),
    "Crème brûlée": ("creme BRULEE", "Crème", "ûl"),
    "Straße": ("STRASSE", "straß"),
    "注文を作成する": ("作成", "文"),
    "a 🚀 starts": ("🚀",),
    "what costs 100 % of it": ("%", "100 %"),
    "an order_id is given": ("r_i",),
    'say "please"': ('"please"', 'e"'),
    "all * of them": ("*",),
    "x": ("x",),
    "\u202eright to left": ("right",),
    "w" + "v" * 100 + "x": ("v" * 60 + "x", "v" * 3),
    "日" * 40 + "本" * 40: ("日本",),
    "a commit 3f2a1b4c5d6e7f8a9b0c": ("3f2a1",),
}
PATHS = ("/orders/{id}", "rders/{i", "/", "{", "get /orders", "GET", "ers/{id}/lin")
NOWHERE = ("'", "\\", "NEAR(a b)", "a'; DROP TABLE pacts", "a OR b", "zz", "checkout zz", "v2-checkout")


def test_an_interaction_is_found_by_any_part_of_it(publish, found):
    publish(*PARTS, path="/orders/{id}/lines")

    for text, parts in PARTS.items():
        assert {part: text for part in parts if text not in found(part)["INTERACTION"]} == {}
    for part in PATHS:
        assert found(part)["INTERACTION"] == set(PARTS), part
    for text in NOWHERE:
        assert found(text) == {kind.name: set() for kind in Kind}, text


def test_every_kind_of_thing_is_found_by_its_name(publish, client, found):
    publish("a", consumer="Foo Shop", provider="Foo/Orders", version="foo-1.2", branch="feat/foo")
    client.patch("/pacticipants/Foo Shop", json={"displayName": "The Shop"})
    client.put("/pacticipants/Foo Shop/labels/team:selling", json={})

    assert found("foo") == {
        "APPLICATION": {"Foo Shop", "Foo/Orders"},
        "INTEGRATION": {"Foo Shop → Foo/Orders"},
        "INTERACTION": set(),
        "STATE": set(),
        "BRANCH": {"feat/foo"},
        "VERSION": {"foo-1.2"},
    }
    assert found("the shop")["APPLICATION"] == {"Foo Shop"}
    assert found("team:selling")["APPLICATION"] == {"Foo Shop"}
    assert found("order exists")["STATE"] == {"an order exists"}
    assert found("o/o")["APPLICATION"] == {"Foo/Orders"}


def test_a_label_that_is_taken_off_finds_nothing(publish, client, found):
    publish("a")
    client.put("/pacticipants/Shop/labels/team:selling", json={})
    assert found("selling")["APPLICATION"] == {"Shop"}

    client.delete("/pacticipants/Shop/labels/team:selling")

    assert found("selling")["APPLICATION"] == set()


def test_messages_are_found(client, found):
    pact = a_message_pact(a_message("an order was paid"))
    client.post("/contracts/publish", json=a_publication(pact))

    assert found("was paid")["INTERACTION"] == {"an order was paid"}


def test_the_pacts_of_the_main_branch_and_the_latest_ones_count(publish, found):
    publish("on main before", "on main")
    publish("on main", version="2")
    publish("of a bot", "on main", version="3", branch="bot")
    publish("of the newest bot", version="4", branch="bot2")

    assert found("on main")["INTERACTION"] == {"on main"}
    assert found("bot")["INTERACTION"] == {"of the newest bot"}


def test_the_main_branches_of_several_consumers_count_each_for_its_own(publish, found):
    publish("of Shop", branch="main")
    publish("of Mobile", branch="master", consumer="Mobile")
    publish("of Web", branch="master", consumer="Web")
    for consumer in ("Shop", "Mobile", "Web"):
        publish(f"bot of {consumer}", version="2", branch="bot", consumer=consumer)

    assert found("of")["INTERACTION"] == {
        *("of Shop", "of Mobile", "of Web"),
        *("bot of Shop", "bot of Mobile", "bot of Web"),
    }


def test_an_interaction_of_many_versions_is_in_the_index_once(publish, found, database):
    for version in "123":
        publish("a request", version=version)
        found("a request")

    with database.reading() as storage:
        entries = tables.search_entries
        number = storage.connection.scalar(
            select(func.count()).where(entries.c.kind == int(Kind.INTERACTION), entries.c.id > 0)
        )
    assert number == 1


def test_when_a_version_is_deleted_the_pact_before_it_counts(publish, client, found):
    publish("an older one")
    publish("a newer one", version="2")
    assert found("newer")["INTERACTION"] == {"a newer one"}

    client.delete("/pacticipants/Shop/versions/2")

    assert found("newer")["INTERACTION"] == set()
    assert found("older")["INTERACTION"] == {"an older one"}


def test_when_a_version_joins_the_main_branch_its_pact_counts(publish, client, found):
    publish("of a branch", branch="feat/x", version="1")
    publish("of main", version="2")
    client.patch("/pacticipants/Shop", json={"mainBranch": "main"})
    publish("of another branch", branch="feat/y", version="3")
    assert found("of")["INTERACTION"] == {"of main", "of another branch"}

    client.patch("/pacticipants/Shop", json={"mainBranch": "feat/x"})

    assert found("of")["INTERACTION"] == {"of a branch", "of another branch"}


@pytest.mark.parametrize("path", ["/pacticipants/Shop", "/integrations/provider/Orders/consumer/Shop"])
def test_what_is_deleted_is_not_found(publish, client, found, path):
    publish("a request", version="shop-1", branch="shop-branch")
    assert found("shop")["VERSION"] == {"shop-1"}

    client.delete(path)

    assert found("shop") == {kind.name: set() for kind in Kind}
    assert found("request")["INTERACTION"] == set()


def test_words_that_nothing_has_any_more_are_removed(publish, client, found, database):
    publish("a request", version="shop-1")
    found("shop")
    client.delete("/pacticipants/Shop")
    client.delete("/pacticipants/Orders")
    index_everything(database)

    position = index.sweep(database.transaction, "me", 0)
    assert position == 0

    with database.reading() as storage:
        for table in (tables.search_words, tables.search_endings, tables.search_entries):
            assert storage.connection.scalar(select(func.count()).select_from(table)) == 0


def test_what_a_transaction_rolls_back_does_not_wait(database):
    with database.transaction(kept=False) as storage:
        storage.pacticipants.create(["Foo"], NOON)
        assert storage.search_queue.count(10) == 1

    with database.reading() as storage:
        assert storage.search_queue.count(10) == 0


def test_nothing_is_written_while_another_process_writes_the_index(publish, database):
    publish("a request")
    with database.transaction() as storage:
        storage.leases.take("search index", "another", 60)

    index.index_some(database.reading, database.transaction, "me")

    with database.reading() as storage:
        assert storage.search_queue.count(10) > 0
        assert storage.search_results.find(query("request"), list(Kind), 5).found == []
