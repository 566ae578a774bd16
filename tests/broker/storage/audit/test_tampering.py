"""Whoever changes the audit log in the database is found out: the first difference is named."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import delete, insert, select, update
from support.audit_logs import NOW, entries, read_seals, sealed_log

from broker.domain.audit.entry_filter import EntryFilter
from broker.domain.audit.seal import next_seal
from broker.services.audit import reading, retention
from broker.storage.audit.seals import AuditSeals
from broker.storage.tables import audit_entries, audit_seals
from tally.audit.age import Kept
from tally.audit.sealed import from_lines, to_lines
from tally.audit.verification import verify

COLUMNS = audit_entries.c
LOG = (["A", "B", "C"], ["D"], ["E", "F"])


@pytest.fixture
def log(database):
    """A database with six entries in three seals."""
    sealed_log(database, *LOG)
    return database


def by_hand(database, *statements):
    with database.transaction() as storage:
        for statement in statements:
            storage.connection.execute(statement)


def uuid_of(database, name):
    with database.reading() as storage:
        return storage.connection.scalar(select(COLUMNS.uuid).where(COLUMNS.subject_name == name))


def problem(database, **more):
    found = verify(read_seals(database), **more).problem
    return found and (found.kind.value, found.seal, found.uuid)


def exported(database):
    return b"\n".join(line for sealed in read_seals(database) for line in to_lines(sealed))


def test_a_log_that_nobody_has_changed_is_whole(log):
    found = verify(read_seals(log))

    assert (found.problem, found.seals, found.entries, found.removed) == (None, 3, 6, 0)
    with log.reading() as storage:
        assert (found.newest, found.hash) == (3, storage.audit_seals.newest().hash.hex())


def test_a_log_without_entries_is_whole(database):
    assert verify(read_seals(database)).problem is None


@pytest.mark.parametrize(
    "change",
    [
        {"actor_name": "eve"},
        {"actor_uuid": None},
        {"actor_kind": "service"},
        {"at": NOW + timedelta(microseconds=1)},
        {"via": "settings"},
        {"address": "203.0.113.9"},
        {"action": "read"},
        {"subject_kind": "version"},
        {"subject_name": "E2"},
        {"team": "buying"},
        {"before": b"{}"},
        {"after": b'{"name":"e"}'},
        {"after": None},
        {"request_id": "1"},
        {"outcome": "refused"},
    ],
    ids=str,
)
def test_a_changed_entry_is_named(log, change):
    uuid = uuid_of(log, "E")

    by_hand(log, update(audit_entries).where(COLUMNS.uuid == uuid).values(change))

    assert problem(log) == ("changed", 3, uuid)


def test_a_removed_entry_is_named(log):
    uuid = uuid_of(log, "B")

    by_hand(log, delete(audit_entries).where(COLUMNS.uuid == uuid))

    assert problem(log) == ("removed", 1, uuid)


def test_an_entry_that_is_taken_out_of_its_seal_is_named(log):
    uuid = uuid_of(log, "E")

    by_hand(log, update(audit_entries).where(COLUMNS.uuid == uuid).values(seal_id=None))

    assert problem(log) == ("removed", 3, uuid)


def test_an_added_entry_is_named(log):
    forged = {"uuid": "0" * 36, "at": NOW, "actor_name": "eve", "actor_kind": "person", "via": "session"}
    about = {"action": "publish", "subject_kind": "pacticipant", "subject_name": "X", "outcome": "done"}

    by_hand(log, insert(audit_entries).values(**forged, **about, seal_id=2))

    assert problem(log) == ("added", 2, "0" * 36)


def test_two_entries_of_one_seal_that_are_swapped_are_named(log):
    first, second = uuid_of(log, "A"), uuid_of(log, "B")
    with log.reading() as storage:
        ids = dict(storage.connection.execute(select(COLUMNS.uuid, COLUMNS.id)).all())

    by_hand(
        log,
        update(audit_entries).where(COLUMNS.uuid == first).values(id=99_999),
        update(audit_entries).where(COLUMNS.uuid == second).values(id=ids[first]),
        update(audit_entries).where(COLUMNS.uuid == first).values(id=ids[second]),
    )

    assert problem(log) == ("swapped", 1, first)


def test_two_entries_of_two_seals_that_are_swapped_are_named(log):
    first, second = uuid_of(log, "A"), uuid_of(log, "D")

    by_hand(
        log,
        update(audit_entries).where(COLUMNS.uuid == first).values(seal_id=2),
        update(audit_entries).where(COLUMNS.uuid == second).values(seal_id=1),
    )

    assert problem(log)[1:] == (1, first)
    assert problem(log)[0] in {"swapped", "removed"}


def test_an_entry_whose_text_another_one_has_got_is_named(log):
    first, second = uuid_of(log, "A"), uuid_of(log, "B")

    by_hand(
        log,
        update(audit_entries).where(COLUMNS.uuid == first).values(subject_name="B", after=b'{"name":"B"}'),
        update(audit_entries).where(COLUMNS.uuid == second).values(subject_name="A", after=b'{"name":"A"}'),
    )

    assert problem(log) == ("changed", 1, first)


@pytest.mark.parametrize("change", [{"hash": bytes(32)}, {"digests": b""}, {"entries": 4}], ids=str)
def test_a_changed_seal_is_named(log, change):
    by_hand(log, update(audit_seals).where(audit_seals.c.id == 2).values(change))

    assert problem(log) == ("seal-changed", 2, None)


def test_a_removed_seal_is_named(log):
    by_hand(
        log,
        delete(audit_entries).where(COLUMNS.seal_id == 2),
        delete(audit_seals).where(audit_seals.c.id == 2),
    )

    assert problem(log) == ("seal-removed", 2, None)


def test_a_removal_that_pretends_to_be_a_clean_up_is_named(log):
    by_hand(
        log,
        delete(audit_entries).where(COLUMNS.seal_id == 2),
        update(audit_seals).where(audit_seals.c.id == 2).values(removed_at=NOW, digests=None),
    )

    assert problem(log) == ("removed", 2, None)


def remove_the_end(database):
    by_hand(
        database,
        delete(audit_entries).where(COLUMNS.seal_id == 3),
        delete(audit_seals).where(audit_seals.c.id == 3),
    )


def test_a_removed_end_is_found_with_a_hash_that_was_noted(log):
    with log.reading() as storage:
        noted = storage.audit_seals.newest().hash.hex()
    assert problem(log, noted=noted.upper()) is None

    remove_the_end(log)

    assert problem(log) is None  # nobody can tell from the rest alone
    assert problem(log, noted=noted) == ("end-removed", 3, None)


def test_a_removed_end_is_found_with_an_earlier_export(log):
    export = exported(log)
    assert problem(log, earlier=from_lines(BytesIO(export))) is None

    remove_the_end(log)

    assert problem(log, earlier=from_lines(BytesIO(export))) == ("end-removed", 3, None)


def test_a_log_that_is_sealed_anew_differs_from_an_earlier_export(log):
    """Whoever may write everything can make all hashes anew: only what is outside tells."""
    export = exported(log)
    uuid = uuid_of(log, "D")
    by_hand(log, update(audit_entries).where(COLUMNS.uuid == uuid).values(actor_name="eve"))
    forge(log)

    assert problem(log) is None
    assert problem(log, earlier=from_lines(BytesIO(export))) == ("changed", 2, uuid)


def forge(database):
    found = entries(database, EntryFilter())
    with database.transaction() as storage:
        last = None
        for number in (1, 2, 3):
            last = next_seal(last, [entry for entry in found if entry.seal == number], NOW)
            values = {"previous": last.previous, "hash": last.hash, "digests": last.digests}
            storage.connection.execute(update(audit_seals).where(audit_seals.c.id == number).values(values))


def test_a_changed_line_of_an_export_is_named(log):
    changed = exported(log).replace(b'"name":"E"', b'"name":"e"')

    found = verify(from_lines(BytesIO(changed))).problem

    assert (found.kind, found.uuid) == ("changed", uuid_of(log, "E"))
    assert "publish pacticipant e" in found.text


def test_retention_removes_whole_seals_and_the_rest_can_be_verified(database):
    old = NOW - timedelta(days=100)
    sealed_log(database, ["A", "B"], ["C"], now=old)
    sealed_log(database, ["D"])
    export = exported(database)

    with database.transaction() as storage:
        removed = retention.remove_some(storage, 3, NOW)
    left = entries(database, EntryFilter())
    found = verify(read_seals(database), earlier=from_lines(BytesIO(export)), kept=Kept(3, NOW))

    assert removed == 2
    assert [entry.subject_name for entry in left] == ["D"]
    assert (found.problem, found.seals, found.removed, found.entries) == (None, 3, 2, 1)
    assert found.removed_entries == 3
    with database.reading() as storage:
        (told,) = storage.audit_entries.newest_first(EntryFilter(action="clean-up"), 10)
        assert storage.audit_seals.older_than(NOW + timedelta(days=1), 10) == [3]
    assert (told.actor_kind, told.subject_name) == ("broker", "seals 1 to 2")
    assert told.to_document()["after"] == {"removedEntries": 3, "months": 3}


def test_an_entry_that_is_put_back_after_its_removal_is_named(database):
    sealed_log(database, ["A"], now=NOW - timedelta(days=100))
    (entry,) = entries(database, EntryFilter())
    with database.transaction() as storage:
        retention.remove_some(storage, 3, NOW)
    values = vars(replace(entry, actor_name="eve"))
    values["seal_id"] = values.pop("seal")

    by_hand(database, insert(audit_entries).values(values))

    assert problem(database) == ("added", 1, entry.uuid)


MONTH = timedelta(days=31)


@pytest.fixture
def dated_log(database):
    """A log of three seals: four months, seven weeks and two days old."""
    for name, age in (("old", 4 * MONTH), ("between", timedelta(weeks=7)), ("young", timedelta(days=2))):
        sealed_log(database, [name], now=NOW - age)
    return database


def pretend_a_clean_up(database, last):
    by_hand(
        database,
        delete(audit_entries).where(COLUMNS.seal_id <= last),
        update(audit_seals).where(audit_seals.c.id <= last).values(removed_at=NOW, digests=None),
    )


@pytest.mark.parametrize(("last", "removed"), [(1, "Seal 1 was"), (2, "Seals 1 to 2 were")])
def test_no_seal_may_be_removed_unless_it_is_said_how_long_entries_are_kept(dated_log, last, removed):
    pretend_a_clean_up(dated_log, last)

    found = verify(read_seals(dated_log)).problem

    assert (found.kind, found.seal) == ("removed", last)
    assert found.text == (
        f"{removed} removed. If entries are kept for N months (TALLY_AUDIT_MONTHS), say so: --months N"
    )


@pytest.mark.parametrize(
    ("last", "months", "is_fine"),
    [(1, 2, True), (1, 3, False), (2, 1, True), (2, 2, False), (3, 1, False)],
)
def test_the_oldest_entry_that_is_left_must_be_about_as_old_as_entries_get(dated_log, last, months, is_fine):
    pretend_a_clean_up(dated_log, last)

    found = verify(read_seals(dated_log), kept=Kept(months, NOW))

    assert (found.problem is None) == is_fine
    assert is_fine or "--earlier FILE" in found.problem.text


@pytest.mark.parametrize(
    ("last", "months", "is_fine"), [(1, 3, True), (2, 1, True), (2, 2, False), (3, 1, False)]
)
def test_an_earlier_export_shows_whether_what_was_removed_was_old(dated_log, last, months, is_fine):
    export, uuid = exported(dated_log), uuid_of(dated_log, ("old", "between", "young")[last - 1])
    pretend_a_clean_up(dated_log, last)

    found = problem(dated_log, earlier=from_lines(BytesIO(export)), kept=Kept(months, NOW))

    assert found == (None if is_fine else ("removed", last, uuid))
    assert problem(dated_log, earlier=from_lines(BytesIO(export))) == ("removed", last, None)


def test_an_export_that_says_nothing_credible_of_the_age_is_no_proof(dated_log):
    uuid = uuid_of(dated_log, "old")
    export = exported(dated_log)
    pretend_a_clean_up(dated_log, 1)

    for odd in (
        export.replace(b'"at":"2026-07', b'"at":"2025-07'),
        export.replace(b'{"entry"', b'{"entri"', 1),
    ):
        lines = b"\n".join(line for line in odd.split(b"\n") if b"entri" not in line)
        assert lines != export
        found = problem(dated_log, earlier=from_lines(BytesIO(lines)), kept=Kept(1, NOW))
        assert found == ("removed", 1, uuid)


def test_a_clean_up_while_the_log_is_read_is_no_removal(log, monkeypatch):
    """Seals and entries are two statements: a transaction may come between them."""
    read = AuditSeals.entries

    def after_a_clean_up(seals, *asked):
        connection = seals._connection  # noqa: SLF001 - the connection of the transaction that reads
        connection.execute(delete(audit_entries).where(COLUMNS.seal_id == 1))
        now_removed = {"removed_at": NOW, "digests": None}
        connection.execute(update(audit_seals).where(audit_seals.c.id == 1).values(now_removed))
        return read(seals, *asked)

    monkeypatch.setattr(AuditSeals, "entries", after_a_clean_up)
    with log.transaction() as storage:
        found, _ = reading.seals(storage, 0)

    assert [(each.seal.removed_at is None, len(each.entries)) for each in found] == [
        (False, 0),
        (True, 1),
        (True, 2),
    ]
