"""Passwords of people at the API: only where a setting says so."""

from datetime import timedelta

import pytest
from support.accounts import accounts as accounts_of
from support.log_ins import at, log_in, rows
from support.people import PASSWORD, hash_of

from broker.app import create_app
from broker.services.accounts import passwords
from broker.settings.settings import Settings
from broker.storage.tables import accounts, audit_entries, tries

API = {"Accept": "application/hal+json"}


@pytest.fixture
def client(database, clock, anna):
    assert anna
    settings = Settings(basic_auth_for_people=True, failed_logins_per_minute=3)
    return create_app(settings, database, clock=clock).test_client()


def create(client, password=PASSWORD, name="anna"):
    return client.post("/pacticipants", json={"name": "Shop"}, auth=(name, password)).status_code


def test_by_default_the_api_takes_no_password_of_a_person(app):
    answer = app().test_client().get("/pacticipants", headers=API, auth=("anna", PASSWORD))

    assert answer.status_code == 401


def test_with_the_setting_it_reads_and_writes_as_the_person_may(client):
    assert create(client) == 201
    assert client.get("/pacticipants", headers=API, auth=("ANNA", PASSWORD)).status_code == 200


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong horse battery"), ("bert", PASSWORD), ("", "")]
)
def test_wrong_ones_are_refused_alike(client, name, password):
    answer = client.get("/pacticipants", headers=API, auth=(name, password))

    assert answer.status_code == 401
    assert answer.json == {"error": "The user name or the password is wrong"}


def test_after_some_wrong_ones_a_name_waits(client):
    statuses = [create(client, "wrong horse battery") for _ in range(3)]

    assert statuses == [401, 401, 429]
    assert create(client) == 429


def test_all_ways_to_write_a_name_wait_together(client):
    names = ("anna", "ANNA", "Ann\N{CYRILLIC SMALL LETTER A}")

    assert [create(client, "wrong horse battery", name) for name in names] == [401, 401, 429]
    assert create(client) == 429


def test_a_token_of_somebody_else_excuses_no_wrong_password(client, database):
    token = accounts_of(database).token("reader", name="mallory")
    statuses = []
    for _ in range(2):
        statuses.append(create(client, "wrong horse battery"))
        statuses.append(client.get("/pacticipants", headers=API, auth=("anna", token)).status_code)

    assert statuses == [401, 200, 401, 200]
    assert create(client, "wrong horse battery") == 429


def test_the_right_password_excuses_wrong_ones(client):
    statuses = [create(client, "wrong horse battery") for _ in range(2)]
    client.get("/pacticipants", headers=API, auth=("anna", PASSWORD))

    assert [*statuses, create(client, "wrong horse battery")] == [401, 401, 401]


def test_a_password_is_hashed_once_and_again_when_something_has_changed(client, database, clock, monkeypatch):
    hashed = []
    right = passwords.is_right
    monkeypatch.setattr(passwords, "is_right", lambda *given: hashed.append(given) or right(*given))
    for _ in range(3):
        client.get("/pacticipants", headers=API, auth=("anna", PASSWORD))
    assert len(hashed) == 1

    with database.transaction() as storage:
        other = {"password_hash": hash_of("another horse battery")}
        storage.connection.execute(accounts.update().values(other))
        storage.asking.access_changed_at = clock() + timedelta(seconds=1)
    client.application.extensions["tallystick"].known_accounts.look()

    assert create(client) == 401
    assert create(client, "another horse battery") == 201


def test_who_comes_while_others_are_checked_is_asked_to_try_again(client, monkeypatch):
    monkeypatch.setattr(passwords, "_TURNS", passwords.Turns(waiting=0, seconds=0))
    with passwords._TURNS:  # noqa: SLF001 - somebody else's hash
        answer = client.get("/pacticipants", headers=API, auth=("anna", PASSWORD))

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"


def test_names_that_are_made_up_do_not_fill_the_audit_log(database, anna):
    assert anna
    seconds = [0.0]
    client = create_app(Settings(), database, timer=lambda: seconds[0]).test_client()

    def entries_of(names, address="10.0.0.1"):
        before = len(rows(database, audit_entries))
        for name in names:
            asked = {"headers": API, "auth": (name, "wrong"), "environ_base": {"REMOTE_ADDR": address}}
            assert client.get("/pacticipants", **asked).status_code == 401
        return len(rows(database, audit_entries)) - before

    assert entries_of([f"name-{number}" for number in range(70)]) == 60
    assert entries_of(["anna"], "10.0.0.2") == 1
    seconds[0] = 61.0
    assert entries_of(["anna"]) == 1


def two_servers(database, clock, **settings):
    made = Settings(basic_auth_for_people=True, failed_logins_per_minute=3, **settings)
    return [create_app(made, database, clock=clock) for _ in range(2)]


def ask(app, password, address="127.0.0.1"):
    given = {"auth": ("anna", password), "environ_base": {"REMOTE_ADDR": address}}
    return app.test_client().get("/pacticipants", headers=API, **given).status_code


def test_wrong_ones_at_all_servers_and_at_the_page_count_together(database, clock, anna):
    assert anna
    one, other = two_servers(database, clock)

    assert (ask(one, "wrong horse battery"), ask(other, "wrong horse battery")) == (401, 401)
    assert log_in(at(one), password="wrong horse battery").status_code == 403
    assert [ask(app, PASSWORD) for app in (one, other)] == [429, 429]
    assert log_in(at(other)).status_code == 429
    clock.now += timedelta(minutes=1)
    assert ask(other, PASSWORD) == 200


def test_the_page_waits_for_wrong_ones_at_the_api_and_a_right_one_excuses_them(database, clock, anna):
    assert anna
    one, other = two_servers(database, clock)
    for app in (one, other):
        ask(app, "wrong horse battery")

    assert ask(one, PASSWORD) == 200
    assert rows(database, tries) == []
    for app in (other, one, one):
        ask(app, "wrong horse battery")
    assert log_in(at(other)).status_code == 429


@pytest.mark.parametrize(
    ("addresses", "last"),
    [
        (("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:0db8:1:2::3"), 429),
        (("2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:4::1"), 200),
        (("::ffff:10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1"), 429),
        (("10.0.0.1", "10.0.0.2", "10.0.0.3"), 200),
        (("fe80::1%eth0", "fe80::2%eth0", "fe80::3"), 429),
    ],
)
def test_addresses_of_ipv6_count_by_their_64_first_bits(database, clock, anna, addresses, last):
    assert anna
    one, other = two_servers(database, clock)
    for app, address in zip((one, other, one), addresses, strict=True):
        assert ask(app, "wrong horse battery", address) == 401

    assert ask(other, PASSWORD, addresses[0]) == last
