"""What was there before standings were kept is judged when the broker is upgraded."""

import orjson
from support.factories import NOON
from support.old_databases import left_at
from support.standing_model import wrong_standings

from broker.domain.overview.summaries import PactStatus
from broker.storage.migrations import upgrade

CREATED = {"created_at": NOON}
STAMPS = {**CREATED, "updated_at": NOON}
FAILED = [{"interactionDescription": "reading", "success": False, "mismatches": [{"description": "no"}]}]
PAIR = {"consumer_id": 1, "provider_id": 2}


def rows():
    names = {1: "Shop", 2: "Orders"}
    versions = {10: 1, 11: 2, 12: 2}
    results = ((True, 11, None), (False, 12, orjson.dumps(FAILED)))
    return {
        "pacticipants": [
            {"id": id_, "name": name, "display_name": name, "main_branch": "main", **STAMPS}
            for id_, name in names.items()
        ],
        "versions": [
            {"id": id_, "pacticipant_id": owner, "number": str(id_), "position": id_, **STAMPS}
            for id_, owner in versions.items()
        ],
        "branches": [
            {"id": owner, "pacticipant_id": owner, "name": "main", "head_version_id": head, **STAMPS}
            for owner, head in ((1, 10), (2, 12))
        ],
        "branch_versions": [
            {"branch_id": owner, "version_id": id_, "position": id_, "auto_created": False, **STAMPS}
            for id_, owner in versions.items()
        ],
        "integrations": [{"id": 1, **PAIR, **CREATED}],
        "pact_versions": [
            {
                "id": 1,
                **PAIR,
                "sha": "a" * 40,
                "content": b"{}",
                "interactions_count": 2,
                "messages_count": 1,
                **CREATED,
            }
        ],
        "pact_publications": [
            {
                **PAIR,
                "consumer_version_id": 10,
                "pact_version_id": 1,
                "revision": 1,
                "superseded": False,
                "position": 10,
                **CREATED,
            }
        ],
        "verifications": [
            {
                "id": number,
                "pact_version_id": 1,
                **PAIR,
                "provider_version_id": version_id,
                "success": success,
                "superseded": False,
                "wip": False,
                "test_results": test_results,
                **CREATED,
            }
            for number, (success, version_id, test_results) in enumerate(results, 1)
        ],
        "deployed_versions": [
            {
                "uuid": str(id_),
                "version_id": id_,
                "pacticipant_id": owner,
                "environment_id": 2,
                "application_instance": "",
                "auto_created": False,
                **STAMPS,
            }
            for id_, owner in ((10, 1), (11, 2))
        ],
    }


def test_what_was_there_is_judged(database, tmp_path):
    with left_at("0015", database, tmp_path, rows()) as old:
        upgrade(old)

        with old.reading() as storage:
            main, there = storage.standings.of_pair(1, 2)
        with old.connection() as connection:
            assert wrong_standings(connection) == []

    assert (main.verdict, main.provider_version, main.since_version) == (PactStatus.FAILED, "12", "12")
    assert (main.failures.names, main.interactions) == (("reading",), 3)
    assert main.newest_results == (PactStatus.VERIFIED, PactStatus.FAILED)
    assert (there.verdict, there.provider_version) == (PactStatus.VERIFIED, "11")


def test_a_broker_without_integrations_is_upgraded_as_well(database, tmp_path):
    with left_at("0015", database, tmp_path) as old:
        upgrade(old)

        with old.connection() as connection:
            assert wrong_standings(connection) == []
