"""Entries get the next seal, one sealer at a time; what is committed late gets a later one."""

import threading
from itertools import pairwise

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from support.audit_logs import NOW, add, an_entry, entries, read_seals, seal, sealed_log
from support.sql_statements import sql_statements

from broker.background.sealer import Sealer
from broker.domain.accounts.actor import BROKER
from broker.domain.audit.entry_filter import AskedEntries, EntryFilter
from broker.services.audit import reading, sealing
from broker.storage.tables import audit_entries, audit_seals
from tally.audit.verification import verify

ALL = EntryFilter()


def names(found):
    return [entry.subject_name for entry in found]


def test_an_entry_is_one_statement(database):
    with database.transaction() as storage, sql_statements() as seen:
        storage.audit_entries.add(an_entry("Shop"))

    assert [statement.split(" (")[0] for statement in seen] == ["INSERT INTO audit_entries"]


def test_nothing_to_do_is_one_statement(database):
    sealer = Sealer(database)
    sealer.turn()

    with sql_statements() as seen:
        is_more = sealer.turn()

    assert not is_more
    assert len(seen) == 1


def test_each_seal_follows_the_one_before(database):
    sealed_log(database, ["A", "B"], ["C"], ["D"])

    with database.reading() as storage:
        found = storage.audit_seals.after(0, 10)

    assert [(each.number, each.entries) for each in found] == [(1, 2), (2, 1), (3, 1)]
    assert found[0].previous == bytes(32)
    assert all(second.previous == first.hash for first, second in pairwise(found))
    assert len({each.hash for each in found}) == 3


def test_an_entry_that_is_committed_late_gets_a_later_seal_and_comes_later(database):
    if database.url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time: nothing is committed late")
    with database.transaction() as late:
        late.audit_entries.add(an_entry("late"))
        add(database, "early")
        seal(database)
        before = entries(database, ALL)
    seal(database)

    after = entries(database, ALL)

    assert names(before) == ["early"]
    assert names(after) == ["early", "late"]
    assert [entry.seal for entry in after] == [1, 2]
    assert verify(read_seals(database)).problem is None


def test_an_entry_without_a_seal_is_only_among_the_newest(database):
    sealed_log(database, ["A"])
    add(database, "B")

    with database.reading() as storage:
        newest = storage.audit_entries.newest_first(ALL, 10)

    assert names(entries(database, ALL)) == ["A"]
    assert names(newest) == ["B", "A"]
    assert [entry.seal for entry in newest] == [None, 1]


def test_a_seal_is_of_a_bounded_number_of_entries(database, monkeypatch):
    monkeypatch.setattr(sealing, "MOST_ENTRIES", 3)
    add(database, *"ABCDEFG")
    sealer = Sealer(database, clock=lambda: NOW)

    turns = [sealer.turn() for _ in range(4)]

    assert turns == [True, True, False, False]
    with database.reading() as storage:
        assert [each.entries for each in storage.audit_seals.after(0, 10)] == [3, 3, 1]
    assert verify(read_seals(database)).problem is None


def test_one_holder_seals_at_a_time(database):
    add(database, "A")
    seal(database, holder="first", keeps_lease=True)
    add(database, "B")

    assert seal(database, holder="second") is None
    assert seal(database, holder="first").number == 2


def test_no_two_seals_follow_the_same_one(database):
    sealed_log(database, ["A"])
    with database.reading() as storage:
        first = storage.connection.execute(select(audit_seals)).one()._asdict()

    forged = insert(audit_seals).values({**first, "id": 7, "hash": bytes(32)})
    with pytest.raises(IntegrityError), database.transaction() as storage:
        storage.connection.execute(forged)


def test_sealers_of_several_threads_seal_each_entry_once(database):
    count, errors = 40, []
    is_done = threading.Event()

    def write(number):
        for each in range(count):
            add(database, f"{number}-{each}")

    def run():
        sealer = Sealer(database, clock=lambda: NOW)
        while not is_done.is_set():
            try:
                database.retrying.run(sealer.turn)
            except Exception as error:  # noqa: BLE001 - the test says which one
                errors.append(error)

    sealers = [threading.Thread(target=run) for _ in range(3)]
    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in (*sealers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    is_done.set()
    for thread in sealers:
        thread.join()
    with database.transaction() as storage:  # whoever had the lease last may have it still
        storage.leases.give_back("audit seals", "nobody")
        storage.connection.exec_driver_sql("DELETE FROM leases")
    seal(database)

    found = verify(read_seals(database))

    assert errors == []
    assert found.problem is None
    assert found.entries == 3 * count
    assert sorted(names(entries(database, ALL))) == sorted(
        f"{n}-{each}" for n in range(3) for each in range(count)
    )


def test_entries_are_found_by_actor_action_subject_team_and_time(database):
    sealed_log(database, ["A", "B"], ["C"])
    add(database, "D", action="delete", team="selling", at=NOW.replace(hour=13))
    seal(database, now=NOW.replace(hour=13))

    def found(**which):
        return names(entries(database, EntryFilter(**which)))

    assert found(actor="ada") == found(actor="7b0f4f8e-5a54-4a2c-9a35-3f0d4b1c2a10") == ["A", "B", "C", "D"]
    assert found(actor="bob") == []
    assert found(action="delete") == ["D"]
    assert found(subject="B") == ["B"]
    assert found(team_ids=[]) == found(team_ids=[4711]) == []
    assert found(since=NOW.replace(second=1)) == ["C", "D"]
    assert found(since=NOW.replace(hour=13, second=1)) == []


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_have_each_entry_once(database, newest_first):
    sealed_log(database, "ABC", "DE", "F")
    add(database, "G")

    start, seen = "", []
    for _ in range(10):
        with database.reading() as storage:
            page = reading.page(storage, BROKER, AskedEntries(ALL, 2, start, newest_first))
        seen += names(page.entries)
        start = page.following
        if not start:
            break

    assert "".join(seen) == ("GFEDCBA" if newest_first else "ABCDEF")


def test_an_entry_says_what_was_stored_on_every_database(database):
    add(database, "Shop", before={"n": 1.5, "big": 2**70, "x": [None, True, {"ü": "\ud800"}]}, team="t")
    seal(database)

    (found,) = entries(database, ALL)

    document = found.to_document()
    assert document["at"] == "2026-11-29T12:00:00.000000Z"
    assert document["before"] == {"n": 1.5, "big": str(2**70), "x": [None, True, {"ü": "\ufffd"}]}
    assert document["after"] == {"name": "Shop"}
    assert (
        found.canonical()
        == (
            '{"action":"publish","actor":{"kind":"person","name":"ada",'
            '"uuid":"7b0f4f8e-5a54-4a2c-9a35-3f0d4b1c2a10"},"address":null,"after":{"name":"Shop"},'
            '"at":"2026-11-29T12:00:00.000000Z",'
            '"before":{"big":"1180591620717411303424","n":1.5,"x":[null,true,{"ü":"\ufffd"}]},'
            '"outcome":"done","requestId":null,"subject":{"kind":"pacticipant","name":"Shop"},"team":"t",'
            f'"uuid":"{found.uuid}","via":"session"}}'
        ).encode()
    )


def test_names_that_no_database_holds_are_stored_readably(database):
    add(database, "a\0b\ud800c", "x" * 3000, address="y\0" * 400, request_id="\0")
    seal(database)

    odd, long = entries(database, ALL)

    assert odd.subject_name == "a\ufffdb\ufffdc"
    assert len(long.subject_name) == 500
    assert long.subject_name.endswith("x… (3000 characters)")
    assert names(entries(database, EntryFilter(subject="x" * 3000))) == [long.subject_name]
    assert verify(read_seals(database)).problem is None


def test_a_change_by_hand_is_not_sealed_again(database):
    sealed_log(database, ["A"])
    with database.transaction() as storage:
        storage.connection.execute(update(audit_entries).values(actor_name="eve"))
    seal(database)

    assert verify(read_seals(database)).problem.kind == "changed"
