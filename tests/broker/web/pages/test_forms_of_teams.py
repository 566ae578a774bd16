"""What the forms of environments, webhooks and secrets have once there are accounts."""

import pytest
from support.filling_forms import Person
from support.teams_and_tokens import TeamsAndTokens

ROLES = {"ann": [("administrator", None)], "lead": [("team-administrator", "shop")]}


@pytest.fixture
def world(database):
    return TeamsAndTokens(database, roles=ROLES, owned={"shop": ["Shop"], "orders": ["Orders"]})


def test_an_environment_is_protected_by_its_form(world):
    ann = world.asking_as("ann")
    person = Person(ann)
    person.visit("/environments/new")

    wrong = person.send(name="live", protected="yes", deployers="shop\nnobody")
    created = person.send(name="live", protected="yes", deployers="shop\norders\n", requiresCanIDeploy="on")
    [made] = ann.get("/environments?name=live").json["_embedded"]["environments"]
    page = person.visit(f"/environments/{made['uuid']}")
    person.visit(f"/environments/{made['uuid']}/edit")
    person.send(displayName="Live")
    kept = ann.get(f"/environments/{made['uuid']}").json
    person.visit(f"/environments/{made['uuid']}/edit")
    person.send(deployers="")
    nobody = person.visit(f"/environments/{made['uuid']}")
    person.visit(f"/environments/{made['uuid']}/edit")
    person.send(protected="no", deployers="", requiresCanIDeploy=None)
    open_again = ann.get(f"/environments/{made['uuid']}").json

    protection = ("protected", "deployers", "requiresCanIDeploy")
    assert "there is no team 'nobody'" in wrong.text
    assert "was created" in created.text
    assert [made[name] for name in protection] == [True, ["orders", "shop"], True]
    assert "Protected. Deployers: orders, shop." in page.text
    assert "Protected. Deployers: none: nobody but administrators." in nobody.text
    assert "Only what can-i-deploy says yes to is recorded here." in page.text
    assert [kept[name] for name in ("displayName", *protection)] == ["Live", True, ["orders", "shop"], True]
    assert [open_again[name] for name in protection] == [False, [], False]


def test_without_accounts_a_form_says_nothing_of_protection(broker):
    person = Person(broker)
    page = person.visit("/environments/new")
    person.send(name="live", production="on")
    [made] = broker.get("/environments?name=live").json["_embedded"]["environments"]

    assert "Teams that may deploy there" not in page.text
    assert {"protected", "deployers", "requiresCanIDeploy"}.isdisjoint(made)


def test_a_webhook_gets_its_team_by_its_form(world):
    ann, lead = Person(world.asking_as("ann")), Person(world.asking_as("lead"))
    fields = {"request.url": "https://hooks.example.org/", "consumer.name": "Shop"}
    lead.visit("/webhooks/new")
    foreign = lead.send(**fields, team="orders")
    lead.visit("/webhooks/new")
    created = lead.send(**fields)
    [stored] = world.asking_as("ann").get("/webhooks").json["_links"]["pb:webhooks"]

    def team():
        return world.asking_as("ann").get(stored["href"]).json.get("team")

    made = team()
    ann.visit(f"{stored['href']}/edit")
    ann.send(description="the same")
    kept = team()
    ann.visit(f"{stored['href']}/edit")
    ann.send(team="*")

    assert (foreign.status, "was created" in created.text) == (403, True)
    assert (made, kept, team()) == ("shop", "shop", None)
    assert lead.visit(f"{stored['href']}/edit").status == 403


def test_a_secret_gets_hosts_and_a_team_by_its_form(world):
    lead = Person(world.asking_as("lead"))
    lead.visit("/secrets/new")

    without = lead.send(name="ci", value="s3cr3t-value")
    wrong = lead.send(name="ci", value="s3cr3t-value", hosts="https://x")
    stored = lead.send(name="ci", value="s3cr3t-value", hosts="ci.example.org\n*.example.net")
    lead.visit("/secrets/new")
    lead.send(name="ci", value="another-value")
    found = world.asking_as("lead").get("/secrets/ci").json

    assert "a secret of a team lists where it may be sent" in without.text
    assert "is no host" in wrong.text
    assert "was stored" in stored.text
    assert (found["team"], found["hosts"]) == ("shop", ["ci.example.org", "*.example.net"])
    assert "ci.example.org, *.example.net" in lead.visit("/secrets").text
