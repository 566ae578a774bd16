"""A broker that is upgraded says what it did not write down before, and knows the heads of its branches."""

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import column, table

from broker.app import create_app
from broker.domain.decisions.selectors import Selector
from broker.settings import Settings
from broker.storage.database import Database
from broker.storage.migrations import VERSIONS, upgrade

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
    old = database
    if database.url.startswith("sqlite"):
        old = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with old.connection() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(VERSIONS.parent))
        command.upgrade(config, "0001")
        for name, rows in BEFORE.items():
            for number, row in enumerate(rows, 1):
                # As the tables were then, whatever becomes of them.
                values = {"id": number, "created_at": row["updated_at"], **row}
                connection.execute(table(name, *map(column, values)).insert(), values)
        connection.commit()
    yield old
    old.close()


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
