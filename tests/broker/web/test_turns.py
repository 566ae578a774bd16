"""Requests about the same take turns, each until what it has stored is committed."""

from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from support.factories import a_pact, a_publication, a_verification_result

from broker.app import create_app
from broker.settings.settings import Settings

KEYED = {"Idempotency-Key": "5b7f3a1e-0001"}


@pytest.fixture
def told(database, monkeypatch):
    """What happens, in order: turns that begin and end, and commits."""
    told = []
    turn = database.turn

    @contextmanager
    def watched(about):
        with turn(about):
            told.append(("begins", frozenset(about)))
            try:
                yield
            finally:
                told.append(("ends", frozenset(about)))

    def committed(_connection):
        told.append(("commit", None))

    monkeypatch.setattr(database, "turn", watched)
    event.listen(Engine, "commit", committed)
    yield told
    event.remove(Engine, "commit", committed)


@pytest.mark.parametrize("headers", [{}, KEYED], ids=["without a key", "with a key"])
def test_a_turn_lasts_until_what_was_stored_is_committed(database, told, headers):
    client = create_app(Settings(), database).test_client()
    pact = client.put("/pacts/provider/Orders/consumer/Shop/version/1", json=a_pact()).json
    results = pact["_links"]["pb:publish-verification-results"]["href"]
    pair = ("Shop", "Orders")
    asked = (
        (lambda: client.put("/pacts/provider/Orders/consumer/Shop/version/2", json=a_pact()), {pair}),
        (
            lambda: client.post(
                "/contracts/publish", json=a_publication(version="3", branch="main"), headers=headers
            ),
            {pair, ("Shop", "main")},
        ),
        (
            lambda: client.post(
                results, json=a_verification_result(), headers=headers and {**KEYED, "Idempotency-Key": "2"}
            ),
            {pair},
        ),
    )

    for ask, about in asked:
        told.clear()
        assert ask().status_code in {200, 201}

        in_order = [what for what, _ in told]
        assert in_order[0] == "begins"
        assert in_order.index("ends") > in_order.index("commit")
        assert told[0][1] == about


def test_who_is_refused_gives_the_turn_back(database, told):
    client = create_app(Settings(), database).test_client()

    for _ in range(2):
        assert client.post("/contracts/publish", json=a_publication(version="1")).status_code == 200
        assert (
            client.put(
                "/pacts/provider/Orders/consumer/Shop/version/1", json=a_pact(), headers={"If-Match": '"no"'}
            ).status_code
            == 412
        )

    begun, ended = ([what for what, _ in told].count(word) for word in ("begins", "ends"))
    assert begun == ended > 1
