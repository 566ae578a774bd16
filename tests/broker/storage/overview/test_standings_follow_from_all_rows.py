"""What is kept of standings is what follows from all rows, whatever is written, by however many at once."""

import re
import threading
from urllib.parse import urlencode

import pytest
from hypothesis import Phase, given, settings
from support.contract_worlds import HISTORIES, happen
from support.databases import NEW_DATABASE
from support.factories import NOON
from support.reading_pages import A_BROWSER
from support.searching import search
from support.standing_model import wrong_standings
from support.standing_worlds import ENVIRONMENTS, CalmWorld, StandingWorld

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

WORDS = {True: {"verified"}, False: {"failed", "failed (pending)"}, None: {"never verified", "changed"}}


def new_world(database, seed, kind=StandingWorld):
    world = kind(None, database, seed)
    world.client = create_app(Settings(), database, clock=world.clock).test_client()
    return world


def is_wrong(database):
    with database.connection() as connection:
        return wrong_standings(connection)


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(6))
def test_after_every_write(database, seed):
    world = new_world(database, seed)
    happened = []

    for _ in range(60):
        happened.append(world.write())
        assert is_wrong(database) == [], happened
    assert world.results > 0


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(50, 54))
def test_after_every_write_where_nearly_all_is_verified(database, seed):
    world = new_world(database, seed, CalmWorld)
    happened = []

    for _ in range(80):
        happened.append(world.write())
        assert is_wrong(database) == [], happened
    assert world.results > 0


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@given(history=HISTORIES)
@settings(search(8, is_fixed=True), phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_after_what_happens_to_service_contracts(kind, history):
    with NEW_DATABASE[kind]() as url:
        database = Database(url)
        client = create_app(Settings(), database, clock=lambda: NOON).test_client()
        for _ in happen(history, client, database, lambda: NOON):
            assert is_wrong(database) == []
        database.close()


@pytest.mark.parametrize("kind", [StandingWorld, CalmWorld])
def test_by_many_at_once(database, kind):
    # They write to the same few applications, versions and branches, so that they meet.
    worlds = [new_world(database, seed, kind) for seed in range(100, 104)]
    failures = []

    def write(world):
        try:
            for _ in range(25):
                world.write()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=write, args=(world,)) for world in worlds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sum(world.results for world in worlds) > 0
    assert is_wrong(database) == []


@pytest.mark.parametrize("seed", range(20, 23))
def test_the_overview_the_matrix_the_badge_and_the_pact_say_the_same(database, seed):
    world = new_world(database, seed)
    for _ in range(80):
        world.write()

    rows = world.client.get("/?format=json").json["integrations"]
    assert rows
    assert world.results > 0
    for row in rows:
        assert row["main"] in WORDS[on_main(world.client, row)], row
        badge = world.client.get(
            f"/pacts/provider/{row['provider']}/consumer/{row['consumer']}/latest/badge.svg"
        )
        said = row["main"].replace("never verified", "unknown")
        assert f">{said}<" in badge.text or row["consumerVersion"] is None
        assert row["consumerVersion"] is None or on_its_page(world.client, row) == row["main"]
        for environment in ENVIRONMENTS:
            if row[environment] is not None:
                assert row[environment] in WORDS[in_environment(world.client, row, environment)], row


def on_its_page(client, row):
    """Return the verdict on the page of the pact that counts on main."""
    pact = f"/pacts/provider/{row['provider']}/consumer/{row['consumer']}/version/{row['consumerVersion']}"
    return re.search(
        r'"sentence"><span class="verdict \w+">([^<]+)<', client.get(pact, headers=A_BROWSER).text
    )[1]


def on_main(client, row):
    """Return what the matrix says of the two versions that count on main."""
    if None in {row["consumerVersion"], row["providerVersion"]}:
        return None
    return said_by_matrix(
        client,
        row,
        [
            *(("q[][pacticipant]", row["consumer"]), ("q[][version]", row["consumerVersion"])),
            *(("q[][pacticipant]", row["provider"]), ("q[][version]", row["providerVersion"])),
        ],
        earlier=row["main"] if row["sinceVersion"] != row["providerVersion"] else None,
    )


def in_environment(client, row, environment):
    """Return what the matrix says of all versions of the two in an environment: the worst."""
    return said_by_matrix(
        client,
        row,
        [
            *(("q[][pacticipant]", row["consumer"]), ("q[][environment]", environment)),
            *(("q[][pacticipant]", row["provider"]), ("q[][environment]", environment)),
        ],
    )


def said_by_matrix(client, row, selectors, earlier=None):
    answer = client.get(f"/matrix?{urlencode([*selectors, ('latestby', 'cvpv')])}").json
    said = [
        found["verificationResult"]["success"] if found["verificationResult"] else None
        for found in answer["matrix"]
        if (found["consumer"]["name"], found["provider"]["name"]) == (row["consumer"], row["provider"])
    ]
    if False in said:
        return False
    if said and None not in said:
        return True
    # Until there is a result, an earlier failure stands; and where the provider is not, nothing is known.
    return False if earlier in WORDS[False] else None
