import pytest
from sqlalchemy import text
from support.account_world import add_accounts
from support.later_schema import REVISION, take_later_step

from broker.app import create_app
from broker.services.accounts.known import KnownAccounts
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.migrations import USABLE_FROM, schema
from broker.web.asked_by_gateway import STOPS

READER = ("people", "read-secret")
CREDENTIALS = {"basic_auth_read_only_username": READER[0], "basic_auth_read_only_password": READER[1]}
LIVE, READY = "/health/live", "/health/ready"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def timer():
    return Clock()


@pytest.fixture
def guarded(database, timer):
    return create_app(Settings(**CREDENTIALS), database, timer=timer).test_client()


def change_schema(database, statement):
    with database.connection() as connection:
        connection.execute(text(statement))
        connection.commit()


@pytest.mark.parametrize("path", [LIVE, READY])
def test_probes_need_no_credentials_and_say_little(guarded, path):
    shown, head = guarded.get(path), guarded.head(path)

    assert (shown.status_code, shown.json["ok"], shown.json.keys()) == (200, True, {"ok", "_links"})
    assert (head.status_code, head.data) == (200, b"")
    assert guarded.get("/").status_code == 401


@pytest.mark.parametrize("path", [LIVE, READY])
def test_probes_are_open_where_there_are_accounts(database, path):
    add_accounts(database)
    client = create_app(Settings(), database).test_client()

    assert client.get(path).status_code == 200
    assert (
        client.get(path, headers={"Authorization": "Bearer nobody", "Cookie": "tally=x"}).status_code == 200
    )
    assert client.post(path).status_code == 401


def test_what_asks_whether_the_process_lives_asks_the_database_nothing(database, monkeypatch):
    known = KnownAccounts(database)
    client = create_app(Settings(**CREDENTIALS), database, known=known).test_client()
    known.forget()
    for way in ("reading", "transaction", "connection", "watching"):
        monkeypatch.setattr(database, way, None)

    assert client.get(LIVE, auth=READER).status_code == 200


def test_who_is_known_sees_each_check(guarded):
    assert guarded.get(READY, auth=READER).json["checks"] == {
        "database": {"ok": True},
        "schema": {"ok": True},
        "serving": {"ok": True},
    }


def test_tokens_of_accounts_show_each_check(database):
    world = add_accounts(database)
    client = create_app(Settings(), database).test_client()

    def checks(token):
        return client.get(READY, headers={"Authorization": f"Bearer {token}"}).json.get("checks", {}).keys()

    assert checks(world.tokens["rea"]) == {"database", "schema", "serving"}
    assert checks("nobody") == set()


def test_wrong_passwords_show_nothing_and_count_as_elsewhere(guarded):
    answers = [guarded.get(READY, auth=("people", f"guess {number}")) for number in range(12)]
    right = guarded.get(READY, auth=READER)

    assert {answer.status_code for answer in answers} == {200}
    assert not any("checks" in answer.json for answer in [*answers, right])
    assert guarded.get("/", auth=READER).status_code == 429


def test_without_the_database_the_broker_is_not_ready(tmp_path, caplog):
    away = Database(f"sqlite:///{tmp_path}/no/folder/x.sqlite3")
    client = create_app(Settings(**CREDENTIALS), away).test_client()

    stranger, known = client.get(READY), client.get(READY, auth=READER)
    guesses = [client.get(READY, auth=("people", "guess")) for _ in range(12)]

    assert (stranger.status_code, stranger.json["ok"], stranger.json.keys()) == (503, False, {"ok", "_links"})
    assert "unable to open" in known.json["checks"]["database"]["message"]
    assert known.json["checks"]["schema"] == {
        "ok": None,
        "message": "Nobody knows while the database gives no answer.",
    }
    assert not any("checks" in answer.json for answer in [*guesses, client.get(READY, auth=READER)])
    assert client.get(LIVE).status_code == 200
    assert caplog.text.count("Not ready: OperationalError") == 1


def test_tokens_of_the_settings_are_known_without_the_database(tmp_path):
    away = Database(f"sqlite:///{tmp_path}/no/folder/x.sqlite3")
    settings = Settings(api_tokens=("ci:read:Wk3nq8ZtYb5vRw2L",))
    client = create_app(settings, away).test_client()

    def checks(authorization):
        answer = client.get(READY, headers={"Authorization": authorization})
        return answer.json.get("checks", {}).keys()

    assert checks("Bearer Wk3nq8ZtYb5vRw2L") == {"database", "schema", "serving"}
    assert [checks(odd) for odd in ("Bearer other", "Digest x=y", "Basic ü")] == [set()] * 3


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE alembic_version SET version_num = '0021'", "earlier release"),
        ("DELETE FROM alembic_version", "earlier release"),
        ("DROP TABLE alembic_version", "no schema"),
    ],
)
def test_a_schema_that_this_release_cannot_use_is_named(guarded, database, statement, reason):
    change_schema(database, statement)

    answer = guarded.get(READY, auth=READER)

    assert answer.status_code == 503
    assert reason in answer.json["checks"]["schema"]["message"]
    assert answer.json["checks"]["database"] == {"ok": True}


@pytest.mark.parametrize(
    ("usable_from", "statement"),
    [
        (REVISION, "SELECT 1"),
        ("", "SELECT 1"),
        (USABLE_FROM, "DELETE FROM schema_compatibility"),
        (USABLE_FROM, "DROP TABLE schema_compatibility"),
    ],
)
def test_a_later_schema_is_refused_that_does_not_say_it_can_be_used(
    guarded, database, usable_from, statement
):
    take_later_step(database, usable_from)
    change_schema(database, statement)

    answer = guarded.get(READY, auth=READER)

    assert answer.status_code == 503
    assert "later release" in answer.json["checks"]["schema"]["message"]


def test_the_release_before_stays_ready_when_the_next_one_has_migrated(guarded, database):
    take_later_step(database, usable_from=schema.known()[-1])

    assert guarded.get(READY).status_code == 200


def test_the_database_is_asked_once_a_second_however_many_ask(guarded, database, timer):
    assert guarded.get(READY).status_code == 200
    change_schema(database, "DROP TABLE alembic_version")

    timer.now += 0.9
    assert guarded.get(READY).status_code == 200
    timer.now += 0.2
    assert guarded.get(READY).status_code == 503


def test_a_broker_that_stops_is_not_ready_but_lives(guarded):
    stops = {STOPS: True}

    answer = guarded.get(READY, auth=READER, environ_overrides=stops)

    assert answer.status_code == 503
    assert answer.json["checks"]["serving"] == {"ok": False, "message": "The broker was told to stop."}
    assert guarded.get(LIVE, environ_overrides=stops).status_code == 200
