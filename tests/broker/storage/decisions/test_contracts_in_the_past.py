"""`at` gives, for any moment of a random history with service contracts, the answer of that moment."""

from datetime import timedelta

import pytest
from hypothesis import given
from support.contract_worlds import ENVIRONMENT, HISTORIES, happen
from support.contracts_in_storage import Document, StoredContracts
from support.databases import NEW_DATABASE
from support.decisions_over_http import Api
from support.factories import NOON
from support.searching import search

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database


class Clock:
    """Goes on by a second when it is told."""

    now = NOON

    def __call__(self):
        return self.now

    def tick(self):
        self.now += timedelta(seconds=1, microseconds=1)


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@given(history=HISTORIES)
@search(8, is_fixed=True)
def test_what_was_answered_is_answered_again(kind, history):
    with NEW_DATABASE[kind]() as url:
        database, clock = Database(url), Clock()
        client = create_app(Settings(), database, clock=clock).test_client()
        then = []
        for world in happen(history, client, database, clock):
            questions = [f"{path}&environment={ENVIRONMENT}" for path in paths(world)]
            then.append((clock.now, {url: told(client, url) for url in [*questions, *without_target(world)]}))
            clock.tick()
        clock.tick()
        again = [(at, {url: told(client, url, at) for url in answers}) for at, answers in then]
        database.close()

    assert again == then


def test_any_version_then_has_the_documents_of_then(database):
    """Orders 2 has got another document since, and so another set."""
    clock, document = Clock(), Document(("read",))
    client = create_app(Settings(), database, clock=clock).test_client()
    api, stored = Api(client), StoredContracts(database, clock)
    api.pact("Shop", "1", "with", "Orders")
    api.version("Orders", "2")
    stored.documents("Orders", "2", {"openapi": document})
    stored.compared(("Shop", "Orders"), "2", "compatible")
    stored.checked("Orders", "2", document, success=True)
    url = "/matrix?q[][pacticipant]=Shop&q[][version]=1"
    moment, before = clock.now, client.get(url).json["summary"]["deployable"]
    clock.tick()
    stored.documents("Orders", "2", {"events": Document(("events",))})
    clock.tick()

    then = client.get(f"{url}&at={moment:%Y-%m-%dT%H:%M:%S.%fZ}")

    assert (before, then.json["summary"]["deployable"]) == (True, True)
    assert client.get(url).json["summary"]["deployable"] is None


def paths(world):
    return [
        f"/can-i-deploy?pacticipant={name}&version={number}" for name, number in sorted(world.versions)[:2]
    ]


def without_target(world):
    known = sorted({name for name, _ in world.versions})[:2]
    selectors = "&".join(f"q[][pacticipant]={name}" for name in known)
    alone = [
        f"/matrix?q[][pacticipant]={name}&q[][version]={number}"
        for name, number in sorted(world.versions)[:2]
    ]
    return (
        [f"/matrix?{selectors}&latestby=cvpv", f"/matrix?q[][pacticipant]={known[0]}", *alone]
        if known
        else []
    )


def told(client, url, at=None):
    answer = client.get(url, query_string=None) if at is None else client.get(f"{url}&at={moment(at)}")
    assert answer.status_code == 200, answer.text
    rows = [
        (
            row["consumer"]["name"],
            row["consumer"]["version"]["number"],
            row["provider"]["name"],
            row["provider"]["version"] and row["provider"]["version"]["number"],
            row["verificationResult"],
            row.get("tally:kind"),
            row.get("tally:evidence"),
        )
        for row in answer.json["matrix"]
    ]
    return answer.json["summary"], rows


def moment(at):
    return at.isoformat().replace("+", "%2B")
