"""Statements are compiled once: a second request of its kind finds all of its statements compiled."""

from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import CacheStats
from support.factories import a_pact, a_publication, a_verification_result

from broker.app import create_app
from broker.settings.settings import Settings

KEPT = {CacheStats.CACHE_HIT, CacheStats.CACHING_DISABLED}
"""Text, which nothing compiles, is the second."""


@pytest.fixture
def client(database):
    return create_app(Settings(), database).test_client()


@contextmanager
def statements_compiled():
    compiled = []

    def see(_connection, _cursor, statement, _values, context, _many):
        if getattr(context, "compiled", None) is not None and context.cache_hit not in KEPT:
            compiled.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    yield compiled
    event.remove(Engine, "before_cursor_execute", see)


def publish(client, number):
    body = a_publication(a_pact(), version=number, branch="main", tags=["dev"])
    assert client.post("/contracts/publish", json=body).status_code == 200


def verify(client, number):
    pact = client.get("/pacts/provider/Orders/consumer/Shop/latest").json
    url = pact["_links"]["pb:publish-verification-results"]["href"]
    body = a_verification_result(number)
    assert client.post(url, json=body).status_code == 201


def deploy(client, number):
    version = client.get(f"/pacticipants/Orders/versions/{number}").json
    link = version["_links"]["pb:record-deployment"][0]
    assert client.post(link["href"], json={}).status_code == 201


def test_nothing_is_compiled_for_what_was_asked_before(client):
    for number in ("1", "2"):
        publish(client, number)
        verify(client, number)
        deploy(client, number)

    with statements_compiled() as compiled:
        publish(client, "3")
        verify(client, "3")
        deploy(client, "3")

    assert compiled == []
