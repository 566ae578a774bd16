import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from support.old_databases import left_at

from broker.storage.database import Database
from broker.storage.migrations import VERSIONS, LockedTableError, LockPatience, schema, schema_of, upgrade
from broker.storage.tables import metadata


@pytest.fixture
def empty_database(database):
    """A database of either kind without any table."""
    with database.connection() as connection:
        if connection.dialect.name == "sqlite":
            names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            for name in names:
                if not name.startswith("sqlite_"):
                    connection.exec_driver_sql(f'DROP TABLE "{name}"')
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        else:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        connection.commit()
    return database


def test_the_migrations_make_the_schema_that_the_code_expects(empty_database):
    upgrade(empty_database)

    with empty_database.connection() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_the_environments_test_and_production_are_there_from_the_start(empty_database):
    upgrade(empty_database)

    with empty_database.reading() as storage:
        environments = {
            environment.name: environment.production for environment in storage.environments.all()
        }
    assert environments == {"test": False, "production": True}


def test_brokers_that_start_together_migrate_once(empty_database):
    failures = []

    def start():
        database = Database(empty_database.url)
        try:
            upgrade(database)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)
        database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with empty_database.reading() as storage:
        assert len(storage.environments.all()) == 2
    assert failures == []


def test_an_upgrade_of_a_current_schema_changes_nothing(database):
    with database.reading() as storage:
        before = storage.environments.all()

    upgrade(database)

    with database.reading() as storage:
        assert storage.environments.all() == before


def test_each_migration_is_in_a_file_that_starts_with_its_revision():
    history = ScriptDirectory(str(VERSIONS.parent))

    files = {script.revision: Path(script.path).name.partition("_")[0] for script in history.walk_revisions()}

    assert files == {revision: revision for revision in files}
    assert history.get_heads() == [max(files)]


IMPATIENT = LockPatience(seconds=0.05, tries=3, pause=7)


@pytest.fixture
def before_accounts(database, tmp_path):
    """A PostgreSQL whose next step changes the table of environments, and a function that locks that."""

    @contextmanager
    def locked():
        with database.connection() as connection:
            connection.exec_driver_sql("LOCK TABLE environments IN ACCESS SHARE MODE")  # as pg_dump does
            yield connection

    with left_at("0020", database, tmp_path):
        yield database, locked


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_step_that_gets_no_lock_gives_up_and_leaves_everything(before_accounts):
    database, locked = before_accounts
    pauses = []

    with locked(), pytest.raises(LockedTableError, match=r"step 0021 of the schema .* 3 tries of 0\.05 s"):
        upgrade(database, IMPATIENT, pauses.append)

    assert schema_of(database).revision == "0020"
    assert pauses == [7, 7]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_step_waits_for_a_lock_in_short_turns(before_accounts, caplog):
    database, locked = before_accounts

    with locked() as holder:
        upgrade(database, IMPATIENT, lambda _seconds: holder.rollback())

    assert schema_of(database).pending == ()
    assert "Step 0021 of the schema waits for a table that another transaction holds" in caplog.text


def test_a_database_that_failed_on_the_way_goes_on_from_there(database, tmp_path):
    with left_at("0020", database, tmp_path) as old:
        with old.connection() as connection:
            connection.execute(text("CREATE TABLE audit_seals (id INTEGER)"))  # in the way of step 0022
            connection.commit()
        with pytest.raises(SQLAlchemyError):
            upgrade(old)
        between = schema_of(old).revision

        with old.connection() as connection:
            connection.execute(text("DROP TABLE audit_seals"))
            connection.commit()
        upgrade(old)

        assert between == "0021"
        assert schema_of(old).revision == schema.known()[-1]
