"""Tokens: shown once, limited, listed by how they begin, revoked."""

from datetime import timedelta

import pytest
from support.account_api import Api
from support.accounts import bearer

from broker.domain.accounts.tokens import TokenKind, token_kind


def tokens(api, token, path="/tokens"):
    return api.ok("GET", path, token)["_embedded"]["tokens"]


def test_a_personal_token_is_shown_once_and_works(api, reader, database):
    made = api("POST", "/tokens", reader, {"name": "laptop"})
    text = made.json["token"]

    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    assert token_kind(text) is TokenKind.PERSONAL
    assert made.json["expiresAt"] == "2026-08-30T12:00:00+00:00"  # 90 days after noon
    assert api.ok("GET", "/me", text)["name"] == "rob"
    listed = tokens(api, reader)
    assert listed[0]["name"] == "laptop"
    assert text.startswith(listed[0]["prefix"])
    assert text not in str(listed)
    with database.connection() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM tokens").all())
        kept += str(connection.exec_driver_sql("SELECT * FROM audit_entries").all())
    assert text not in kept


def test_an_answer_with_a_token_is_not_kept_for_a_repeated_request(api, reader, database):
    headers = {**bearer(reader), "Idempotency-Key": "one"}

    first = api.client.post("/tokens", json={"name": "laptop"}, headers=headers)
    again = api.client.post("/tokens", json={"name": "laptop"}, headers=headers)

    assert first.json["token"]
    assert (again.status_code, "token" in again.json) == (201, False)
    assert "shown once" in again.json["notices"][0]["text"]
    assert len(tokens(api, reader)) == 2
    with database.connection() as connection:
        kept = connection.exec_driver_sql("SELECT body FROM idempotency_keys").all()
    assert len(kept) == 1


@pytest.mark.parametrize("days", [1, 365])
def test_a_token_lives_as_long_as_asked(api, reader, clock, days):
    text = api.ok("POST", "/tokens", reader, {"name": "x", "expiresInDays": days})["token"]

    clock.now += timedelta(days=days) - timedelta(seconds=1)
    last = api("GET", "/me", text).status_code
    clock.now += timedelta(seconds=1)

    refused = api("GET", "/me", text)
    assert (last, refused.status_code) == (200, 401)
    assert refused.json["error"] == "This broker has no such token, or it has expired or was revoked"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, {"name": ["is missing"]}),
        ({"name": "x", "expiresInDays": 0}, {"expiresInDays": ["must be greater than or equal to 1"]}),
        ({"name": "x", "expiresInDays": 366}, {"expiresInDays": ["must be less than or equal to 365"]}),
        ({"name": "x", "expiresInDays": True}, {"expiresInDays": ["must be an integer"]}),
        ({"name": "x", "scope": ["read"]}, {"scope": ["is no field (did you mean 'scopes'?)"]}),
        (
            {"name": "x", "scopes": ["read"] * 10_000},
            {"scopes": ["cannot have more than 11 items (it has 10000)"]},
        ),
        ({"name": "x", "scopes": ["deploy"]}, {"scopes": ["cannot have 'deploy': rob may not do that"]}),
        (
            {"name": "x", "pacticipants": []},
            {"pacticipants": ["must have an item at least: leave it out for all"]},
        ),
        (
            {"name": "x", "environments": ["prod"]},
            {"environments": ["has 'prod', which is no environment (did you mean 'production'?)"]},
        ),
        ({"name": "x\n"}, {"name": ["cannot contain multiple lines"]}),
    ],
)
def test_a_bad_token_is_refused_with_its_field(api, reader, body, problem):
    status, problems = api.error("POST", "/tokens", reader, body)

    assert (status, problems) == (400, problem)


def test_a_scope_that_there_is_not_is_named(api, reader):
    status, problems = api.error("POST", "/tokens", reader, {"name": "x", "scopes": ["reed"]})

    assert status == 400
    assert problems["scopes"][0].startswith("must be one of: accounts, administer, delete")


def test_a_token_made_with_a_limited_one_is_limited_as_well(api, world):
    world.person("pat", "publisher", team="payments")
    limited = world.token_of("pat", scopes=["read", "publish"], pacticipants=["Shop"])

    made = api.ok("POST", "/tokens", limited, {"name": "less", "scopes": ["read"]})
    same = api.ok("POST", "/tokens", limited, {"name": "same"})

    assert (made["scopes"], made["pacticipants"]) == (["read"], ["Shop"])
    assert (same["scopes"], same["pacticipants"]) == (["publish", "read"], ["Shop"])
    assert api.error("POST", "/tokens", limited, {"name": "more", "scopes": ["verify"]}) == (
        400,
        {"scopes": ["cannot have 'verify': your own token does not"]},
    )
    assert api.error("POST", "/tokens", limited, {"name": "more", "pacticipants": ["Bank"]}) == (
        400,
        {"pacticipants": ["cannot have 'Bank': your own token does not"]},
    )


def test_a_personal_token_expires_not_after_the_one_that_it_is_made_with(api, world, clock):
    world.person("pat", "publisher", team="payments")
    short = world.token_of("pat", days=7)  # made an hour ago

    made = api.ok("POST", "/tokens", short, {"name": "usual"})
    day = api.ok("POST", "/tokens", short, {"name": "day", "expiresInDays": 6})
    status, problems = api.error("POST", "/tokens", short, {"name": "year", "expiresInDays": 365})
    as_password = api.client.post("/tokens", json={"name": "x", "expiresInDays": 7}, auth=("pat", short))

    assert made["expiresAt"] == "2026-06-08T11:00:00+00:00"
    assert day["expiresAt"] == "2026-06-07T12:00:00+00:00"
    assert status == 400
    assert problems["expiresInDays"][0].startswith(
        "cannot be 365: your own token expires at 2026-06-08 11:00 UTC"
    )
    assert as_password.status_code == 400
    clock.now += timedelta(days=7)
    assert api("GET", "/me", made["token"]).status_code == 401


def test_who_manages_a_service_account_gives_it_a_token_that_outlives_theirs(api, world, administrator):  # noqa: ARG001 - ditto
    world.person("lea", "team-administrator", team="payments")
    world.service("shop-ci", "publisher", team="payments")
    short = world.token_of("lea", days=7)

    made = api.ok("POST", "/accounts/shop-ci/tokens", short, {"name": "ci", "expiresInDays": 365})
    own = api.error("POST", "/accounts/lea/tokens", short, {"name": "mine", "expiresInDays": 365})

    assert made["expiresAt"] == "2027-06-01T12:00:00+00:00"
    assert own[0] == 400


def test_an_account_has_a_hundred_tokens_at_most(api, world, administrator):
    for _ in range(99):
        world.token_of("ada")

    status, problems = api.error("POST", "/tokens", administrator, {"name": "one more"})
    api("DELETE", tokens(api, administrator)[0]["_links"]["self"]["href"], administrator)

    assert (status, "revoke one" in problems["account"][0]) == (422, True)
    assert api("POST", "/tokens", administrator, {"name": "one more"}).status_code == 201


def test_a_revoked_token_works_no_more_and_may_be_revoked_again(api, reader, administrator):
    made = api.ok("POST", "/tokens", reader, {"name": "laptop"})
    path = f"/tokens/{made['uuid']}"
    before = api("GET", "/me", made["token"]).status_code

    assert api("DELETE", path, reader).status_code == 204
    assert (before, api("GET", "/me", made["token"]).status_code) == (200, 401)
    assert api("DELETE", path, administrator).status_code == 204
    assert "revokedAt" in api.ok("GET", path, reader)


def test_a_revoked_token_works_no_more_at_once_also_for_a_request_with_a_key(api, reader):
    made = api.ok("POST", "/tokens", reader, {"name": "laptop"})
    assert api("GET", "/me", made["token"]).status_code == 200

    headers = {**bearer(reader), "Idempotency-Key": "revoke"}
    api.client.delete(f"/tokens/{made['uuid']}", headers=headers)

    assert api("GET", "/me", made["token"]).status_code == 401


def test_tokens_of_others_are_not_there(api, reader, lead):
    made = api.ok("POST", "/tokens", reader, {"name": "laptop"})

    assert api("GET", f"/tokens/{made['uuid']}", lead).status_code == 404
    assert api("DELETE", f"/tokens/{made['uuid']}", lead).status_code == 404
    assert api("GET", "/me", made["token"]).status_code == 200


def test_an_administrator_of_a_team_makes_tokens_for_its_service_accounts(api, lead, reader):
    api.ok("POST", "/teams/payments/accounts", lead, {"name": "shop-ci"})

    made = api.ok("POST", "/accounts/shop-ci/tokens", lead, {"name": "ci", "scopes": ["publish"]})

    assert token_kind(made["token"]) is TokenKind.SERVICE
    assert made["scopes"] == ["publish", "read"]
    assert api.ok("GET", "/me", made["token"])["may"] == {"publish": ["payments"], "read": "all"}
    assert [each["name"] for each in tokens(api, lead, "/accounts/shop-ci/tokens")] == ["ci"]
    assert api("GET", "/accounts/shop-ci/tokens", reader).status_code == 403
    assert api("POST", "/accounts/shop-ci/tokens", reader, {"name": "x"}).status_code == 403


def test_a_service_account_that_may_more_is_out_of_reach_of_its_team(api, lead, administrator):
    api.ok("POST", "/teams/payments/accounts", lead, {"name": "shop-ci"})
    roles = [{"role": "publisher", "team": "payments"}, {"role": "publisher", "team": "orders"}]
    api.ok("PUT", "/accounts/shop-ci/roles", administrator, {"roles": roles})

    status, sentence = api.error("POST", "/accounts/shop-ci/tokens", lead, {"name": "ci"})

    assert (status, "which may do more" in sentence) == (403, True)
    assert api("POST", "/accounts/shop-ci/tokens", administrator, {"name": "ci"}).status_code == 201


def test_nobody_makes_tokens_for_a_person_and_no_service_makes_its_own(api, administrator, reader, world):  # noqa: ARG001 - who rob is
    world.service("ci", "publisher", team="payments")
    of_service = world.token_of("ci")

    assert api("POST", "/accounts/rob/tokens", administrator, {"name": "x"}).status_code == 403
    assert api("POST", "/tokens", of_service, {"name": "x"}).status_code == 403
    assert api("POST", "/accounts/ci/tokens", of_service, {"name": "x"}).status_code == 403
    assert [each["account"] for each in tokens(api, of_service)] == ["ci"]


def test_a_user_of_the_settings_has_no_tokens(world, database, administrator):  # noqa: ARG001 - there are accounts
    from broker.app import create_app  # noqa: PLC0415 - an application with other settings
    from broker.settings.settings import Settings  # noqa: PLC0415 - ditto

    settings = Settings(api_tokens=("old:write:0123456789abcdef",))
    api = Api(lambda: create_app(settings, database).test_client())

    status, sentence = api.error("GET", "/tokens", "0123456789abcdef")

    assert (status, "settings:old has no account" in sentence) == (403, True)
    assert api("POST", "/tokens", "0123456789abcdef", {"name": "x"}).status_code == 403
    assert api.ok("GET", "/me", "0123456789abcdef")["name"] == "settings:old"


def test_a_token_with_scopes_ends_itself_and_no_other_one(api, administrator):
    other = api.ok("POST", "/tokens", administrator, {"name": "other"})
    narrow = api.ok("POST", "/tokens", administrator, {"name": "narrow", "scopes": ["publish"]})

    status, error = api.error("DELETE", f"/tokens/{other['uuid']}", narrow["token"])

    assert (status, error.partition(":")[0]) == (403, "ada may not revoke other tokens with this one")
    assert api.ok("GET", "/me", other["token"])["name"] == "ada"
    assert api("DELETE", f"/tokens/{narrow['uuid']}", narrow["token"]).status_code == 204
    assert api("GET", "/me", narrow["token"]).status_code == 401


def test_a_token_with_scopes_does_not_describe_its_account(api, administrator):
    narrow = api.ok("POST", "/tokens", administrator, {"name": "narrow", "scopes": ["publish"]})["token"]

    status, _ = api.error("PATCH", "/accounts/ada", narrow, {"email": "somebody@example.org"})

    assert status == 403
    assert "email" not in api.ok("GET", "/accounts/ada", administrator)
