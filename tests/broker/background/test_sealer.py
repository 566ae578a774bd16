"""What the worker does for the audit log, and what happens without a request: each has an entry."""

import logging
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import insert
from support.audit_logs import NOW, add, entries, seal, sealed_log
from support.factories import a_publication
from support.receivers import wait_until

from broker.app import create_app
from broker.background.sealer import Sealer
from broker.background.worker import working
from broker.commands.clean import clean
from broker.commands.rotate_secrets import rotate_secrets
from broker.domain.accounts.actor import BROKER
from broker.domain.audit.entry_filter import EntryFilter
from broker.services.audit.on_machine import OnMachine
from broker.settings.settings import Settings
from broker.storage.tables import accounts

ALL = EntryFilter()
KEY = "Zx0Ni_OBPFXRFFRtpLHHRlFQJkEPYv3T1oZL5GkcuEM="
ALWAYS = {"TALLY_AUDIT": "always"}


@pytest.fixture
def run(database_url):
    """Run a command of the machine of the broker in this process."""

    def invoke(command, *options, **environment):
        variables = {"TALLY_DATABASE_URL": database_url, "TALLY_SECRETS_KEY": KEY, **environment}
        result = CliRunner().invoke(command, options, env=variables)
        assert result.exit_code == 0, result.output
        return result

    return invoke


def told(database):
    """Everything in the log, newest first."""
    with database.reading() as storage:
        return storage.audit_entries.newest_first(ALL, 100)


def test_the_worker_seals(database):
    add(database, "A")

    with working(database, Settings()):
        wait_until(lambda: entries(database, ALL))

    assert [entry.subject_name for entry in entries(database, ALL)] == ["A"]


def test_the_newest_seal_is_in_the_log_hourly(database, caplog, monkeypatch):
    caplog.set_level(logging.INFO, "broker.sealer")
    passed = [0.0]
    monkeypatch.setattr("broker.background.sealer.time", type("Time", (), {"monotonic": lambda: passed[0]}))
    sealed_log(database, ["A"], ["B"])
    with database.reading() as storage:
        newest = storage.audit_seals.newest()
    sealer = Sealer(database)

    for passed[0] in (0.0, 1.0, 3599.0, 3601.0):
        sealer.turn()

    line = f"The newest seal of the audit log: 2 {newest.hash.hex()}"
    assert caplog.messages == [line, line]


def test_the_worker_removes_what_is_too_old(database):
    sealed_log(database, ["A"], now=NOW - timedelta(days=40))
    sealed_log(database, ["B"], now=NOW)
    sealer = Sealer(database, 1, clock=lambda: NOW)

    for _ in range(4):
        sealer.turn()

    assert [entry.subject_name for entry in entries(database, ALL)] == ["B", "seals 1 to 1"]


def test_without_a_number_of_months_all_is_kept(database):
    sealed_log(database, ["A"], now=NOW - timedelta(days=10_000))

    Sealer(database, 0, clock=lambda: NOW).turn()

    assert len(entries(database, ALL)) == 1


def test_a_clean_up_by_command_has_one_entry(database, broker, run):
    for number in ("1", "2", "3"):
        broker.post("/contracts/publish", json=a_publication(version=number))

    run(clean, "--keep", '[{"pacticipant": "Orders"}]', **ALWAYS)

    (entry,) = told(database)
    assert (entry.actor_kind, entry.actor_name, entry.via) == ("broker", "broker", "cli")
    assert (entry.action, entry.subject_name) == ("clean-up", "clean-up")
    assert entry.to_document()["after"]["deleted"]["versions"] == 3


def test_a_clean_up_that_deletes_nothing_has_none(database, run):
    run(clean, **ALWAYS)
    run(clean, "--dry-run", **ALWAYS)

    assert told(database) == []


def test_without_accounts_nothing_has_an_entry_unless_a_setting_says_so(database, broker, run):
    broker.post("/contracts/publish", json=a_publication())

    run(clean, "--keep", '[{"pacticipant": "Orders"}]')
    run(rotate_secrets)

    assert told(database) == []


def test_clean_removes_old_entries_too(database, run):
    sealed_log(database, ["A"], now=NOW.replace(year=2020))

    run(clean, TALLY_AUDIT_MONTHS="12", **ALWAYS)

    (entry,) = told(database)
    assert (entry.via, entry.subject_name) == ("cli", "seals 1 to 1")


def test_encrypting_secrets_anew_has_one_entry_without_a_secret(database, run):
    app = create_app(Settings(secrets_key=(KEY,)), database).test_client()
    assert app.put("/secrets/s", json={"value": "canary-4711"}).status_code == 201

    run(rotate_secrets, **ALWAYS)

    (entry,) = told(database)
    assert (entry.action, entry.via) == ("rotate-secrets", "cli")
    assert entry.to_document()["after"] == {"encrypted": 1, "webhooks": 0}
    assert b"canary" not in entry.canonical()


def test_once_there_is_an_account_what_the_broker_does_has_an_entry(database):
    by = OnMachine(BROKER)
    with database.transaction() as storage:
        by.note(storage, "a", kind="k", name="n", now=NOW)
    assert told(database) == []
    an_account(database)

    with database.transaction() as storage:
        by.note(storage, "a", kind="k", name="n", now=NOW)

    assert [entry.via for entry in told(database)] == ["broker"]


def an_account(database):
    named = {"uuid": "u", "kind": "person", "name": "ada", "name_key": "ada", "display_name": "Ada"}
    with database.transaction() as storage:
        storage.connection.execute(insert(accounts).values(**named, created_at=NOW, updated_at=NOW))


def test_metrics_tell_the_newest_seal_and_what_waits(database, broker):
    sealed_log(database, ["A"], ["B"])
    add(database, "C", "D")

    text = broker.get("/metrics", headers={"Accept": "text/plain"}).text

    assert "tally_audit_seal 2.0" in text
    assert "tally_audit_unsealed 2.0" in text
    seal(database)
    assert "tally_audit_unsealed_seconds 0.0" in broker.get("/metrics", headers={"Accept": "text/plain"}).text
