"""Each step of the schema can be applied while brokers of the release before run."""

from fnmatch import fnmatchcase

import pytest
from sqlalchemy import text
from support import release_before
from support.old_databases import left_at
from support.schema_steps import tables, taken, watching

from broker.storage.migrations import schema
from broker.storage.migrations.alembic_upgrade import apply

SAFE = {
    (
        "0024",
        "*: another trigger: *",
    ): "they add rows to a new table, and read nothing that a broker may lock",
}
"""What a step does all the same, and why brokers that run can bear it: (step, pattern) -> why."""


@pytest.fixture(scope="module")
def newest_step_before(tmp_path_factory):
    """The newest step of the release before this one."""
    try:
        return release_before.export(tmp_path_factory.mktemp("before")).newest_step
    except release_before.NoHistoryError as error:
        pytest.skip(f"without the history of the repository there is no release before this one: {error}")


def test_no_step_takes_anything_from_brokers_of_the_release_before(newest_step_before, database, tmp_path):
    found = set()
    with left_at(newest_step_before, database, tmp_path) as old, old.connection() as connection:
        known = tables(connection)
        before = known
        for step in [each for each in schema.known() if each > newest_step_before]:
            with watching(connection.engine) as written:
                apply(connection, step)
            after = tables(connection)
            changes = taken(before, after) + written.among(known)
            found |= {(step, what) for what in changes if what.partition(":")[0] in known}
            before = after

    refused = [each for each in sorted(found) if not any(covers(safe, each) for safe in SAFE)]
    assert refused == []
    current = [safe for safe in SAFE if safe[0] > newest_step_before]
    assert [safe for safe in current if not any(covers(safe, each) for each in found)] == []


def covers(safe, found):
    return safe[0] == found[0] and fnmatchcase(found[1], safe[1])


def test_every_exception_has_a_reason():
    assert all(len(reason) > len("because it is") for reason in SAFE.values())


CHANGES = {
    "DROP TABLE items": ["items: the table is gone"],
    "ALTER TABLE items RENAME TO things": ["items: the table is gone"],
    "ALTER TABLE items DROP COLUMN note": ["items: column note is gone"],
    "ALTER TABLE items RENAME COLUMN note TO remark": ["items: column note is gone"],
    "ALTER TABLE items ADD COLUMN colour VARCHAR": [],
    "ALTER TABLE items ADD COLUMN colour VARCHAR NOT NULL DEFAULT 'red'": [],
    "ALTER TABLE items ADD COLUMN colour VARCHAR CHECK (colour <> '')": ["items: new rule: check"],
    "ALTER TABLE items ADD COLUMN other INTEGER REFERENCES items (id)": ["items: new rule: foreign key"],
    "CREATE UNIQUE INDEX one_note ON items (note)": ["items: new rule: unique note"],
    "CREATE INDEX notes ON items (note)": ["items: new index note, for which writers wait"],
    "CREATE TABLE others (id INTEGER NOT NULL)": [],
    "UPDATE items SET note = ''": ["items: UPDATE of rows"],
    "DELETE FROM items": ["items: DELETE of rows"],
    "INSERT INTO items (id) SELECT 1": ["items: INSERT of rows"],
}
ON_POSTGRESQL = {
    "ALTER TABLE items ADD COLUMN colour VARCHAR NOT NULL": ["items: new column colour needs a value"],
    "ALTER TABLE items ALTER COLUMN note SET NOT NULL": ["items: column note needs a value"],
    "ALTER TABLE items ALTER COLUMN note TYPE TEXT": ["items: column note has another type"],
    "ALTER TABLE items ADD CONSTRAINT one UNIQUE (note)": ["items: new rule: unique note"],
    "ALTER TABLE items ADD CONSTRAINT written CHECK (note <> '')": ["items: new rule: check"],
    "ALTER TABLE items ALTER COLUMN note DROP NOT NULL": [],
    "WITH a AS (SELECT 1) UPDATE items SET note = ''": ["items: UPDATE of rows"],
}


def test_what_brokers_cannot_bear_is_named(database):
    is_postgresql = database.url.startswith("postgresql")
    wanted = CHANGES | (ON_POSTGRESQL if is_postgresql else {})
    with database.connection() as connection:
        found = {change: changed_by(connection, change) for change in wanted}

    for change, starts in wanted.items():
        assert len(found[change]) == len(starts), (change, found[change])
        assert all(map(str.startswith, found[change], starts)), (change, found[change])


def changed_by(connection, change):
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")  # or what follows is not rolled back
    connection.execute(text("CREATE TABLE items (id INTEGER PRIMARY KEY, note VARCHAR)"))
    before = tables(connection, ["items"])
    with watching(connection.engine) as written:
        connection.execute(text(change))
    found = taken(before, tables(connection, ["items"])) + written.among(before)
    connection.rollback()
    return found
