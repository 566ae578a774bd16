"""What the long tests look for is found when it is there."""

import pytest
from cryptography.fernet import Fernet
from endurance.stored import facts_of, what_is_amiss
from endurance.writes import Done, Write
from sqlalchemy import text
from support.consistency import what_is_wrong
from support.full_world import World

from broker.app import create_app
from broker.settings.settings import Settings

DAMAGE = {
    "current publications": "UPDATE pact_publications SET superseded = 1",
    "current results": "UPDATE verifications SET superseded = 1",
    "heads": "UPDATE branches SET head_version_id = NULL",
    "heads of other branches": "UPDATE branches SET head_version_id = (SELECT max(id) FROM versions)",
    "results that no success was noted of": "DELETE FROM branch_successes",
    "places of versions": "UPDATE versions SET position = 1",
    "positions of tags": "UPDATE tags SET position = 0",
    "parties of publications": "UPDATE pact_publications SET consumer_id = provider_id",
    "parties of results": "UPDATE verifications SET provider_id = consumer_id",
    "pacticipants of tags": "UPDATE tags SET pacticipant_id = (SELECT max(id) FROM pacticipants)",
    "branches of versions": "UPDATE branches SET pacticipant_id = 1, name = id",
    "webhooks without an event": "DELETE FROM webhook_events",
    "attempts of deliveries": "UPDATE triggered_webhooks SET attempts = 9, claims = 9",
    "outcomes of deliveries": "UPDATE triggered_webhooks SET due_at = created_at",
    "integrations": "DELETE FROM integrations",
    "hashes and counts of pacts": "UPDATE pact_versions SET interactions_count = 9",
    "hashes of service contracts": "UPDATE service_contracts SET sha = id",
}
TAGGED = frozenset({("version", "Shop", "1"), ("tag", "Shop", "1", "dev")})
UNTAGGED = frozenset({("version", "Shop", "1"), ("tag", "Shop", "1", "missing")})
NOWHERE = frozenset({("version", "Shop", "7"), ("tag", "Shop", "7", "dev")})


def test_damage_to_rows_is_found(database):
    key = Fernet.generate_key().decode()
    settings = Settings(allow_dangerous_contract_modification=True, secrets_key=(key,))
    World(create_app(settings, database).test_client(), database)
    assert what_is_wrong(database) == {}

    for name, statement in DAMAGE.items():
        with database.connection() as connection:
            connection.execute(text(statement))
            connection.commit()

        assert name in what_is_wrong(database)


@pytest.mark.parametrize(
    ("facts", "status", "is_removal", "amiss"),
    [
        (TAGGED, 201, False, set()),
        (TAGGED, 0, False, set()),
        (NOWHERE, 0, False, set()),
        (NOWHERE, 503, False, set()),
        (NOWHERE, 201, False, {"lost"}),
        (UNTAGGED, 201, False, {"lost"}),
        (UNTAGGED, 0, False, {"in part"}),
        (NOWHERE, 204, True, set()),
        (TAGGED, 204, True, {"lost"}),
        (UNTAGGED, 0, True, {"in part"}),
    ],
)
def test_what_is_lost_or_there_in_part_is_found(broker, database, facts, status, is_removal, amiss):
    broker.put("/pacticipants/Shop/versions/1/tags/dev", json={})
    write = Write("tag", "PUT", "/", {}, facts, is_removal=is_removal)

    assert what_is_amiss([Done(write, status)], facts_of(database)).keys() == amiss


def test_what_is_there_twice_is_found(broker, database):
    for _ in range(2):
        body = {
            "description": "one",
            "events": [{"name": "contract_published"}],
            "request": {"method": "POST", "url": "https://ci.example.org/"},
        }
        broker.post("/webhooks", json=body)

    assert what_is_amiss([], facts_of(database)).keys() == {"twice"}
