"""TALLY_PERMISSIONS=report: what would be refused is logged and counted, and carried out."""

import logging

import pytest
from support.accounts import accounts, bearer
from support.factories import a_publication
from support.filling_forms import Person

from broker.app import create_app
from broker.settings.settings import Settings

READER = "settings-token-5678"


@pytest.fixture
def world(database):
    made = accounts(database)
    made.team("payments", "Shop")
    made.team("search", "Finder")
    made.person("root", "administrator")
    return made


@pytest.fixture
def client(database, world):  # noqa: ARG001 - there are accounts before it starts
    settings = Settings(permissions="report", api_tokens=(f"eyes:read:{READER}",))
    return create_app(settings, database).test_client()


def counted(client, action, token):
    """Return how many refusals of an action /metrics has."""
    lines = client.get("/metrics", headers={**bearer(token), "Accept": "text/plain"}).text.splitlines()
    name = f'tally_permissions_refused_total{{action="{action}"}} '
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


def test_a_foreign_publication_is_stored_logged_and_counted_once(client, world, caplog):
    token = world.token("publisher", team="search")

    with caplog.at_level(logging.WARNING, "broker"):
        answer = client.post("/contracts/publish", json=a_publication(), headers=bearer(token))

    assert answer.status_code == 200
    assert caplog.messages == ["Would refuse: publisher-search lacks the permission publish for Shop"]
    assert counted(client, "publish", token) == 1


def test_a_reader_is_reported_as_well(client, world, caplog):
    token = world.token("reader")

    with caplog.at_level(logging.WARNING, "broker"):
        answer = client.put("/pacticipants/Shop", json={"displayName": "Ours"}, headers=bearer(token))

    assert answer.status_code == 200
    assert caplog.messages == ["Would refuse: reader-everywhere lacks the permission publish"]
    assert client.get("/pacticipants/Shop", headers=bearer(token)).json["displayName"] == "Ours"


def test_what_is_of_no_team_and_copies_are_reported_as_well(client, world):
    token = world.token("publisher", team="payments")
    date = {"Tally-Import-Date": "2026-01-01T00:00:00+00:00"}

    environment = client.post(
        "/environments", json={"name": "lab", "production": False}, headers=bearer(token)
    )
    copied = client.put("/pacticipants/Shop/versions/1", json={}, headers={**bearer(token), **date})

    assert (environment.status_code, copied.status_code) == (201, 201)
    assert counted(client, "administer", token) == 2


def test_somebody_of_several_teams_creates_what_is_of_none(client, world, database):
    token = world.token("publisher", team="payments", name="ada")
    world.person("ada", "publisher", team="search")

    answer = client.put("/pacticipants/New/versions/1", json={}, headers=bearer(token))

    assert answer.status_code == 201
    with database.reading() as storage:
        assert storage.access.owners(["New"]) == {"New": frozenset()}


def test_nobody_gives_themselves_a_role(client, world):
    token = world.token("publisher", team="payments")

    answer = client.post("/trusts", json={}, headers=bearer(token))

    assert answer.status_code == 403
    assert "'manage-team'" in answer.json["error"]


def test_who_is_not_known_stays_outside(client):
    assert client.put("/pacticipants/Shop", json={}).status_code == 401
    assert client.put("/pacticipants/Shop", json={}, headers=bearer("wrong")).status_code == 401
    assert client.put("/pacticipants/Shop", json={}, headers=bearer(READER)).status_code == 401


def test_refusals_are_counted_where_they_are_refused_too(database, world):
    client = create_app(Settings(), database).test_client()
    token = world.token("publisher", team="search")

    assert client.put("/pacticipants/Shop", json={}, headers=bearer(token)).status_code == 403
    assert counted(client, "publish", token) == 1


def test_forms_are_shown_and_carried_out_as_well(client, world):
    person = Person(client, auth=("anybody", world.token("reader")))

    assert person.visit("/pacticipants/Shop/edit").status == 200
    assert person.send(displayName="Ours").status == 200

    token = world.token("reader")
    assert client.get("/pacticipants/Shop", headers=bearer(token)).json["displayName"] == "Ours"
    assert counted(client, "publish", token) == 1
