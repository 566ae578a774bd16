"""`tally audit`, against a real broker whose log somebody changes by hand."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from support.app_server import app_serving
from support.audit_logs import NOW, add, sealed_log

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FORGED = 64 * "0"


@pytest.fixture
def broker_url(database):
    """The base URL of a real broker that keeps an audit log, although it has no accounts."""
    from broker.app import create_app  # noqa: PLC0415 - other programs' tests load no broker
    from broker.settings.settings import Settings  # noqa: PLC0415 - ditto

    with app_serving(create_app(Settings(audit="always"), database)) as url:
        yield url


@pytest.fixture
def audit(on_broker, database):
    """Run `tally audit` against a broker with five sealed entries and one without a seal."""
    sealed_log(database, ["A", "B", "C"], ["D", "E"])
    add(database, "F", action="delete", team="selling")
    return lambda *words: on_broker("audit", *words)


@pytest.fixture
def export(audit, tmp_path):
    """The file of an export."""
    file = tmp_path / "audit.ndjson"
    assert audit("export", "--file", file).code == 0
    return file


def change(database, statement):
    with database.transaction() as storage:
        storage.connection.execute(statement)


def columns():
    from broker.storage.tables import audit_entries  # noqa: PLC0415 - other programs' tests load no broker

    return audit_entries


def names(run):
    return [entry["subject"]["name"] for entry in json.loads(run.out)["entries"]]


def test_the_newest_are_listed_first(audit):
    run = audit("list")

    heading, first, *_ = run.out.splitlines()
    assert heading.split() == ["AT", "ACTOR", "ACTION", "SUBJECT", "TEAM", "OUTCOME", "UUID"]
    assert first.split()[1:7] == ["ada", "delete", "pacticipant", "F", "selling", "done"]
    assert names(audit("list", "--output", "json")) == list("FEDCBA")


def test_some_are_listed(audit):
    assert names(audit("list", "--limit", "2", "--output", "json")) == ["F", "E"]
    assert names(audit("list", "--action", "delete", "-o", "json")) == ["F"]
    assert names(audit("list", "--actor", "ada", "--subject", "B", "-o", "json")) == ["B"]
    assert names(audit("list", "--since", "2026-11-29T12:00:01Z", "-o", "json")) == ["E", "D"]
    assert audit("list", "--actor", "bob").out == "There are no such entries in the audit log.\n"


def test_a_filter_that_is_no_moment_is_named(audit):
    run = audit("list", "--since", "soon")

    assert run.code == 2
    assert "since: must be a moment" in run.err


def test_an_export_has_seals_and_entries(export):
    lines = [json.loads(line) for line in export.read_bytes().splitlines()]

    assert [next(iter(line)) for line in lines] == ["seal", *["entry"] * 3, "seal", *["entry"] * 2]
    assert lines[4]["seal"]["count"] == 2
    assert stat.S_IMODE(export.stat().st_mode) == 0o600


def test_an_export_to_standard_output_says_its_seal_elsewhere(audit, export):
    run = audit("export", "--output", "json")

    assert run.out == export.read_text()
    assert json.loads(run.err)["entries"] == 5
    assert json.loads(run.err)["seal"]["number"] == 2


def test_an_export_that_cannot_be_written(audit, tmp_path):
    run = audit("export", "--file", tmp_path / "no" / "file")

    assert (run.code, run.err) == (2, f"Error: Cannot write {tmp_path}/no/file: No such file or directory.\n")


def test_a_whole_log_is_verified(audit, export):
    run = audit("verify", "--earlier", export)

    assert run.code == 0
    assert run.out.startswith("Nothing was changed: 5 entries in 2 seals. The newest seal is 2: ")


def test_a_change_by_hand_is_found(audit, database):
    change(database, update(columns()).where(columns().c.subject_name == "D").values(actor_name="eve"))

    run, found = audit("verify"), json.loads(audit("verify", "--output", "json").out)

    assert run.code == 1
    uuid = found["problem"]["uuid"]
    assert run.out == (
        f"Entry {uuid} in seal 2 was changed. It now says: "
        "2026-11-29T12:00:01.000000Z, eve, publish pacticipant D, done.\n"
    )
    assert (found["whole"], found["problem"]["kind"], found["problem"]["seal"]) == (False, "changed", 2)
    assert audit("verify").code == 1


def test_a_removed_entry_is_found(audit, database):
    change(database, delete(columns()).where(columns().c.subject_name == "A"))

    run = audit("verify")

    assert run.code == 1
    assert "in seal 1 was removed." in run.out


def test_a_removal_is_believed_only_as_far_as_it_is_said_how_long_entries_are_kept(audit, database):
    from broker.storage.tables import audit_seals  # noqa: PLC0415 - other programs' tests load no broker

    change(database, delete(columns()).where(columns().c.seal_id == 1))
    change(database, update(audit_seals).where(audit_seals.c.id == 1).values(removed_at=NOW, digests=None))

    run = audit("verify")
    assert (run.code, run.out) == (
        1,
        "Seal 1 was removed. If entries are kept for N months (TALLY_AUDIT_MONTHS), say so: --months N\n",
    )
    assert audit("verify", "--months", "1200").code == 1


def test_old_entries_may_be_gone(on_broker, database):
    from broker.services.audit import retention  # noqa: PLC0415 - other programs' tests load no broker

    now = datetime.now(UTC)
    sealed_log(database, ["A", "B"], now=now - timedelta(days=800))
    sealed_log(database, ["C"], now=now - timedelta(days=720))
    with database.transaction() as storage:
        assert retention.remove_some(storage, 24, now) == 1

    run = on_broker("audit", "verify", "--months", "24")
    found = json.loads(on_broker("audit", "verify", "--months", "24", "--output", "json").out)

    assert run.code == 0
    assert "of seal 1 were removed because of their age: 2, as the log says, which nothing proves." in run.out
    assert (found["removedSeals"], found["removedEntries"]) == (1, 2)


def test_a_clean_up_between_two_pages_is_no_removal(on_broker, database, monkeypatch):
    from broker.services.audit import reading, retention  # noqa: PLC0415 - other programs' tests load no broker

    now = datetime.now(UTC)
    for days in (800, 790, 700):
        sealed_log(database, [f"{days}"], now=now - timedelta(days=days))
    read = reading.seals

    def with_a_clean_up(storage, after):
        if after:
            with database.transaction() as other:
                retention.remove_some(other, 24, now)
        return read(storage, after)

    monkeypatch.setattr(reading, "MOST_SEALS", 1)
    monkeypatch.setattr(reading, "seals", with_a_clean_up)

    run = on_broker("audit", "verify", "--months", "24")

    assert run.code == 0, run
    assert "of seals 1 to 2 were removed because of their age" in run.out


@pytest.mark.parametrize("months", ["0", "1201", "-1", "two"])
def test_months_that_are_none(audit, months):
    assert audit("verify", "--months", months).code == 2


@pytest.mark.parametrize("by", ["seal", "earlier"])
def test_a_removed_end_is_found(audit, export, database, by):
    from broker.storage.tables import audit_seals  # noqa: PLC0415 - other programs' tests load no broker

    noted = json.loads(audit("verify", "--output", "json").out)["newest"]["hash"]
    change(database, delete(columns()).where(columns().c.seal_id == 2))
    change(database, delete(audit_seals).where(audit_seals.c.id == 2))
    assert audit("verify").code == 0

    run = audit("verify", *(["--seal", noted] if by == "seal" else ["--earlier", export]))

    assert run.code == 1
    assert "the last seal is 1" in run.out


def test_a_hash_that_no_seal_has(audit):
    run = audit("verify", "--seal", FORGED)

    assert (run.code, run.out[:40]) == (1, "No seal has the hash 0000000000000000000"[:40])


def test_an_export_is_verified_without_a_broker(export, tally):
    assert tally("audit", "verify", "--file", export).code == 0

    export.write_bytes(export.read_bytes().replace(b'"name":"B"', b'"name":"X"'))

    assert tally("audit", "verify", "--file", export).code == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seal", "abc"], "--seal must be a hash of 64 hexadecimal digits"),
        (["--earlier", "missing"], "Cannot read missing: No such file or directory."),
        (["--file", "missing"], "Cannot read missing: No such file or directory."),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_cannot_be_verified(audit, words, message):
    run = audit("verify", *words)

    assert run.code == 2
    assert message in run.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"x"',
        '{"entry": {}}',
        '{"seal": 1}',
        '{"seal": {}}',
        '{"seal": {"number": 1, "previous": "x", "hash": "", "count": 0, "hashes": []}}',
        '{"seal": {"number": "1", "previous": "", "hash": "", "count": 0, "hashes": []}}',
        '{"seal": {"number": 1, "previous": "", "hash": "", "count": 0, "hashes": [1]}}',
        '{"seal": {"number": 1, "previous": "", "hash": "", "count": 0, "hashes": []}}\n{"entry": 1}',
        "[" * 100_000,
        '{"seal": NaN}',
    ],
)
def test_a_file_that_is_no_export(tally, tmp_path, text, database_url):  # noqa: ARG001 - the module's mark
    file = tmp_path / "odd"
    file.write_text(text)

    run = tally("audit", "verify", "--file", file)

    assert run.code == 2
    assert run.err.startswith("Error: ")


def test_without_a_log(tally, database_url):  # noqa: ARG001 - the module's mark
    run = tally("audit", "verify")

    assert run.code == 2
    assert "Verify which log?" in run.err


def test_a_broker_that_has_no_audit_log(tally_at, database_url):  # noqa: ARG001 - the module's mark
    run = tally_at("audit", "list")

    assert run.code == 2
    assert "offers no link tally:audit" in run.err
