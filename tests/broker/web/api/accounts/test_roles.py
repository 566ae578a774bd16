"""Roles: nobody gives more than they have."""

import pytest


def test_an_administrator_gives_any_role(api, administrator, world):
    world.person("ann")
    wanted = [{"role": "deployer"}, {"role": "publisher", "team": "payments"}]

    given = api.ok("PUT", "/accounts/ann/roles", administrator, {"roles": wanted})

    assert given["roles"] == wanted
    members = api.ok("GET", "/teams/payments", administrator)["_embedded"]["members"]
    assert [(each["name"], each["roles"]) for each in members] == [("ann", ["publisher"])]


def test_who_has_no_role_in_a_team_any_more_is_no_member(api, administrator, world):
    world.person("ann", "publisher", team="payments")

    api.ok("PUT", "/accounts/ann/roles", administrator, {"roles": [{"role": "reader"}]})

    assert api.ok("GET", "/teams/payments", administrator)["_embedded"]["members"] == []


@pytest.mark.parametrize("role", ["reader", "publisher", "deployer", "team-administrator"])
def test_an_administrator_of_a_team_gives_roles_there(api, lead, world, role):
    world.person("ann", "reader")

    given = api.ok("PUT", "/teams/payments/members/ann", lead, {"roles": [role]})

    assert given["roles"] == [{"role": "reader"}, {"role": role, "team": "payments"}]


def test_an_administrator_of_a_team_gives_no_role_elsewhere(api, lead, world):
    world.person("ann", "publisher", team="orders")
    theirs = {"role": "publisher", "team": "orders"}

    for path, roles in (
        ("/teams/payments/members/ann", ["administrator"]),
        ("/teams/orders/members/ann", ["publisher"]),
        ("/accounts/ann/roles", [theirs, {"role": "reader"}]),
        ("/accounts/ann/roles", [theirs, {"role": "administrator"}]),
        ("/accounts/ann/roles", [{"role": "publisher", "team": "payments"}]),
        ("/accounts/lea/roles", [{"role": "administrator"}]),
    ):
        assert api("PUT", path, lead, {"roles": roles}).status_code in {400, 403}, (path, roles)
    assert api("DELETE", "/teams/orders/members/ann", lead).status_code == 403
    assert api.ok("GET", "/accounts/ann", lead)["roles"] == [theirs]


def test_a_limited_token_gives_no_more_than_it_has(api, world, administrator):  # noqa: ARG001 - ada is hers
    world.person("ann", "reader")
    limited = world.token_of("ada", scopes=["accounts", "manage-team", "read"])
    for_one = world.token_of("ada", pacticipants=["Shop"])

    for token in (limited, for_one):
        body = {"roles": [{"role": "reader"}, {"role": "publisher", "team": "payments"}]}
        assert api("PUT", "/accounts/ann/roles", token, body).status_code == 403
    assert api("PATCH", "/accounts/ada", limited, {"password": "a green bicycle"}).status_code == 403


def test_who_only_reads_gives_nothing(api, reader, world):
    world.person("ann", "reader")

    for method, path, body in (
        ("PUT", "/accounts/ann/roles", {"roles": []}),
        ("PUT", "/teams/payments/members/ann", {"roles": ["reader"]}),
        ("DELETE", "/teams/payments/members/ann", None),
    ):
        assert api(method, path, reader, body).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("/teams/payments/members/rob", {"roles": []}, "roles"),
        ("/teams/payments/members/rob", {"roles": ["king"]}, "roles"),
        ("/teams/payments/members/rob", {"role": "reader"}, "role"),
        ("/accounts/rob/roles", {}, "roles"),
        ("/accounts/rob/roles", {"roles": [{"role": "reader", "tea": "x"}]}, "roles"),
        ("/accounts/rob/roles", {"roles": [{"role": "reader"}] * 201}, "roles"),
    ],
)
def test_bad_roles_are_refused_with_their_field(api, administrator, reader, path, body, problem):  # noqa: ARG001 - who rob is
    status, problems = api.error("PUT", path, administrator, body)

    assert (status, problem in problems) == (400, True)


def test_a_member_is_removed_once(api, lead, world):
    world.person("ann", "reader")
    api.ok("PUT", "/teams/payments/members/ann", lead, {"roles": ["publisher", "deployer"]})

    assert api("DELETE", "/teams/payments/members/ann", lead).status_code == 204
    assert api("DELETE", "/teams/payments/members/ann", lead).status_code == 404
    assert api.ok("GET", "/accounts/ann", lead)["roles"] == [{"role": "reader"}]


def test_a_team_gives_no_role_to_a_service_account_of_another_team(api, lead, world):
    world.service("orders-ci", "publisher", team="orders")
    world.person("oda", "team-administrator", team="orders")
    roles = [{"role": "publisher", "team": "orders"}, {"role": "publisher", "team": "payments"}]

    status, problems = api.error("PUT", "/accounts/orders-ci/roles", lead, {"roles": roles})

    assert (status, problems) == (
        422,
        {"roles": ["are for a service account of orders: create one of your own team"]},
    )
    # Otherwise its own team could not even disable it, as it had more than they have.
    assert api("PATCH", "/accounts/orders-ci", world.token_of("oda"), {"disabled": True}).status_code == 200
