"""What pacts use, and who depends on a provider, as both databases keep it."""

import pytest
from sqlalchemy import select
from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, an_interaction

from broker.app import create_app
from broker.domain.usage import kept_uses
from broker.settings.settings import Settings
from broker.storage.tables import pact_versions


@pytest.fixture
def client(database):
    return create_app(Settings(), database).test_client()


@pytest.fixture
def published(client):
    def publish(*descriptions, version="1", consumer="Shop"):
        pact = a_pact(*map(an_interaction, descriptions), consumer=consumer)
        answer = client.post("/contracts/publish", json=a_publication(pact, version=version))
        assert answer.status_code == 200

    return publish


def document(client, service, version="1", **said):
    content = {**an_openapi(), **said}
    body = {
        "pacticipantName": service,
        "pacticipantVersionNumber": version,
        "branch": "main",
        "content": content,
    }
    assert client.post("/service-contracts/publish", json=body).status_code in {200, 201}


def pair(storage):
    found = storage.pacticipants.find_many(["Shop", "Orders"])
    return found["Shop"], found["Orders"]


def test_what_a_content_uses_is_kept_once(published, database):
    published("a")
    published("a", version="2")
    published("b", version="3")

    with database.reading() as storage:
        ids = storage.connection.scalars(select(pact_versions.c.id)).all()
        kept = storage.usages.of_contents(ids)
    assert sorted(kept_uses.read(text).uses[0].interaction for text in kept.values()) == ["a", "b"]


def test_since_when_is_kept_though_nothing_new_is_used(published, database):
    published("a")
    with database.reading() as storage:
        first = storage.usages.beginnings(pair(storage)[1], ["Shop"])
    published("a", version="2")
    with database.reading() as storage:
        second = storage.usages.beginnings(pair(storage)[1], ["Shop", "Nobody"])

    assert list(first) == ["Shop"]
    assert second == first
    assert len(kept_uses.moments(first["Shop"])) > 1


def test_the_newest_version_with_a_document_is_found(client, published, database):
    document(client, "Orders", "1")
    document(client, "Orders", "2")
    client.put("/pacticipants/Orders/versions/3", json={})
    published("a")

    with database.reading() as storage:
        shop, orders = pair(storage)
        assert storage.usages.newest_documented(orders) == "2"
        assert storage.usages.newest_documented(shop) is None


def test_who_depends_on_a_provider_is_found_where_it_is(client, database):
    needed = [{"service": "Orders", "operations": ["getOrder", "GET /orders"]}]
    document(client, "Orders")
    document(client, "Desk", **{"x-contract-dependencies": needed})
    links = client.get("/pacticipants/Desk/versions/1").json["_links"]["pb:record-deployment"]
    production = next(link["href"] for link in links if link["name"] == "production")

    with database.reading() as storage:
        orders = storage.pacticipants.find("Orders")
        on_branches = storage.dependents.of(orders, None)
        nowhere = storage.dependents.of(orders, "production")
    assert client.post(production, json={}).status_code == 201
    with database.reading() as storage:
        deployed = storage.dependents.of(orders, "production")
        everywhere = storage.dependents.of(orders, None)
        elsewhere = storage.dependents.of(orders, "test")

    assert [(each.consumer, each.environment) for each in on_branches] == [("Desk", None)] * 2
    assert sorted(each.need for each in on_branches) == ["GET /orders", "getOrder"]
    assert (nowhere, elsewhere) == ([], [])
    assert {each.environment for each in deployed} == {"production"}
    assert len(everywhere) == 4
