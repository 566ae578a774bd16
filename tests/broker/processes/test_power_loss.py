"""What was acknowledged is on the disk: how each program tells SQLite to write it, and what it costs."""

import os
import re
import shutil
import signal
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import event
from sqlalchemy.pool import Pool
from support import databases
from support.factories import a_publication
from support.serving import TALLY, serving
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.commands.clean import clean
from broker.commands.migrate import migrate
from broker.commands.rotate_secrets import rotate_secrets
from broker.databases import open_database
from broker.processes import worker_process
from broker.processes.reloading import HangUps, Reloading
from broker.settings.settings import Settings
from broker.storage.database import Database, Limits

NORMAL, FULL = 1, 2
BROKER = Path(__file__).parents[3] / "broker"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def levels_seen(then=lambda: None):
    """Yield the list of how synchronous the connections are that are used while the block runs."""
    seen = []

    def see(connection, *_):
        seen.append(connection.execute("PRAGMA synchronous").fetchone()[0])
        then()

    event.listen(Pool, "checkout", see)
    yield seen
    event.remove(Pool, "checkout", see)


def stop_this_program():
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/x.sqlite3"


@pytest.fixture
def _handlers():
    """Signal handlers as they were before a program in this process set its own."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("chosen", "level"), [({}, FULL), ({"sqlite_synchronous": "normal"}, NORMAL)])
def test_every_connection_writes_as_the_setting_says(url, chosen, level):
    database = open_database(Settings(database_url=url, **chosen), Limits(connections=1, most=3))

    with levels_seen() as levels:
        with ExitStack() as stack:
            for _ in range(3):  # more than are kept open
                stack.enter_context(database.connection())
        with database.connection() as connection:
            connection.invalidate()
        with database.reading(), database.erasing():
            pass
        database.close()
        with database.transaction():
            pass

    assert len(levels) == 7
    assert set(levels) == {level}
    database.close()


def test_a_database_without_settings_is_as_careful(url):
    database = Database(url)

    with database.connection() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == FULL
        assert connection.exec_driver_sql("PRAGMA fullfsync").scalar_one() == 1  # for macOS
    database.close()


@pytest.mark.parametrize("value", ["full", "normal"])
@pytest.mark.parametrize(
    ("command", "options"), [(migrate, []), (clean, []), (clean, ["--dry-run"]), (rotate_secrets, [])]
)
def test_every_command_writes_as_the_setting_says(url, command, options, value):
    environment = {"TALLY_SQLITE_SYNCHRONOUS": value, "TALLY_DATABASE_URL": url}

    with levels_seen() as levels:
        done = CliRunner().invoke(command, options, env=environment)

    assert done.exit_code == 0, done.output
    assert len(levels) > 1
    assert set(levels) == {FULL if value == "full" else NORMAL}


@pytest.mark.usefixtures("_handlers")
def test_the_worker_writes_as_the_setting_says(url):
    CliRunner().invoke(migrate, env={"TALLY_DATABASE_URL": url})

    with levels_seen(then=stop_this_program) as levels:
        worker_process.run(Reloading(HangUps(), lambda now: now, Settings(database_url=url)))

    assert set(levels) == {FULL}


def test_nobody_opens_a_database_without_asking_the_settings():
    opening = re.compile(r"(?<![\w.])Database\(|\bsqlite3\.connect\(")

    files = [path for path in BROKER.rglob("*.py") if opening.search(path.read_text(encoding="utf-8"))]

    assert files == [BROKER / "databases.py"]


def test_another_value_is_refused_in_one_line(url):
    refused = CliRunner().invoke(migrate, env={"TALLY_SQLITE_SYNCHRONOUS": "off", "TALLY_DATABASE_URL": url})

    assert refused.exit_code == 2
    assert refused.output == "Error: TALLY_SQLITE_SYNCHRONOUS must be one of full, normal, not 'off'\n"


def test_a_publication_is_one_transaction(database):
    client = create_app(Settings(), database).test_client()

    with sql_statements() as sent:
        client.post("/contracts/publish", json=a_publication(tags=["a", "b"]))

    assert [statement for statement in sent if "BEGIN" in statement] == ["BEGIN IMMEDIATE"]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="only strace can count the writes to the disk")
def test_a_publication_waits_for_the_disk_once(tmp_path):
    written = tmp_path / "written"
    traced = tmp_path / "tally"
    # -D: the server is the process that is started, and strace its child.
    strace = "strace -D -f -y -qq -e trace=fsync,fdatasync"
    traced.write_text(f"#!/bin/sh\nexec {strace} -o {written} {TALLY} $@\n")
    traced.chmod(0o755)
    # What works beside writes as well, at any time.
    environment = {"TALLY_SQLITE_SYNCHRONOUS": "full", "TALLY_WEBHOOK_WORKER": "false"}

    with (
        databases.new_sqlite() as url,
        serving(url, tmp_path / "log", tally=traced, environment=environment) as address,
    ):
        publish(address, "0")  # the first one makes the log of SQLite
        before = syncs(written)
        for version in "123":
            publish(address, version)
        after = syncs(written)

    assert after - before == 3


def publish(address, version):
    body = a_publication(version=version, tags=["a", "b"])
    requests.post(f"{address}/contracts/publish", json=body, timeout=30).raise_for_status()


def syncs(trace):
    """Count those of the log: a connection also has its folder written, once, with the first write."""
    return len(re.findall(r"sync\([^)]*-wal>", trace.read_text()))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("options", "named"),
    [("", ["fsync", "synchronous_commit"]), ("&options=-c%20synchronous_commit%3Dlocal", ["fsync"])],
)
def test_a_postgresql_that_may_lose_commits_is_told_at_the_start(database_url, options, named, tmp_path):
    log = tmp_path / "log"

    with serving(database_url + options, log, is_forked=True):
        pass

    assert log.read_text().splitlines()[: len(named)] == [
        f"Warning: PostgreSQL runs with {name} = off: what was acknowledged may be lost when its server, its "
        "machine or the power fails."
        for name in named
    ]


def test_sqlite_is_not_asked_for_settings_of_postgresql(database):
    assert database.not_durable() == []
