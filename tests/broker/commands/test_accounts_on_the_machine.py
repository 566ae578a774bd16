"""`tally users create --admin`, `tally users reset` and `tally tokens adopt`, as an operator runs them."""

import io
import json
import re
import sys
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from support.accounts import accounts, bearer

from broker.app import create_app
from broker.services.accounts import passwords
from broker.services.accounts.known import KnownAccounts
from broker.settings.settings import Settings
from tally.cli import main

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
PASSWORD = "a green bicycle in the rain"


@pytest.fixture
def run(database_url, capsys, monkeypatch):
    """Run a command on the machine of the broker; return its exit code and what it printed."""
    monkeypatch.setenv("TALLY_DATABASE_URL", database_url)

    def run(*words, stdin="", **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as exit_:
            main(list(words))
        printed = capsys.readouterr()
        return exit_.value.code, printed.out, printed.err

    return run


def stored(database, sql):
    with database.connection() as connection:
        return connection.exec_driver_sql(sql).all()


def test_the_first_administrator_gets_a_link_that_is_kept_as_a_hash(run, database):
    code, out, _ = run("users", "create", "--admin", "ann", TALLY_BASE_URL="https://pacts.example.org/")

    link = re.fullmatch(r"https://pacts\.example\.org/log-in/link\?code=([\w-]{43})\n", out)
    assert code == 0
    assert link
    [(digest,)] = stored(database, "SELECT digest FROM log_in_links")
    assert bytes(digest) == sha256(link[1].encode()).digest()
    assert stored(
        database, "SELECT name, role FROM accounts JOIN account_roles ON account_id = accounts.id"
    ) == [("ann", "administrator")]
    assert stored(database, "SELECT via, subject_name FROM audit_entries") == [("cli", "ann")]


def test_a_password_is_asked_for_and_kept_as_a_hash(run, database):
    code, out, _ = run("users", "create", "--admin", "ann", "--ask-password", stdin=f"{PASSWORD}\n")
    weak = run("users", "create", "--admin", "bob", "--another", "--ask-password", stdin="password1234\n")

    [(hashed,)] = stored(database, "SELECT password_hash FROM accounts")
    assert (code, out) == (0, "")
    assert passwords.is_right(PASSWORD, hashed)
    assert (weak[0], "password1234" in "".join(weak[1:])) == (2, False)


def test_a_reset_says_in_the_log_what_it_did(run, database):
    run("users", "create", "--admin", "ann", "--ask-password", stdin=f"{PASSWORD}\n")
    run("users", "reset", "ann")
    run("users", "reset", "ann", "--ask-password", stdin=f"{PASSWORD}\n")

    found = stored(database, "SELECT subject_kind, subject_name, after FROM audit_entries ORDER BY id")[1:]
    told = [json.loads(bytes(after))["reset"] for _, _, after in found]
    assert {(kind, name) for kind, name, _ in found} == {("account", "ann")}
    assert told == [
        "a link was made, the password was removed, sessions were ended",
        "a password was set, sessions were ended",
    ]


def test_a_token_for_scripts_is_the_only_line(run, database):
    _, out, _ = run("users", "create", "--admin", "ann", "--token")

    me = create_app(Settings(), database).test_client().get("/me", headers=bearer(out.strip()))
    assert me.json["roles"] == ["administrator"]


def test_there_is_no_second_first_administrator(run, database):
    run("users", "create", "--admin", "ann")

    code, _, err = run("users", "create", "--admin", "bob")
    bad = run("users", "create", "--admin", "settings:x", "--another")
    another, _, _ = run("users", "create", "--admin", "bob", "--another")

    assert (code, "give --another" in err) == (2, True)
    assert (bad[0], "name cannot contain ':'" in bad[2]) == (2, True)
    assert another == 0
    assert len(stored(database, "SELECT id FROM accounts")) == 2


def test_who_is_locked_out_gets_in_again(run, database):
    world = accounts(database)
    world.person("ann", "reader", password_hash="of an old password")
    with database.transaction() as storage:
        storage.accounts.disable(storage.accounts.find("ann").id, datetime.now(UTC))

    code, out, _ = run("users", "reset", "ann", "--admin")
    unknown = run("users", "reset", "anm")

    assert (code, "/log-in/link?code=" in out) == (0, True)
    assert stored(database, "SELECT disabled_at, password_hash FROM accounts") == [(None, None)]
    assert {role for (role,) in stored(database, "SELECT role FROM account_roles")} == {
        "reader",
        "administrator",
    }
    assert (unknown[0], "did you mean 'ann'?" in unknown[2]) == (2, True)


def test_users_and_tokens_of_the_settings_go_on_as_service_accounts(run, database):
    before = run("tokens", "adopt", TALLY_API_TOKENS="ci:write:0123456789abcdef ro:read:fedcba9876543210")
    run("users", "create", "--admin", "ann")
    code, out, _ = run(
        "tokens", "adopt", TALLY_BASIC_AUTH_USERNAME="joe", TALLY_BASIC_AUTH_PASSWORD="secret of joe"
    )
    again = run("tokens", "adopt")

    assert (before[0], "tally users create --admin NAME" in before[2]) == (2, True)
    assert code == 0
    named = "TALLY_API_TOKENS, TALLY_BASIC_AUTH_PASSWORD, TALLY_BASIC_AUTH_USERNAME"
    assert f"Remove from the settings: {named}." in out
    assert "secret of joe" not in out
    assert again[1].count("was adopted before") == 3
    broker = create_app(Settings(), database).test_client()
    for header, name, may_write in (
        (bearer("0123456789abcdef"), "ci", True),
        (bearer("fedcba9876543210"), "ro", False),
        (basic("joe", "secret of joe"), "joe", True),
    ):
        assert broker.get("/me", headers=header).json["name"] == name
        made = broker.post("/pacticipants", json={"name": name}, headers=header)
        assert made.status_code == (201 if may_write else 403)
        assert broker.post("/accounts", json={"name": "eve"}, headers=header).status_code == 403
        assert broker.post("/tokens", json={"name": "x"}, headers=header).status_code == 403


@pytest.mark.parametrize(
    ("name", "password"), [("jo", "e\0secret of joe"), ("", "joe\0secret of joe"), ("ann", "secret of joe")]
)
def test_an_adopted_password_is_for_its_name_alone(run, database, name, password):
    run("users", "create", "--admin", "ann")
    run("tokens", "adopt", TALLY_BASIC_AUTH_USERNAME="joe", TALLY_BASIC_AUTH_PASSWORD="secret of joe")
    broker = create_app(Settings(), database).test_client()

    assert broker.get("/me", headers=basic(name, password)).status_code == 401
    assert broker.get("/me", headers=bearer("secret of joe")).status_code == 401
    assert KnownAccounts(database).of_token(
        "joe\0secret of joe", datetime.now(UTC)
    )  # which no header can send


def test_the_output_of_the_machine_has_no_json_of_secrets(run):
    run("users", "create", "--admin", "ann")

    _, out, err = run("tokens", "adopt", TALLY_API_TOKENS="ci:write:0123456789abcdef")

    assert "0123456789abcdef" not in out + err
    assert json.dumps(sha256(b"0123456789abcdef").hexdigest()) not in out


def basic(name, password):
    import base64  # noqa: PLC0415 - for this alone

    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}
