"""A new application whose name readers take for that of another team's."""

import pytest
from support.accounts import accounts, bearer
from support.factories import a_pact, a_publication
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings

CYRILLIC = "Sh\u043ep"
LOOK_ALIKES = [
    CYRILLIC,
    "Shop\u200b",
    "Shop\u2060",
    "\ufeffShop",
    "Sho\u0301p",
    "SHOP",
    "\uff33hop",
    "Sh0p",
    "Shop\ufe0f",
]


@pytest.fixture
def world(database):
    made = accounts(database)
    made.team("payments", "Shop")
    made.team("search", "Finder")
    made.person("ada", "administrator")
    made.person("pat", "publisher", "team-administrator", team="search")
    return made


@pytest.fixture
def client(database, world):  # noqa: ARG001 - there are accounts before it starts
    return create_app(Settings(), database).test_client()


@pytest.fixture
def pat(world):
    return bearer(world.token_of("pat"))


def is_of_all_names(statement):
    return "ORDER BY pacticipants.id, team_pacticipants.team_id" in statement


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_publisher_creates_no_application_that_looks_like_that_of_another_team(client, world, pat, name):
    refused = client.post("/pacticipants", json={"name": name}, headers=pat)
    by_administrator = client.post(
        "/pacticipants", json={"name": name}, headers=bearer(world.token_of("ada"))
    )

    assert refused.status_code == 403
    assert "looks like Shop, which the team payments owns" in refused.json["error"]
    assert ascii(name) in refused.json["error"]
    assert by_administrator.status_code == 201


@pytest.mark.parametrize(
    ("consumer", "provider"), [("Finder", CYRILLIC), (CYRILLIC, "Finder"), ("Finder", "shop")]
)
def test_neither_does_a_publication(client, pat, consumer, provider):
    body = a_publication(a_pact(consumer=consumer, provider=provider))

    refused = client.post("/contracts/publish", json=body, headers=pat)

    assert refused.status_code == 403
    assert "looks like Shop" in refused.json["error"]
    assert client.get(f"/pacticipants/{CYRILLIC}", headers=pat).status_code == 404


def test_nor_a_team_that_takes_it(client, pat):
    assert client.put(f"/teams/search/pacticipants/{CYRILLIC}", headers=pat).status_code == 403


@pytest.mark.parametrize("name", ["Shopping", "Sho", "F\u0131nder 2", "FINDER", "Shop-2"])
def test_other_names_and_those_like_one_s_own_are_created(client, pat, name):
    assert client.post("/pacticipants", json={"name": name}, headers=pat).status_code == 201


def test_what_exists_is_published_without_looking_at_names(client, world, pat):
    client.post("/pacticipants", json={"name": CYRILLIC}, headers=bearer(world.token_of("ada")))
    body = a_publication(a_pact(consumer="Finder", provider=CYRILLIC))

    with sql_statements() as asked:
        answer = client.post("/contracts/publish", json=body, headers=pat)
    with sql_statements() as asked_for_new:
        client.post("/pacticipants", json={"name": "Basket"}, headers=pat)

    assert answer.status_code == 200, answer.text
    assert not any(map(is_of_all_names, asked))
    assert len([each for each in asked_for_new if is_of_all_names(each)]) == 1


def test_without_accounts_any_name_may_be_created(database):
    client = create_app(Settings(), database).test_client()

    for name in ("Shop", *LOOK_ALIKES):
        assert client.post("/pacticipants", json={"name": name}).status_code == 201
