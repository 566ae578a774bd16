"""Who asks, and what they may do."""


def test_who_is_an_administrator_may_do_everything(api, administrator):
    me = api.ok("GET", "/me", administrator)

    assert (me["name"], me["kind"], me["roles"], me["teams"]) == ("ada", "person", ["administrator"], [])
    assert set(me["may"].values()) == {"all"}
    assert administrator.startswith(me["via"])
    assert len(me["via"]) == 15


def test_what_somebody_may_follows_from_roles_in_teams(api, world):
    world.token("publisher", team="payments", name="pat")
    token = world.token("deployer", team="orders", name="pat")

    me = api.ok("GET", "/me", token)

    assert me["teams"] == [
        {"name": "orders", "roles": ["deployer"]},
        {"name": "payments", "roles": ["publisher"]},
    ]
    assert me["may"] == {
        "deploy": ["orders", "payments"],
        "publish": ["payments"],
        "read": "all",
        "verify": ["payments"],
    }


def test_what_a_token_takes_away_is_told(api, world):
    world.person("pat", "publisher", team="payments")
    token = world.token_of("pat", scopes=["publish"], pacticipants=["Shop"])

    me = api.ok("GET", "/me", token)

    assert (me["scopes"], me["pacticipants"], "environments" in me) == (["publish"], ["Shop"], False)
    assert me["may"] == {"publish": ["payments"]}


def test_without_accounts_there_is_nobody_to_tell_of(api):
    assert api("GET", "/me").status_code == 403
