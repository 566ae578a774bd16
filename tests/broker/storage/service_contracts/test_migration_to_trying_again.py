"""Comparisons that a release before kept as unknown, though they had not been made."""

from datetime import UTC, datetime

import orjson
import pytest
from sqlalchemy import select
from support.old_databases import left_at

from broker.storage.migrations import upgrade
from broker.storage.service_contracts.comparisons import packed
from broker.storage.tables import comparisons, comparisons_to_make

MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
FAILED = {"code": "comparison.failed", "text": "It could not be compared: KeyError: 'x'."}
PLUGIN = {"code": "interaction.plugin", "text": 'It needs the plugin "csv".'}
FOUND = [
    ("unknown", {"reason": "It took longer than 10 seconds, 2 times.", "interactions": []}),
    ("unknown", {"interactions": [{"findings": [FAILED]}]}),
    ("unknown", {"interactions": [{"findings": [PLUGIN]}]}),
    ("incompatible", {"interactions": [{"findings": [FAILED]}]}),
]
MOMENTS = {"created_at": MONDAY}
COUNTED = {**MOMENTS, "interactions_count": 0, "messages_count": 0}
BEFORE = {
    "pacticipants": [
        {"id": number, "name": name, "display_name": name, "updated_at": MONDAY, **MOMENTS}
        for number, name in enumerate(("Shop", "Orders"), 1)
    ],
    "pact_versions": [
        {"id": number, "consumer_id": 1, "provider_id": 2, "sha": str(number), "content": b"{}", **COUNTED}
        for number in range(1, 6)
    ],
    "service_contract_sets": [{"id": 1, "pacticipant_id": 2, "sha": "s", **MOMENTS}],
    "comparisons": [
        {
            "id": number,
            "pact_version_id": number,
            "set_id": 1,
            "consumer_id": 1,
            "provider_id": 2,
            "guaranteed": False,
            "verdict": verdict,
            "findings": packed(orjson.dumps(findings)),
            **MOMENTS,
        }
        for number, (verdict, findings) in enumerate(FOUND, 1)
    ],
    "comparisons_to_make": [
        {"id": 1, "pact_version_id": 5, "set_id": 1, "base_url": "", "claims": 1, "due_at": MONDAY}
    ],
}


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_what_was_not_made_is_forgotten_and_what_cannot_be_decided_is_kept(database, tmp_path):
    with left_at("0014", database, tmp_path, BEFORE) as old:
        upgrade(old)

        with old.connection() as connection:
            kept = connection.scalars(select(comparisons.c.id).order_by(comparisons.c.id)).all()
            waiting = connection.execute(select(comparisons_to_make)).one()

    assert kept == [3, 4]
    assert (waiting.claimed, waiting.failures, waiting.failed_at, waiting.reason) == (False, 0, None, "")
