"""`tally users`, `teams`, `tokens` and `whoami`, against a real broker."""

import io
import json
import sys

import pytest
from support.accounts import accounts


@pytest.fixture
def world(database):
    made = accounts(database)
    made.team("payments", "Shop")
    return made


@pytest.fixture
def as_(broker_url, tally, monkeypatch):
    """Run a command with the token of somebody."""

    def run(token, *words):
        monkeypatch.setenv("PACT_BROKER_BASE_URL", broker_url)
        monkeypatch.setenv("PACT_BROKER_TOKEN", token)
        return tally(*words)

    return run


@pytest.fixture
def ada(world):
    return world.token("administrator", name="ada")


@pytest.fixture
def broker_url(ada, broker_url):  # noqa: ARG001 - the broker starts once there are accounts
    return broker_url


def test_an_administrator_makes_a_team_with_a_service_account_and_its_token(as_, ada):
    made = as_(ada, "teams", "create", "orders", "--description", "Parcels", "--own", "Orders")
    service = as_(ada, "teams", "members", "orders", "orders-ci", "publisher", "--service")
    token = as_(ada, "tokens", "create", "ci", "--account", "orders-ci", "--scope", "publish", "--days", "30")
    who = as_(token.out.strip(), "whoami")

    assert made.out == "Created the team orders.\norders owns Orders.\n"
    assert "tally tokens create ci --account orders-ci" in service.out
    assert (token.out.count("\n"), token.out.startswith("tallys_")) == (1, True)
    assert who.out.splitlines()[:2] == ["Name: orders-ci", "Kind: service of orders"]
    assert "May: publish (orders), read" in who.out
    assert "Roles: publisher@orders" in who.out


def test_teams_and_their_members_are_listed(as_, ada):
    as_(ada, "teams", "members", "payments", "ada", "team-administrator")

    teams = as_(ada, "teams", "list").out.splitlines()
    members = as_(ada, "teams", "members", "payments").out.splitlines()
    document = json.loads(as_(ada, "teams", "members", "payments", "-o", "json").out)

    assert teams[1].split() == ["payments", "1", "1"]
    assert members[1].split() == ["ada", "person", "team-administrator", "enabled"]
    assert document["_embedded"]["pacticipants"][0]["name"] == "Shop"


def test_roles_in_the_team_have_one_form_for_people_and_service_accounts(as_, ada):
    as_(ada, "teams", "members", "payments", "ada", "publisher")
    as_(ada, "teams", "members", "payments", "pay-ci", "publisher", "--service")
    as_(ada, "users", "roles", "pay-ci", "publisher@payments", "reader")

    members = as_(ada, "teams", "members", "payments").out.splitlines()

    assert [line.split()[:-1] for line in members[1:]] == [
        ["ada", "person", "publisher"],
        ["pay-ci", "service", "reader@everywhere,", "publisher"],
    ]


def test_a_role_that_there_is_not_is_named_without_other_advice(as_, ada):
    refused = as_(ada, "teams", "members", "payments", "ada", "nonsense")
    without = as_(ada, "teams", "members", "payments", "ada")

    assert "must be one of: reader, publisher" in refused.err
    assert "must have a role" not in refused.err
    assert "DELETE" not in refused.err
    assert "--remove" in without.err


def test_a_protected_environment_that_lists_nobody_says_so(as_, ada):
    as_(ada, "create-environment", "--name", "live", "--protected")
    as_(ada, "create-environment", "--name", "test")

    live = as_(ada, "describe-environment", "--name", "live").out
    test = as_(ada, "describe-environment", "--name", "test").out

    assert "Deployers: none: nobody but administrators\n" in live
    assert "nobody" not in test


def test_what_a_team_owns_changes(as_, ada):
    given = as_(ada, "teams", "own", "payments", "Bank", "Cash")
    taken = as_(ada, "teams", "disown", "payments", "Bank")
    again = as_(ada, "teams", "disown", "payments", "Bank")

    assert given.out == "payments owns Bank.\npayments owns Cash.\n"
    assert taken.out == "payments does not own Bank any more.\n"
    assert (again.code, again.err) == (2, "Error: The team payments does not own Bank.\n")


def test_a_person_is_created_with_roles_and_a_link(as_, ada):
    made = as_(ada, "users", "create", "bob", "--role", "reader", "--role", "publisher@payments")
    listed = as_(ada, "users", "list").out.splitlines()
    shown = as_(ada, "users", "show", "bob").out

    assert made.out.startswith("Created the account bob.\nSend this link")
    assert "/log-in/link?code=" in made.out
    assert listed[2].split()[:2] == ["bob", "person"]
    assert "Roles: reader, publisher@payments" in shown


@pytest.mark.parametrize("command", [("create", "eve", "--role"), ("roles", "bob")])
def test_a_role_with_an_empty_team_is_not_one_everywhere(as_, ada, world, command):
    world.token("reader", name="bob")

    refused = as_(ada, "users", *command, "publisher@")

    assert refused.code == 2
    assert refused.err == "Error: 'publisher@' names no team after the @. (A variable that is empty?)\n"
    assert "Roles: reader" in as_(ada, "users", "show", "bob").out


def test_a_password_comes_from_standard_input(as_, ada, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("a green bicycle in the rain\n"))

    made = as_(ada, "users", "create", "bob", "--password-stdin")

    assert made.out == "Created the account bob.\n"


def test_an_account_is_disabled_enabled_changed_and_deleted(as_, ada, world):
    bob = world.token("reader", name="bob")

    disabled = as_(ada, "users", "disable", "bob")
    refused = as_(bob, "whoami")
    enabled = as_(ada, "users", "enable", "bob")
    roles = as_(ada, "users", "roles", "bob", "deployer@payments")
    none = as_(ada, "users", "roles", "bob", "--none")
    deleted = as_(ada, "users", "delete", "bob")

    assert (disabled.out, enabled.out) == ("Disabled bob.\n", "Enabled bob.\n")
    assert refused.code == 2
    assert (roles.out, none.out) == ("bob: deployer@payments\n", "bob: no roles\n")
    assert deleted.out == "Deleted the account bob.\n"
    assert as_(ada, "users", "show", "bob").err == (
        "Error: There is no account 'bob'. (All of them: tally users list)\n"
    )


def test_tokens_are_listed_and_revoked_by_name_or_prefix(as_, ada):
    made = json.loads(as_(ada, "tokens", "create", "laptop", "-o", "json").out)
    as_(ada, "tokens", "create", "twice")
    as_(ada, "tokens", "create", "twice")

    listed = as_(ada, "tokens", "list").out
    by_name = as_(ada, "tokens", "revoke", "laptop")
    unclear = as_(ada, "tokens", "revoke", "twice")
    unknown = as_(ada, "tokens", "revoke", "laptop")

    assert made["prefix"] in listed
    assert made["token"] not in listed
    assert by_name.out == f"Revoked laptop ({made['prefix']}).\n"
    assert "'twice' are 2 tokens" in unclear.err
    assert "There is no valid token 'laptop' of you" in unknown.err
    assert as_(made["token"], "whoami").code == 2


def test_a_refusal_says_what_is_lacking(as_, world):
    reader = world.token("reader", name="rob")

    refused = as_(reader, "teams", "create", "mine")
    scope = as_(reader, "tokens", "create", "x", "--scope", "deploy")

    assert (refused.code, "the permission 'accounts'" in refused.err) == (2, True)
    assert "scopes: cannot have 'deploy': rob may not do that" in scope.err


def test_commands_say_what_a_broker_without_accounts_needs(tally, database, monkeypatch):
    from support.app_server import app_serving  # noqa: PLC0415 - another broker than that of the fixtures

    from broker.app import create_app  # noqa: PLC0415 - ditto
    from broker.settings.settings import Settings  # noqa: PLC0415 - ditto

    with app_serving(create_app(Settings(), database)) as url:
        monkeypatch.setenv("PACT_BROKER_BASE_URL", url)
        for words in (("users", "list"), ("teams", "list"), ("tokens", "list"), ("whoami",)):
            run = tally(*words)
            assert (run.code, "tally users create --admin NAME" in run.err) == (2, True), words
