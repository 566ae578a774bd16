"""`tally migrate`, and what a release does with a schema that it does not know."""

import json

import pytest
import requests
from click.testing import CliRunner
from support.later_schema import take_later_step
from support.old_databases import left_at
from support.serving import serving

from broker.commands.migrate import migrate
from broker.storage.migrations import USABLE_FROM, is_usable, schema, schema_of


@pytest.fixture
def run(monkeypatch):
    """Run the command in this process, on a database."""

    def command(url, *options):
        monkeypatch.setenv("TALLY_DATABASE_URL", url)
        return CliRunner().invoke(migrate, options)

    return command


@pytest.fixture
def outdated(database, tmp_path):
    with left_at(USABLE_FROM, database, tmp_path) as old:
        yield old


@pytest.fixture
def from_later_release(database):
    """Let the database be from a release that this one does not know; return a function that does so."""

    def change(usable_from):
        take_later_step(database, usable_from)
        return database

    return change


def test_a_check_names_the_missing_steps_and_changes_nothing(run, outdated):
    finished = run(outdated.url, "--check")

    [head, *steps, last] = finished.stdout.splitlines()
    assert finished.exit_code == 1
    assert head.split("  ")[0] == "Step"
    assert [
        "0026",
        "The database says which releases can still use it, to those that do not know its schema.",
    ] in [line.split("  ", 1) for line in steps]
    assert last == "Brokers that run on this schema can go on meanwhile."
    assert schema_of(outdated).revision == USABLE_FROM


def test_a_check_after_a_migration_has_nothing_to_do(run, outdated):
    migrated = run(outdated.url)
    finished = run(outdated.url, "--check")

    assert migrated.exit_code == 0
    assert (finished.exit_code, finished.stdout) == (0, "The database is up to date.\n")


def test_programs_read_what_is_to_be_done(run, outdated):
    document = json.loads(run(outdated.url, "--check", "--output", "json").stdout)

    assert document["schema"] == USABLE_FROM
    assert document["steps"][-1]["revision"] == schema_of(outdated).pending[-1]
    assert document["brokersCanGoOn"] is True


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_brokers_that_cannot_use_the_new_schema_are_to_be_stopped(run, database, tmp_path):
    with left_at("0020", database, tmp_path) as old:
        finished = run(old.url, "--check")

    assert finished.exit_code == 1
    assert "Stop the brokers that run on this schema first: they cannot use the new one." in finished.stdout


def test_a_check_makes_no_file(run, tmp_path):
    finished = run(f"sqlite:///{tmp_path}/new.sqlite3", "--check", "-o", "json")

    assert finished.exit_code == 1
    assert json.loads(finished.stdout)["schema"] is None
    assert json.loads(finished.stdout)["brokersCanGoOn"] is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://tally:secret@127.0.0.1:1/tally", "cannot use the database"),
        ("nonsense", "is not a database URL"),
        ("sqlite:///{file}", "file is not a database"),
    ],
)
def test_a_check_that_cannot_tell_ends_with_2(run, tmp_path, url, reason):
    (tmp_path / "file").write_text("no database " * 100)

    finished = run(url.format(file=tmp_path / "file"), "--check")

    assert finished.exit_code == 2
    assert reason in finished.stderr
    assert "secret" not in finished.output


def test_a_later_schema_that_this_release_can_use_needs_nothing(run, from_later_release):
    database = from_later_release(schema_of_this_release())

    finished = run(database.url, "--check")

    assert is_usable(database)
    assert (finished.exit_code, finished.stdout) == (0, "The database is up to date.\n")


@pytest.mark.parametrize("options", [("--check",), ()])
@pytest.mark.parametrize("usable_from", ["9998", ""])
def test_a_later_schema_that_it_cannot_use_is_left_alone(run, from_later_release, options, usable_from):
    database = from_later_release(usable_from)

    finished = run(database.url, *options)

    assert not is_usable(database)
    assert finished.exit_code == 2
    assert "newer release of Tallystick (its schema is 9999)" in finished.stderr
    assert schema_of(database).revision == "9999"


def test_a_broker_starts_on_a_later_schema_that_it_can_use_and_says_so(from_later_release, tmp_path):
    database = from_later_release(schema_of_this_release())

    with serving(database.url, tmp_path / "log") as url:
        made = requests.post(url + "/pacticipants", json={"name": "Shop"}, timeout=30)
        read = requests.get(url + "/pacticipants/Shop", timeout=30)

    assert (made.status_code, read.status_code) == (201, 200)
    assert "from a newer release of Tallystick (its schema is 9999)" in (tmp_path / "log").read_text()
    assert schema_of(database).revision == "9999"


def schema_of_this_release():
    return schema.known()[-1]
