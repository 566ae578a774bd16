"""From its third execution on, the driver itself sends a statement. What comes of it is the same."""

from contextlib import contextmanager

import pytest
from sqlalchemy import bindparam, delete, insert, literal, select, text, update
from sqlalchemy.exc import IntegrityError
from support.factories import NOON
from support.sql_statements import sql_statements

from broker.storage.dialects import is_in
from broker.storage.failures import is_lost_race
from broker.storage.tables import pacticipants, search_entries

TIMES = range(4)
_names = pacticipants.c.name
_ADD = insert(pacticipants).values(
    name=bindparam("new"), display_name=literal("same"), created_at=bindparam("now"), updated_at=NOON
)
_ADD_AND_RETURN = _ADD.returning(pacticipants.c.id, _names, pacticipants.c.created_at)
_RENAME = update(pacticipants).where(_names == bindparam("old")).values(main_branch=bindparam("branch"))
_REMOVE = delete(pacticipants).where(_names == bindparam("old"))
_INDEX = insert(search_entries).values(kind=1, text=bindparam("text"))
_FIND = select(pacticipants).where(_names == bindparam("asked"))
_FIND_ANY = select(_names).where(_names.in_(bindparam("asked", expanding=True))).order_by(_names)
_FIND_IN = select(_names).where(is_in(_names, "asked")).order_by(_names)


@contextmanager
def with_pacticipants(database, *names):
    """Yield a connection that sees these, and rolls back what is done with it."""
    with database.transaction(kept=False) as storage:
        for name in names:
            storage.connection.execute(_ADD, {"new": name, "now": NOON})
        yield storage.connection


def test_rows_are_the_same_each_time(database):
    with with_pacticipants(database, "A", "B", "C", "D") as connection:
        rows = [connection.execute(_FIND, {"asked": "D"}).one() for _ in TIMES]

        assert {(row.name, row.display_name, row.created_at, row.main_branch) for row in rows} == {
            ("D", "same", NOON, None)
        }
        assert [connection.execute(_FIND, {"asked": "E"}).first() for _ in TIMES] == [None] * 4
        assert [connection.scalar(_FIND_IN, {"asked": ["D", "A"]}) for _ in TIMES] == ["A"] * 4
        assert [connection.scalars(_FIND_IN, {"asked": []}).all() for _ in TIMES] == [[]] * 4
        assert {connection.execute(_FIND, {"asked": "A"}).mappings().one()["created_at"] for _ in TIMES} == {
            NOON
        }


def test_a_text_that_depends_on_the_values_is_another_one_each_time(database):
    with with_pacticipants(database, "A", "B", "C") as connection:
        asked = [["A"], ["A", "B"], ["C", "A", "B"], [], ["B"]]

        found = [connection.scalars(_FIND_ANY, {"asked": names}).all() for names in asked]

    assert found == [["A"], ["A", "B"], ["A", "B", "C"], [], ["B"]]


def test_statements_of_the_same_shape_keep_their_own_values(database):
    one, other = (select(_names).where(_names == name) for name in ("A", "B"))

    with with_pacticipants(database, "A", "B") as connection:
        found = [(connection.scalar(one), connection.scalar(other)) for _ in TIMES]

    assert found == [("A", "B")] * 4


def test_other_parameters_than_before_are_used(database):
    statement = select(literal(1) + bindparam("one", 10) + bindparam("two", 100))

    with database.reading() as storage:
        given = [{}, {}, {}, {"one": 20}, {"two": 200}, {"one": 20, "two": 200}, {}]
        found = [storage.connection.scalar(statement, values) for values in given]

    assert found == [111, 111, 111, 121, 211, 221, 111]


def test_changes_say_how_many_rows_there_were(database):
    with with_pacticipants(database, "A") as connection:
        changed = [connection.execute(_RENAME, {"old": "A", "branch": f"b{n}"}).rowcount for n in TIMES]
        missing = [connection.execute(_RENAME, {"old": "B", "branch": "b"}).rowcount for _ in TIMES]
        removed = [connection.execute(_REMOVE, {"old": "A"}).rowcount for _ in TIMES]
        added = [connection.execute(_ADD_AND_RETURN, {"new": f"N{n}", "now": NOON}).one() for n in TIMES]

    assert (changed, missing, removed) == ([1] * 4, [0] * 4, [1, 0, 0, 0])
    assert [(row.name, row.created_at) for row in added] == [(f"N{n}", NOON) for n in TIMES]
    assert len({row.id for row in added}) == 4


def test_a_change_is_kept_with_its_transaction_alone(database):
    for number in TIMES:
        with database.transaction() as storage:
            storage.connection.execute(_ADD, {"new": f"kept {number}", "now": NOON})
        with database.reading() as storage:
            assert storage.connection.execute(_FIND, {"asked": f"kept {number}"}).one()
        with with_pacticipants(database, f"undone {number}"):
            pass

    with database.reading() as storage:
        assert set(storage.connection.scalars(select(_names))) == {f"kept {number}" for number in TIMES}


def test_defaults_of_columns_are_stored(database):
    with with_pacticipants(database) as connection:
        for number in TIMES:
            connection.execute(_INDEX, {"text": f"text {number}"})

        rows = connection.execute(select(search_entries).order_by(search_entries.c.id)).all()

    assert [(row.text, row.title, row.on_main) for row in rows] == [(f"text {n}", "", False) for n in TIMES]


def test_a_refusal_is_the_same_error_each_time(database):
    errors = []
    for _ in TIMES:
        with with_pacticipants(database, "A") as connection, pytest.raises(IntegrityError) as refused:
            connection.execute(_ADD, {"new": "A", "now": NOON})
        errors.append(refused.value)

    assert (
        len({(type(error), error.statement, error.code, is_lost_race(error), str(error)) for error in errors})
        == 1
    )
    assert "12:00" not in str(errors[-1]), "values may be secrets"


def test_each_execution_is_counted_and_seen(database):
    with database.reading() as storage:
        before = database.load.numbers().statements["select"]
        with sql_statements() as seen:
            for _ in TIMES:
                storage.connection.execute(_FIND, {"asked": "A"}).all()
    watched = []
    database.watch_statements(watched.append)
    with with_pacticipants(database, "A") as connection, pytest.raises(IntegrityError):
        connection.execute(_ADD, {"new": "A", "now": NOON})

    assert (len(seen), len(set(seen))) == (4, 1)
    assert database.load.numbers().statements["select"] == before + 4
    adding = [statement for statement in watched if statement.operation == "INSERT"]
    assert [statement.error is None for statement in adding] == [True, False]


@pytest.mark.pooled
def test_statements_of_a_reading_see_what_is_committed_meanwhile(database):
    with database.reading() as storage:
        for number in TIMES:
            with database.transaction() as changing:
                changing.connection.execute(_ADD, {"new": f"A{number}", "now": NOON})
            assert len(storage.connection.execute(_FIND, {"asked": f"A{number}"}).all()) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reading_of_sqlite_executes_what_it_is_asked_and_nothing_else(database):
    executed = []
    with database.reading() as storage:
        storage.connection.connection.driver_connection.set_trace_callback(executed.append)

    for _ in TIMES:
        with database.reading() as storage:
            storage.connection.execute(_FIND, {"asked": "A"}).all()

    # A PRAGMA makes SQLite prepare all statements of the connection anew.
    assert [statement.split()[0] for statement in executed] == ["SELECT"] * 4


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.direct
def test_a_connection_that_is_lost_is_opened_again(database):
    statement = select(literal("there"))
    for _ in TIMES:
        with database.reading() as storage:
            assert storage.connection.scalar(statement) == "there"
    with database.connection() as other:
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    tries = []

    def ask():
        tries.append(1)
        with database.reading() as storage:
            return storage.connection.scalar(statement)

    assert database.retrying.run(ask) == "there"
