"""Administrators read the whole log, administrators of a team what is of their teams, others nothing."""

from hashlib import sha256

import pytest
from sqlalchemy import insert
from support.accounts import accounts, bearer
from support.audit_logs import NOW, add, seal
from support.factories import a_publication

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.tables import account_roles, teams, tokens
from broker.storage.tables import accounts as accounts_table

ROLES = {
    "root": ("administrator", None),
    "tess": ("team-administrator", 1),
    "pub": ("publisher", 1),
    "all": ("publisher", None),
    "rea": ("reader", None),
}


@pytest.fixture
def ask(database):
    """Ask a broker with accounts, with the token of one of them."""
    stamps = {"created_at": NOW, "updated_at": NOW}
    with database.transaction() as storage:
        run = storage.connection.execute
        for number, name in enumerate(("selling", "buying"), 1):
            run(insert(teams).values(id=number, uuid=name, name=name, name_key=name, **stamps))
        for number, (name, (role, team)) in enumerate(ROLES.items(), 1):
            named = {"uuid": name, "name": name, "name_key": name, "display_name": name, "kind": "person"}
            run(insert(accounts_table).values(id=number, **named, **stamps))
            run(insert(account_roles).values(account_id=number, role=role, team_id=team, created_at=NOW))
            digest, until = sha256(name.encode()).digest(), NOW.replace(year=2099)
            of = {"account_id": number, "uuid": name, "kind": "personal", "name": "t", "prefix": name}
            run(insert(tokens).values(**of, digest=digest, expires_at=until, created_at=NOW))
    add(database, "A", team="selling")
    add(database, "B", team="buying")
    add(database, "C")
    seal(database)
    settings = Settings(allow_public_read=True, basic_auth_username="old", basic_auth_password="old")
    client = create_app(settings, database, clock=lambda: NOW).test_client()

    def get(path, name="", accept="application/hal+json"):
        headers = {"Accept": accept, **({"Authorization": f"Bearer {name}"} if name else {})}
        return client.get(path, headers=headers, **({"auth": ("old", "old")} if name == "old" else {}))

    return get


def names(answer):
    return [entry["subject"]["name"] for entry in answer.json["_embedded"]["entries"]]


def test_an_administrator_reads_all(ask):
    assert names(ask("/audit", "root")) == ["A", "B", "C"]
    assert len(ask("/audit/seals", "root").json["_embedded"]["seals"]) == 1


@pytest.mark.parametrize("query", ["", "?sort=-timestamp", "?actor=ada", "?subject=A", "?team=buying"])
def test_an_administrator_of_a_team_reads_what_is_of_it(ask, query):
    answer = ask(f"/audit{query}", "tess")

    if "team" in query:
        assert answer.status_code == 400
    else:
        assert names(answer) == ["A"]


def test_an_administrator_of_a_team_does_not_find_what_is_of_another(ask):
    assert names(ask("/audit?subject=B", "tess")) == []
    for accept in ("application/x-ndjson", "text/csv"):
        text = ask("/audit", "tess", accept).text
        assert '"A"' in text or ",A," in text
        assert '"B"' not in text
        assert ",B," not in text


def test_the_seals_are_for_who_may_read_all(ask):
    answer = ask("/audit/seals", "tess")

    assert answer.status_code == 403
    assert "'accounts'" in answer.json["error"]


@pytest.mark.parametrize("name", ["pub", "all", "rea", "old"])
@pytest.mark.parametrize("path", ["/audit", "/audit/seals"])
def test_others_read_nothing(ask, name, path):
    answer = ask(path, name)

    assert answer.status_code == 403
    assert "'accounts'" in answer.json["error"]


def test_who_reads_nothing_is_told_who_can_grant_it_also_of_the_team(ask):
    in_a_team, in_none = (ask("/audit", name).json["error"] for name in ("pub", "rea"))

    assert in_a_team.endswith(
        "An administrator of the broker can grant them, and an administrator of the team selling the second."
    )
    assert in_none.endswith("An administrator of the broker can grant them.")


@pytest.mark.parametrize("path", ["/audit", "/audit/seals"])
def test_nobody_is_asked_to_log_in_although_all_else_is_public(ask, path):
    assert ask("/pacticipants").status_code == 200

    assert ask(path).status_code == 401
    assert ask(path, "wrong").status_code == 401


def test_whoever_may_read_gets_the_newest_seal(ask):
    assert ask("/audit/seal", "rea").json["number"] == 1
    assert ask("/audit/seal").status_code == 200


def test_the_page_is_for_the_same(ask):
    assert "what is of your teams" in ask("/audit", "tess", "text/html").text
    assert "tally audit export" not in ask("/audit", "tess", "text/html").text
    assert "tally audit export" in ask("/audit", "root", "text/html").text
    assert ask("/audit", "pub", "text/html").status_code == 403
    assert ask("/audit", "", "text/html").headers["Location"].startswith("/log-in")
    assert 'href="/audit"' in ask("/", "tess", "text/html").text
    assert 'href="/audit"' not in ask("/", "pub", "text/html").text


def test_what_a_team_publishes_is_in_its_part_of_the_log(database):
    world = accounts(database, now=NOW)
    world.team("payments", "Shop", "Orders")
    world.team("stores", "Till")
    headers = {name: bearer(world.token("team-administrator", team=name)) for name in ("payments", "stores")}

    broker = create_app(Settings(), database, clock=lambda: NOW).test_client()
    answer = broker.post("/contracts/publish", json=a_publication(), headers=headers["payments"])
    assert answer.status_code == 200, answer.text
    seal(database)

    actions = {
        name: [entry["action"] for entry in broker.get("/audit", headers=of).json["_embedded"]["entries"]]
        for name, of in headers.items()
    }
    assert actions == {"payments": ["contracts.publish"], "stores": []}


def test_an_administrator_of_a_team_reads_that_something_of_it_was_deleted(database):
    world = accounts(database, now=NOW)
    world.team("payments", "Shop")
    lead, root = (
        bearer(world.token("team-administrator", team="payments")),
        bearer(world.token("administrator")),
    )
    keys = ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",)
    client = create_app(Settings(secrets_key=keys), database, clock=lambda: NOW).test_client()
    secret = {"value": "a secret value", "team": "payments", "hosts": ["ci.example.org"]}
    assert client.put("/secrets/KEY", json=secret, headers=lead).status_code == 201

    for path in ("/secrets/KEY", "/pacticipants/Shop"):
        assert client.delete(path, headers=root).status_code == 204

    found = client.get("/audit?sort=-timestamp&size=2", headers=lead).json["_embedded"]["entries"]
    assert [(entry["action"], entry["subject"]["name"]) for entry in found] == [
        ("pacticipants.delete", "Shop"),
        ("secrets.delete", "KEY"),
    ]
