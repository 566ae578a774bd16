"""A broker that is upgraded says what it did not write down before, and knows the heads of its branches."""

from datetime import UTC, datetime

import pytest
from support.old_databases import left_at

from broker.app import create_app
from broker.domain.decisions.selectors import Selector
from broker.settings.settings import Settings
from broker.storage.migrations import upgrade

MONDAY, TUESDAY, WEDNESDAY = (datetime(2026, 6, day, 12, tzinfo=UTC) for day in (1, 2, 3))
# Version 1 is the head of main, although 0 joined last: 2 was, and has been deleted.
SHOP = {"name": "Shop", "display_name": "Shop", "main_branch": "main", "updated_at": MONDAY}
BEFORE = {
    "pacticipants": [SHOP],
    "versions": [
        {"pacticipant_id": 1, "number": number, "position": position, "updated_at": MONDAY}
        for position, number in enumerate("01", 1)
    ],
    "branches": [{"pacticipant_id": 1, "name": "main", "head_version_id": 2, "updated_at": TUESDAY}],
    "branch_versions": [
        {"branch_id": 1, "version_id": 2, "position": 2, "auto_created": False, "updated_at": MONDAY},
        {"branch_id": 1, "version_id": 1, "position": 1, "auto_created": False, "updated_at": TUESDAY},
    ],
}


@pytest.fixture
def old_database(database, tmp_path):
    """A database as the first release left it."""
    rows = {
        name: [
            {"id": number, "created_at": row["updated_at"], **row} for number, row in enumerate(of_table, 1)
        ]
        for name, of_table in BEFORE.items()
    }
    with left_at("0001", database, tmp_path, rows) as old:
        yield old


@pytest.mark.parametrize(("at", "head"), [(None, "1"), (MONDAY, "1"), (TUESDAY, "1"), (WEDNESDAY, "1")])
def test_the_heads_of_branches_are_what_they_were(old_database, at, head):
    upgrade(old_database)

    with old_database.reading() as storage:
        (choice,) = storage.decisions(at).selected_versions.find(
            [Selector("Shop", branch="main", latest=True)]
        )
    assert [version.number for version in choice.versions] == [head]


def test_an_answer_about_the_time_before_the_upgrade_says_what_is_not_known(old_database):
    upgrade(old_database)

    client = create_app(Settings(), old_database).test_client()
    question = "/matrix?q[][pacticipant]=Shop&q[][version]=1&latestby=cvp&at=2026-06-03T00:00:00Z"
    texts = [notice["text"] for notice in client.get(question).json["notices"]]
    assert texts[1].startswith("Removed tags, versions removed from branches")
