"""Accounts: who may make and change them, and which names they cannot have."""

import pytest

PASSWORD = "a green bicycle in the rain"


def test_an_administrator_adds_a_person_who_reads(api, administrator):
    made = api.ok(
        "POST", "/accounts", administrator, {"name": "ann", "displayName": "Ann", "email": "ann@example.org"}
    )

    assert {key: made[key] for key in ("name", "kind", "displayName", "email", "disabled", "roles")} == {
        "name": "ann",
        "kind": "person",
        "displayName": "Ann",
        "email": "ann@example.org",
        "disabled": False,
        "roles": [{"role": "reader"}],
    }
    assert api.ok("GET", "/accounts/ANN", administrator)["uuid"] == made["uuid"]


def test_others_see_who_there_is_but_no_addresses(api, administrator, reader):
    api.ok("POST", "/accounts", administrator, {"name": "ann", "email": "ann@example.org"})

    seen = api.ok("GET", "/accounts", reader)["_embedded"]["accounts"]

    assert [(each["name"], each.get("email")) for each in seen] == [
        ("ada", None),
        ("ann", None),
        ("rob", None),
    ]
    assert api.ok("GET", "/accounts/ann", administrator)["email"] == "ann@example.org"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, {"name": ["is missing"]}),
        ({"name": "x" * 65}, {"name": ["cannot be longer than 64 characters (it has 65)"]}),
        (
            {"name": "a\u200bnn"},
            {"name": ["cannot contain a tab, a line feed or a character that nobody sees"]},
        ),
        ({"name": "settings:ci"}, {"name": ["cannot contain ':', which ends a user name in HTTP"]}),
        ({"name": "Nobody"}, {"name": ["cannot be 'Nobody', which has a meaning of its own"]}),
        ({"name": " ann"}, {"name": ["cannot begin or end with a space, or have two in a row"]}),
        ({"name": "a/b"}, {"name": ["cannot contain '/', '\\', '?', '#' or '%'"]}),
        ({"name": "..."}, {"name": ["must have a letter or a digit"]}),
        ({"name": "ann", "emial": "x"}, {"emial": ["is no field (did you mean 'email'?)"]}),
        ({"name": "ann", "email": "ann"}, {"email": ["must be an address such as ann@example.org"]}),
        (
            {"name": "ann", "roles": [{"role": "publisher", "team": "paymants"}]},
            {"roles": ["there is no team 'paymants' (did you mean 'payments'?)"]},
        ),
        (
            {"name": "ann", "roles": [{"role": "administrator", "team": "payments"}]},
            {"roles": ["'administrator' is a role everywhere: leave out the team"]},
        ),
        (
            {"name": "ann", "roles": [{"role": "team-administrator"}]},
            {"roles": ["'team-administrator' is a role in a team: name the team"]},
        ),
    ],
)
def test_a_bad_account_is_refused_with_its_field(api, administrator, body, problem):
    assert api.error("POST", "/accounts", administrator, body) == (400, problem)


def test_a_password_that_would_be_guessed_is_refused(api, administrator):
    status, problem = api.error("POST", "/accounts", administrator, {"name": "ann", "password": "short"})

    assert (status, list(problem)) == (400, ["password"])
    assert "short" not in str(problem["password"])


@pytest.mark.parametrize(
    "alike", ["ADA", "\uff41da", "\u0430d\u0430", "ad\u03b1"], ids=["case", "wide", "Cyrillic", "Greek"]
)
def test_a_name_that_looks_like_another_is_taken(api, administrator, alike):
    assert api.error("POST", "/accounts", administrator, {"name": alike}) == (
        422,
        {"name": ["is taken, or looks like that of an account: 'ada'"]},
    )


def test_a_look_alike_finds_nobody(api, administrator):
    assert api("GET", "/accounts/\u0430d\u0430", administrator).status_code == 404


def test_people_describe_themselves_and_nobody_else(api, administrator, reader):
    assert api.ok("PATCH", "/accounts/rob", reader, {"displayName": "Robert"})["displayName"] == "Robert"

    for body in ({"disabled": False}, {"password": PASSWORD}):
        assert api("PATCH", "/accounts/rob", reader, body).status_code == 403
    assert api("PATCH", "/accounts/ada", reader, {"displayName": "x"}).status_code == 403
    assert api.error("PATCH", "/accounts/rob", reader, {}) == (
        400,
        {"body": ["changes nothing: name a field"]},
    )
    assert api.ok("GET", "/accounts/rob", administrator)["displayName"] == "Robert"


def test_an_administrator_of_a_team_cannot_take_an_account_over(api, world, lead):
    world.person("ann", "publisher", team="payments")

    for method, path, body in (
        ("PATCH", "/accounts/ann", {"password": PASSWORD}),
        ("PATCH", "/accounts/ann", {"disabled": True}),
        ("POST", "/accounts/ann/log-in-link", None),
        ("POST", "/accounts/ann/tokens", {"name": "x"}),
        ("GET", "/accounts/ann/tokens", None),
        ("DELETE", "/accounts/ann", None),
        ("POST", "/accounts", {"name": "eve"}),
    ):
        assert api(method, path, lead, body).status_code == 403, (method, path)


def test_a_disabled_account_is_nobody_until_it_is_enabled(api, administrator, reader):
    api.ok("PATCH", "/accounts/rob", administrator, {"disabled": True})
    refused = api("GET", "/me", reader).status_code
    api.ok("PATCH", "/accounts/rob", administrator, {"disabled": False})

    assert refused == 401
    assert api.ok("GET", "/me", reader)["name"] == "rob"


def test_a_log_in_link_is_shown_once_and_kept_as_a_hash(api, administrator, world, reader, database):  # noqa: ARG001 - who rob is
    made = api("POST", "/accounts/rob/log-in-link", administrator)

    assert made.headers["Cache-Control"] == "no-store"
    assert made.json["link"].endswith(f"/log-in/link?code={made.json['code']}")
    with database.connection() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM log_in_links").all())
    assert made.json["code"] not in kept


def test_a_service_account_neither_logs_in_nor_has_a_password(api, administrator, world):
    world.service("ci", "publisher", team="payments")

    assert api.error("POST", "/accounts/ci/log-in-link", administrator)[0] == 422
    assert api.error("PATCH", "/accounts/ci", administrator, {"password": PASSWORD}) == (
        422,
        {"password": ["is for people: a service account has tokens"]},
    )


def test_the_last_administrator_stays(api, administrator, world):
    world.service("robot", "administrator")
    last = "the last administrator who can log in. Make somebody else one first"

    for method, path, body in (
        ("PATCH", "/accounts/ada", {"disabled": True}),
        ("PUT", "/accounts/ada/roles", {"roles": []}),
        ("DELETE", "/accounts/ada", None),
    ):
        status, problem = api.error(method, path, administrator, body)
        assert (status, last in str(problem)) == (422, True), (method, path)
    world.person("bob", "administrator")
    assert api.ok("PUT", "/accounts/ada/roles", administrator, {"roles": []})["roles"] == []


def test_a_broker_without_accounts_says_how_to_make_one(api):
    status, sentence = api.error("GET", "/accounts")

    assert status == 403
    assert "tally users create --admin NAME" in sentence
    assert "tally:accounts" not in api.ok("GET", "/")["_links"]


def test_the_index_leads_to_accounts_once_there_are_some(api, administrator):
    links = api.ok("GET", "/", administrator)["_links"]

    assert {
        "tally:me",
        "tally:accounts",
        "tally:account",
        "tally:teams",
        "tally:team",
        "tally:tokens",
    } <= set(links)
