"""`tally clean`, as an operator runs it."""

import json
import os
import sqlite3
import subprocess

import pytest
from sqlalchemy import text
from support.factories import a_publication
from support.moved_clock import MovedClock
from support.rows import Rows
from support.serving import TALLY

from broker.commands import clean as commands
from broker.storage.held_lease import HeldLease
from broker.storage.leases import CLEAN_UP

ORDERS_ALONE = '[{"pacticipant": "Orders"}]'


@pytest.fixture
def clean(database_url, broker):
    """Run the command on a database with three versions of Shop; Orders has none."""
    for number in ("1", "2", "3"):
        broker.post("/contracts/publish", json=a_publication(version=number))

    def run(*options, **environment):
        return subprocess.run(
            [TALLY, "clean", *options],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "TALLY_DATABASE_URL": database_url, **environment},
        )

    return run


def versions(database):
    with database.connection() as connection:
        return list(connection.scalars(text("SELECT number FROM versions ORDER BY position")))


def successes(database):
    with database.reading() as storage:
        return {each.name: each for each in storage.job_successes.all()}


def test_by_default_recent_versions_stay(clean, database):
    finished = clean()

    assert finished.returncode == 0, finished.stderr
    assert versions(database) == ["1", "2", "3"]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_the_last_success_is_noted(clean, database):
    began = database.now()
    clean()
    first = successes(database)["clean-up"]
    clean()
    second = successes(database)["clean-up"]

    assert began <= first.succeeded_at < second.succeeded_at <= database.now()
    assert 0 < first.seconds < 60


def test_what_went_is_told_by_table(clean, database):
    finished = clean("--keep", ORDERS_ALONE, "--limit", "2")

    rows = [line.split() for line in finished.stdout.splitlines()]
    assert ["Table", "Deleted", "Kept"] in rows
    assert ["versions", "2", "1"] in rows
    assert versions(database) == ["3"]


def test_programs_read_json(clean):
    finished = clean("--output", "json", PACT_BROKER_DATABASE_CLEAN_KEEP_VERSION_SELECTORS=ORDERS_ALONE)

    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout)["versions"] == {"deleted": 3, "kept": 0}


def test_a_dry_run_tells_and_deletes_nothing(clean, database):
    before = Rows(database)

    finished = clean("--dry-run", "--keep", '[{"latest": true}, {"pacticipant": "Orders"}]', "--limit", "1")

    assert finished.stdout.splitlines() == [
        "Would delete 1 of 3 versions, and 0 of 1 branches. No selector keeps 2 versions.",
        "Keep selector              Versions",
        '{"latest": true}           1',
        '{"pacticipant": "Orders"}  0',
        '{"deployed": true}         0',
        '{"released": true}         0',
        "Pacticipant  To keep  First  Last  Not to keep  First  Last",
        "Orders       0                     0",
        "Shop         1        3      3     2            1      2",
        "Keep branch selector  Branches",
        '{"max_age": 90}       1',
    ]
    assert Rows(database).values == before.values


def test_a_dry_run_warns_of_a_pacticipant_that_is_not_there_and_is_no_success(clean, database):
    finished = clean("--dry-run", "--output", "json", "--keep", '[{"latest": true}, {"pacticipant": "Shpo"}]')

    assert finished.returncode == 0
    assert finished.stderr == (
        "Warning: keep selector 2 keeps nothing: no pacticipant 'Shpo' (did you mean 'Shop'?)\n"
    )
    assert json.loads(finished.stdout)["counts"]["versionsToKeep"] == 1
    assert successes(database) == {}


def test_a_dry_run_can_be_a_setting_and_json(clean, database):
    environment = {
        "PACT_BROKER_DATABASE_CLEAN_DRY_RUN": "true",
        "PACT_BROKER_DATABASE_CLEAN_DELETION_LIMIT": "1",
        "PACT_BROKER_DATABASE_CLEAN_KEEP_VERSION_SELECTORS": '[{"latest": true}]',
    }

    counts = json.loads(clean("--output", "json", **environment).stdout)["counts"]

    assert counts["versionsToDelete"] == 1
    assert counts["versionsNotToKeep"] == 2
    assert versions(database) == ["1", "2", "3"]


def test_a_selector_that_makes_no_sense_deletes_nothing(clean, database):
    finished = clean("--keep", '[{"brunch": "main"}]')

    assert finished.returncode == 2
    assert finished.stderr == (
        "Error: TALLY_DATABASE_CLEAN_KEEP_VERSION_SELECTORS: keep selector 1: brunch is unknown; "
        "did you mean branch?\n"
    )
    assert versions(database) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("KEEP_VERSION_SELECTORS", "latest", "the keep selectors are not JSON"),
        ("DELETION_LIMIT", "-1", "must be a whole number, not '-1'"),
        ("OVERWRITTEN_DATA_MAX_AGE", "soon", "must be a whole number, not 'soon'"),
        ("OVERWRITTEN_DATA_MAX_AGE", "365001", "must be at most 365000 days, not 365001"),
        ("BRANCH_MAX_AGE", "99999999999", "must be at most 365000 days, not 99999999999"),
        ("DRY_RUN", "maybe", "must be true or false, not 'maybe'"),
        ("KEEP_BRANCH_SELECTORS", '[{"max_ages": 1}]', "max_ages is unknown; did you mean max_age?"),
        ("KEEP_BRANCH_SELECTORS", '[{"branch": [1]}]', "branch must be a name, or a list of names"),
        ("KEEP_BRANCH_SELECTORS", '[{"branch": []}]', "branch must be a name, or a list of names"),
        ("KEEP_BRANCH_SELECTORS", '[{"max_age": "9"}]', "max_age must be a whole number of days"),
        ("KEEP_BRANCH_SELECTORS", '[{"max_age": 9, "max_age": 1}]', 'the key "max_age" occurs twice in /0'),
        ("KEEP_BRANCH_SELECTORS", "[{}]", "keep selector 1 is empty; give one of max_age, branch"),
        ("KEEP_BRANCH_SELECTORS", "{}", "must be a JSON array of objects"),
        ("BRANCH_DELETION_LIMIT", "many", "must be a whole number, not 'many'"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(capsys, tmp_path, monkeypatch, name, value, says):
    monkeypatch.setenv("TALLY_DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    monkeypatch.setenv(f"PACT_BROKER_DATABASE_CLEAN_{name}", value)

    with pytest.raises(SystemExit) as ended:
        commands.clean([])

    assert ended.value.code == 2
    printed = capsys.readouterr().err
    assert f"DATABASE_CLEAN_{name}" in printed
    assert says in printed
    assert not list(tmp_path.iterdir())


def test_stale_branches_are_told_and_their_deletion_is_logged(clean, broker, database):
    broker.put("/pacticipants/Shop/branches/fix/versions/3", json={})
    # The main branch and those of the last days stay; with the age of 0 days, only the first does.
    stale = {"PACT_BROKER_DATABASE_CLEAN_KEEP_BRANCH_SELECTORS": '[{"max_age": 0}, {"branch": "mein"}]'}

    told = clean("--dry-run", **stale)
    finished = clean(**stale)

    assert "Pacticipant  Branch to delete  Stale since" in told.stdout
    assert "Shop         fix  " in told.stdout
    assert told.stderr == "Warning: no branch to keep is called 'mein' (did you mean 'main'?)\n"
    assert "Deleted the branch fix of Shop" in finished.stderr
    with database.connection() as connection:
        assert list(connection.scalars(text("SELECT name FROM branches"))) == ["main"]


def test_all_branches_stay_when_told(clean, broker, database):
    broker.put("/pacticipants/Shop/branches/fix/versions/3", json={})

    for options in (
        ("--keep-branches", "[]"),
        ("--keep-branches", '[{"max_age": 0}]', "--branch-limit", "0"),
    ):
        assert clean(*options).returncode == 0

    with database.connection() as connection:
        assert connection.scalar(text("SELECT count(*) FROM branches")) == 2


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_second_clean_up_ends_quietly(clean, database):
    with HeldLease(database, CLEAN_UP, 60):
        finished = clean("--keep", ORDERS_ALONE)

    assert finished.returncode == 0
    assert finished.stderr == "Another clean-up is running on this database.\n"
    assert versions(database) == ["1", "2", "3"]
    assert successes(database) == {}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_machine_whose_clock_is_wrong_deletes_nothing_too_early(clean, database, tmp_path):
    clock = MovedClock(tmp_path / "clock")
    clock.move(366 * 24)

    finished = clean(**clock.environment)

    assert finished.returncode == 0, finished.stderr
    assert versions(database) == ["1", "2", "3"]


def test_a_database_that_fails_meanwhile_is_told_in_one_line(clean, database_url):
    # A migration would wait for longer than the clean-up does.
    with sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        finished = clean("--keep", ORDERS_ALONE, TALLY_AUTO_MIGRATE_DB="false")

    assert finished.returncode == 2
    assert finished.stderr.startswith("Error: cannot use the database: database is locked.")
    assert finished.stderr.count("\n") == 1
