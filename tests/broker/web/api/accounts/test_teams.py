"""Teams: what they own, and what must go before them."""

import pytest
from support.accounts import bearer


def owned(api, token, team):
    return [each["name"] for each in api.ok("GET", f"/teams/{team}", token)["_embedded"]["pacticipants"]]


def test_an_administrator_adds_and_describes_a_team(api, administrator):
    api.ok("POST", "/teams", administrator, {"name": "Shipping", "description": "Parcels"})

    changed = api.ok("PATCH", "/teams/shipping", administrator, {"name": "Parcels", "description": ""})

    assert (changed["name"], "description" in changed) == ("Parcels", False)
    assert api("GET", "/teams/shipping", administrator).status_code == 404
    assert [each["name"] for each in api.ok("GET", "/teams", administrator)["_embedded"]["teams"]] == [
        "orders",
        "Parcels",
        "payments",
    ]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": "PAYMENTS"}, 422, "name"),
        ({"name": "p\u0430yments"}, 422, "name"),
        ({"name": "a:b"}, 400, "name"),
        ({"name": "x", "descripton": "y"}, 400, "descripton"),
        ({}, 400, "name"),
    ],
)
def test_a_bad_team_is_refused_with_its_field(api, administrator, body, status, field):
    found, problems = api.error("POST", "/teams", administrator, body)

    assert (found, list(problems)) == (status, [field])


def test_an_administrator_of_a_team_describes_it_but_gives_it_no_other_name(api, lead):
    assert api.ok("PATCH", "/teams/payments", lead, {"description": "Money"})["description"] == "Money"
    assert api("PATCH", "/teams/payments", lead, {"name": "money"}).status_code == 403
    assert api("PATCH", "/teams/orders", lead, {"description": "x"}).status_code == 403
    assert api("POST", "/teams", lead, {"name": "mine"}).status_code == 403
    assert api("DELETE", "/teams/payments", lead).status_code == 403


def test_who_publishes_for_a_team_creates_what_it_will_own(api, world, administrator):
    publisher = world.token("publisher", team="payments")

    assert api("PUT", "/teams/payments/pacticipants/Bank", publisher).status_code == 201
    assert api("PUT", "/teams/payments/pacticipants/Bank", publisher).status_code == 403
    assert owned(api, administrator, "payments") == ["Bank", "Shop"]


def test_nobody_takes_what_is_of_another_team_or_of_none(api, lead, administrator):
    api.ok("POST", "/pacticipants", administrator, {"name": "Legacy"})

    for pacticipant in ("Orders", "Legacy"):
        assert api("PUT", f"/teams/payments/pacticipants/{pacticipant}", lead).status_code == 403
    assert api("DELETE", "/teams/orders/pacticipants/Orders", lead).status_code == 403
    api.ok("PUT", "/teams/payments/pacticipants/Legacy", administrator)
    assert owned(api, lead, "payments") == ["Legacy", "Shop"]


def test_a_team_shares_what_it_owns_and_lets_it_go(api, lead):
    assert api("PUT", "/teams/orders/pacticipants/Shop", lead).status_code == 201
    assert owned(api, lead, "orders") == ["Orders", "Shop"]

    assert api("DELETE", "/teams/payments/pacticipants/Shop", lead).status_code == 204
    assert api("DELETE", "/teams/payments/pacticipants/Shop", lead).status_code == 404
    assert owned(api, lead, "orders") == ["Orders", "Shop"]


def test_a_pacticipant_that_goes_leaves_its_team(api, administrator):
    assert api("DELETE", "/pacticipants/Shop", administrator).status_code == 204

    assert owned(api, administrator, "payments") == []


def test_a_team_adds_and_removes_service_accounts(api, lead, administrator):
    made = api.ok("POST", "/teams/payments/accounts", lead, {"name": "shop-ci"})
    other = api.ok("POST", "/teams/payments/accounts", lead, {"name": "shop-cd", "roles": ["deployer"]})

    assert (made["kind"], made["team"], made["roles"]) == (
        "service",
        "payments",
        [{"role": "publisher", "team": "payments"}],
    )
    assert other["roles"] == [{"role": "deployer", "team": "payments"}]
    assert api("PATCH", "/accounts/shop-ci", lead, {"disabled": True}).status_code == 200
    assert api("POST", "/teams/orders/accounts", lead, {"name": "x"}).status_code == 403
    assert (
        api("PUT", "/teams/orders/members/shop-ci", administrator, {"roles": ["reader"]}).status_code == 422
    )
    assert api("DELETE", "/accounts/shop-ci", lead).status_code == 204
    assert api("GET", "/accounts/shop-ci", lead).status_code == 404


def test_a_team_that_still_has_something_stays(api, lead, administrator):
    api.ok("POST", "/teams/payments/accounts", lead, {"name": "shop-ci"})

    assert api.error("DELETE", "/teams/payments", administrator) == (
        422,
        {"team": ["'payments' still has the service accounts shop-ci: remove them first"]},
    )


def test_a_team_that_goes_leaves_its_members_and_pacticipants(api, lead, administrator):
    assert api("DELETE", "/teams/payments", administrator).status_code == 204

    assert api("GET", "/teams/payments", administrator).status_code == 404
    assert api.ok("GET", "/accounts/lea", administrator)["roles"] == []
    assert api("GET", "/pacticipants/Shop", administrator).status_code == 200
    assert api("PUT", "/teams/orders/pacticipants/Shop", lead).status_code == 403


def test_a_mistyped_team_is_named(api, administrator):
    assert api.error("GET", "/teams/paymets", administrator) == (
        404,
        "No team with name 'paymets' found (did you mean 'payments'?)",
    )


def test_teams_are_for_who_is_known(administrator, database, clock):
    from broker.app import create_app  # noqa: PLC0415 - an application with other settings
    from broker.settings.settings import Settings  # noqa: PLC0415 - ditto

    public = create_app(Settings(allow_public_read=True), database, clock=clock).test_client()

    assert public.get("/pacticipants").status_code == 200
    for path in ("/teams", "/teams/payments", "/accounts", "/tokens"):
        assert public.get(path).status_code == 401, path
        assert public.get(path, headers=bearer(administrator)).status_code == 200, path
