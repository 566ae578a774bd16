"""An application belongs to the team for which somebody creates it, whoever comes first."""

import threading
import time

import pytest
from support.accounts import accounts, bearer
from support.factories import a_pact, a_publication

from broker.app import create_app
from broker.settings.settings import Settings

NEW = {
    "publication": ("POST", "/contracts/publish", a_publication(a_pact(consumer="New", provider="Orders"))),
    "pact": (
        "PUT",
        "/pacts/provider/Orders/consumer/New/version/1",
        a_pact(consumer="New", provider="Orders"),
    ),
    "application": ("POST", "/pacticipants", {"name": "New"}),
    "description": ("PATCH", "/pacticipants/New", {}),
    "version": ("PUT", "/pacticipants/New/versions/1", {}),
    "branch": ("PUT", "/pacticipants/New/branches/main/versions/1", {}),
    "tag": ("PUT", "/pacticipants/New/versions/1/tags/dev", {}),
    "label": ("PUT", "/pacticipants/New/labels/ours", {}),
}


@pytest.fixture
def world(database):
    made = accounts(database)
    made.person("root", "administrator")
    made.team("payments")
    made.team("search")
    return made


@pytest.fixture
def client(database, world):  # noqa: ARG001 - there are accounts before it starts
    return create_app(Settings(), database).test_client()


def owners(database, name):
    with database.reading() as storage:
        return storage.access.owners([name]).get(name)


@pytest.mark.parametrize("way", NEW)
def test_what_somebody_creates_is_their_teams(client, world, database, way):
    method, path, body = NEW[way]
    token = world.token("publisher", team="payments")

    answer = client.open(path, method=method, json=body, headers=bearer(token))

    assert answer.status_code in {200, 201}, answer.text
    assert owners(database, "New") == {world.team("payments").id}
    other = client.open(
        path, method=method, json=body, headers=bearer(world.token("publisher", team="search"))
    )
    assert other.status_code == 403


def test_a_provider_that_is_new_belongs_to_nobody(client, world, database):
    token = world.token("publisher", team="payments")

    client.post("/contracts/publish", json=a_publication(), headers=bearer(token))

    assert owners(database, "Orders") == frozenset()
    assert client.put("/pacticipants/Orders/versions/1", json={}, headers=bearer(token)).status_code == 403


def test_a_service_account_creates_for_its_own_team(client, world, database):
    world.service("ci", "publisher", team="payments")
    world.person("ci", "publisher", team="search")

    answer = client.put("/pacticipants/New/versions/1", json={}, headers=bearer(world.token_of("ci")))

    assert answer.status_code == 201
    assert owners(database, "New") == {world.team("payments").id}


def test_somebody_of_several_teams_is_told_what_to_do(client, world, database):
    token = world.token("publisher", team="payments", name="ada")
    world.person("ada", "publisher", team="search")

    answer = client.put("/pacticipants/New/versions/1", json={}, headers=bearer(token))

    assert answer.status_code == 403
    assert answer.json["error"] == (
        "New does not exist yet, and ada publishes for several teams: payments, search. Create it for one of "
        "them first: tally teams own TEAM New"
    )
    assert owners(database, "New") is None

    world.team("search", "New")
    assert client.put("/pacticipants/New/versions/1", json={}, headers=bearer(token)).status_code == 201


def test_who_publishes_everywhere_creates_what_is_of_no_team(client, world, database):
    token = world.token("publisher")

    assert client.put("/pacticipants/New/versions/1", json={}, headers=bearer(token)).status_code == 201
    assert owners(database, "New") == frozenset()


def test_a_token_limited_to_some_applications_creates_no_other(client, world, database):
    token = world.token("publisher", team="payments", pacticipants=["Shop"])

    assert client.put("/pacticipants/New/versions/1", json={}, headers=bearer(token)).status_code == 403
    assert client.put("/pacticipants/Shop/versions/1", json={}, headers=bearer(token)).status_code == 201
    assert owners(database, "New") is None


def test_another_team_that_comes_a_moment_later_stores_nothing(client, world, database):
    """It has looked before the first was stored, and finds out at the end."""
    token, answers = world.token("publisher", team="search"), []
    payments = world.team("payments").id

    def publish():
        answers.append(client.put("/pacticipants/New/versions/1", json={}, headers=bearer(token)))

    later = threading.Thread(target=publish)
    with database.transaction() as storage:
        storage.pacticipants.create(["New"], world.now)
        storage.access.own("New", payments, world.now)
        later.start()
        time.sleep(0.3)  # on PostgreSQL, it waits for the name by now
    later.join(30)

    assert [answer.status_code for answer in answers] == [403]
    assert owners(database, "New") == {payments}
    with database.reading() as storage:
        assert storage.versions.find("New", "1") is None


def test_of_two_teams_at_once_one_wins(database, world):
    app = create_app(Settings(), database)
    tokens = {team: world.token("publisher", team=team) for team in ("payments", "search")}
    start = threading.Barrier(2)

    for number in range(5):
        statuses = {}

        def publish(team, statuses=statuses, number=number):
            start.wait(10)
            path = f"/pacticipants/New {number}/versions/1"
            statuses[team] = app.test_client().put(path, json={}, headers=bearer(tokens[team])).status_code

        threads = [threading.Thread(target=publish, args=(team,)) for team in tokens]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        assert sorted(statuses.values()) == [201, 403]
        winner = next(team for team, status in statuses.items() if status == 201)
        assert owners(database, f"New {number}") == {world.team(winner).id}
