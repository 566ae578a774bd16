"""Pages show who looks what they may do, and nothing else; who owns what costs one statement at most."""

import pytest
from support import databases
from support.account_world import add_accounts
from support.factories import a_pact, a_publication
from support.filling_forms import Person
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

HOOK = {"description": "Tell CI", "request": {"url": "https://ci.example.org/"}}
PACT = "/pacts/provider/Cart/consumer/Shop/version/1"
_OF_SERVICE = {"New token", "Trust a pipeline", "Revoke", "Remove"}
_OF_TEAM = {"Add an application", "Add somebody", "New service account", *_OF_SERVICE}
BUTTONS = {
    "/pacticipants/Shop/settings": {"Edit", "Delete"},
    "/pacticipants/Shop/versions/1": {"Delete"},
    "/pacticipants/Shop/branches/main": {"Delete"},
    PACT: {"Delete this pact", "Delete all that Shop has with Cart"},
    "/webhooks": {"New webhook"},
    "/webhooks/{hook}": {"Test", "Edit", "Delete"},
    "/secrets": {"New secret"},
    "/environments": {"New environment"},
    "/insights": {"New gate"},
    "/teams": {"New team"},
    "/teams/selling": {"Edit", "Delete", *_OF_TEAM},
    "/accounts": {"New person"},
    "/accounts/selling-ci": {"Edit", "Disable", *_OF_SERVICE},
}
OF_OWNERS = {
    # selling owns Shop, and not Cart
    "tom": {
        "/pacticipants/Shop/settings": {"Edit", "Delete"},
        "/pacticipants/Shop/versions/1": {"Delete"},
        "/pacticipants/Shop/branches/main": {"Delete"},
        PACT: {"Delete this pact"},
        "/webhooks": {"New webhook"},
        "/secrets": {"New secret"},
        "/teams/selling": {"Edit", *_OF_TEAM},
        "/accounts/selling-ci": _OF_SERVICE,
    },
    "pat": {"/pacticipants/Shop/settings": {"Edit"}, "/teams/selling": {"Add an application"}},
    "oda": {"/webhooks": {"New webhook"}, "/secrets": {"New secret"}},
    "rea": {},
    "ada": BUTTONS,
}
OF_TEAM, OF_BROKER = "An administrator of the team selling", "An administrator of the broker"
THE_TEAM = "The team selling"
CASES = [(name, path) for name in OF_OWNERS for path in BUTTONS]


@pytest.fixture(scope="module")
def world():
    """A broker with accounts in which selling owns Shop, and its open twin without accounts."""
    with databases.new_sqlite() as url, databases.new_sqlite() as open_url:
        database, other = Database(url, synchronous="off"), Database(open_url, synchronous="off")
        uuids = [_filled(each) for each in (database, other)]
        added = add_accounts(database, "Shop")
        apps = [create_app(Settings(), each) for each in (database, other)]
        yield apps[0], added.tokens, apps[1], uuids
        database.close()
        other.close()


def _filled(database):
    client = create_app(Settings(), database).test_client()
    pact = a_pact(consumer="Shop", provider="Cart")
    client.post("/contracts/publish", json=a_publication(pact, version="1", branch="main"))
    return client.post("/webhooks", json=HOOK).json["uuid"]


@pytest.mark.parametrize(("name", "path"), CASES)
def test_a_page_has_the_buttons_that_would_not_be_refused(world, name, path):
    app, tokens, _, (hook, _) = world

    page = Person(app.test_client(), ("x", tokens[name])).visit(path.format(hook=hook))

    assert page.status == 200
    assert page.links.keys() & BUTTONS[path] == OF_OWNERS[name].get(path, set())


@pytest.mark.parametrize(("name", "path"), CASES)
def test_what_a_button_leads_to_is_shown(world, name, path):
    app, tokens, _, (hook, _) = world
    person = Person(app.test_client(), ("x", tokens[name]))
    links = person.visit(path.format(hook=hook)).links

    statuses = {text: person.visit(links[text]).status for text in OF_OWNERS[name].get(path, set())}

    assert set(statuses.values()) <= {200}, statuses


def statements(app, path, **headers):
    client = app.test_client()
    client.get(path, headers={"Accept": "text/html", **headers})
    with sql_statements() as seen:
        assert client.get(path, headers={"Accept": "text/html", **headers}).status_code == 200
    return len(seen)


@pytest.mark.parametrize("path", [path for path in BUTTONS if not path.startswith(("/teams", "/accounts"))])
def test_what_somebody_may_do_costs_one_statement_at_most(world, path):
    app, tokens, without, (hook, other) = world
    of = {
        name: statements(app, path.format(hook=hook), Authorization=f"Bearer {tokens[name]}")
        for name in OF_OWNERS
    }
    before = statements(without, path.format(hook=other))
    if path == "/pacticipants/Shop/settings":  # it says which teams own it
        of = {name: number - 1 for name, number in of.items()}

    assert of["ada"] == of["rea"] == before
    assert max(of.values()) <= before + 1


def test_a_broker_without_accounts_has_no_menu_and_all_buttons(world):
    without, (_, hook) = world[2:]

    for path, buttons in BUTTONS.items():
        if path.startswith(("/teams", "/accounts")):
            continue
        person = Person(without.test_client())
        page = person.visit(path.format(hook=hook))
        assert page.links.keys() >= buttons
        assert 'class="menu"' not in person.answer.text
        assert "/teams" not in page.links.values()


def test_the_head_says_who_looks_and_leads_to_what_is_theirs(world):
    app, tokens = world[:2]

    page = Person(app.test_client(), ("x", tokens["tom"])).visit("/environments")

    assert "tom by the token tallyp_" in page.text
    assert page.links["My tokens"] == "/my/tokens"
    assert page.links["My sessions"] == "/my/sessions"
    assert page.links["Teams"] == "/teams"
    assert "Log in" not in page.links


def test_an_application_says_which_team_owns_it(world):
    app, tokens = world[:2]
    person = Person(app.test_client(), ("x", tokens["rea"]))

    for path in ("/pacticipants/Shop", "/pacticipants/Shop/settings"):
        assert person.visit(path).links["selling"] == "/teams/selling"
    assert "owned by no team" in person.visit("/pacticipants/Cart").text


@pytest.mark.parametrize(
    ("name", "path", "said", "links"),
    [
        ("pat", "/pacticipants/Shop/delete", f"'delete-pacticipant' for Shop. {OF_TEAM}", {"Shop", THE_TEAM}),
        ("oda", "/pacticipants/Shop/edit", f"'publish' for Shop. {OF_TEAM}", {"Shop", THE_TEAM}),
        (
            "tom",
            "/integrations/provider/Cart/consumer/Shop/delete",
            f"'delete-pacticipant' for Cart. {OF_BROKER}",
            {"Cart", "All teams"},
        ),
        ("tom", "/environments/new", f"'administer'. {OF_BROKER}", {"All teams"}),
        ("rea", "/webhooks/new", f"'webhooks'. {OF_BROKER}", {"All teams"}),
    ],
)
def test_a_form_that_one_may_not_send_says_what_is_lacking_and_who_grants_it(world, name, path, said, links):
    app, tokens = world[:2]
    person = Person(app.test_client(), ("x", tokens[name]))

    page = person.visit(path)

    assert page.status == 403
    assert f"{name} may not do this: it needs the permission {said} can grant it." in page.text
    assert links <= page.links.keys()
    assert person.forms() == []


def test_while_permissions_are_only_reported_forms_are_shown(world):
    database = world[0].extensions["tallystick"].database
    client = create_app(Settings(permissions="report"), database).test_client()
    person = Person(client, ("x", world[1]["oda"]))

    page = person.visit("/pacticipants/Shop/settings")

    assert {"Edit", "Delete"} <= page.links.keys()
    assert person.visit("/pacticipants/Shop/edit").status == 200
    assert "New team" not in person.visit("/teams").links
    assert person.visit("/teams/new").status == 403
