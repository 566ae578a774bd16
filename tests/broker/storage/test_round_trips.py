"""What goes to PostgreSQL together: done in order, prepared, and as safe as one statement after the other."""

from enum import IntEnum
from random import Random

import psycopg
import pytest
from sqlalchemy import (
    BigInteger,
    LargeBinary,
    String,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from support.factories import NOON, a_pact, a_publication, a_verification_result, an_interaction

from broker.storage.database import Database
from broker.storage.direct_statements import later, soon
from broker.storage.round_trips import MOST_PREPARED, MOST_VARIANTS, MOST_WAITING, RoundTrips
from broker.storage.tables import pacticipants, search_entries

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
_names = pacticipants.c.name
_ADD = insert(pacticipants).values(
    name=bindparam("new"), display_name=literal("same"), created_at=NOON, updated_at=NOON
)
_ADD_AND_RETURN = _ADD.returning(pacticipants.c.id, _names)
_RENAME = update(pacticipants).where(_names == bindparam("old")).values(name=bindparam("new"))
_ALL = select(_names).order_by(_names)
_INDEX = insert(search_entries).values(kind=1, text=bindparam("text"))
_TIMES = select(bindparam("factor") * literal(2))
_ITSELF = select(bindparam("value"))
_BYTES = select(func.length(bindparam("sent", type_=LargeBinary)), cast(func.repeat("x", 20_000_000), String))
_PID = text("SELECT pg_backend_pid()")
_PREPARED = text("SELECT statement, parameter_types::text FROM pg_prepared_statements")


@pytest.fixture
def known(database):
    """The database, which has executed each of these often enough to send them directly."""
    for statement, given in (
        (_ADD, {"new": "A"}),
        (_ADD_AND_RETURN, {"new": "B"}),
        (_RENAME, {"old": "C", "new": "D"}),
        (_ALL, {}),
        (_INDEX, {"text": "a"}),
    ):
        for _ in range(2):
            with database.transaction(kept=False) as storage:
                storage.connection.execute(statement, given)
    return database


def names_in(database):
    with database.reading() as storage:
        return storage.connection.scalars(_ALL).all()


@pytest.fixture
def ways(monkeypatch):
    """Count the ways to PostgreSQL."""
    gone = []
    go = RoundTrips._go  # noqa: SLF001 - there is no other face that shows it

    def counted(trips, last):
        gone.append(last.text)
        return go(trips, last)

    monkeypatch.setattr(RoundTrips, "_go", counted)
    return gone


def test_what_waits_is_done_in_order_and_before_what_is_asked_next(known):
    with known.transaction() as storage:
        later(storage.connection, _ADD, {"new": "A"})
        later(storage.connection, _RENAME, {"old": "A", "new": "B"})
        later(storage.connection, _ADD, {"new": "A"})
        inside = storage.connection.scalars(_ALL).all()
        later(storage.connection, _RENAME, {"old": "A", "new": "C"})

    assert inside == ["A", "B"]
    assert names_in(known) == ["B", "C"]


def test_what_waits_is_done_before_statements_that_are_sent_in_another_way(known):
    with known.transaction() as storage:
        later(storage.connection, _ADD, {"new": "A"})
        by_a_new_statement = storage.connection.scalars(select(_names)).all()
        later(storage.connection, _RENAME, {"old": "A", "new": "B"})
        by_a_text = storage.connection.exec_driver_sql("SELECT name FROM pacticipants").scalars().all()
        later(storage.connection, _RENAME, {"old": "B", "new": "C"})
        storage.connection.execute(_INDEX, [{"text": "a"}, {"text": "b"}])

    assert (by_a_new_statement, by_a_text) == (["A"], ["B"])
    assert names_in(known) == ["C"]


def test_rows_that_are_returned_soon_can_be_read_before_and_after_the_next_statement(known):
    with known.transaction() as storage:
        first = soon(storage.connection, _ADD_AND_RETURN, {"new": "A"})
        second = soon(storage.connection, _ADD_AND_RETURN, {"new": "B"})
        [row] = second()
        storage.connection.scalars(_ALL).all()
        [earlier] = first()
        at_the_end = soon(storage.connection, _ADD_AND_RETURN, {"new": "C"})

    assert [earlier.name, row.name] == ["A", "B"]
    assert row.id == earlier.id + 1
    assert [found.name for found in at_the_end()] == ["C"]


def test_a_transaction_that_is_rolled_back_forgets_what_waits(known):
    with known.transaction(kept=False) as storage:
        later(storage.connection, _ADD, {"new": "A"})

    def fail():
        with known.transaction() as storage:
            later(storage.connection, _ADD, {"new": "B"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with known.transaction() as storage:
        later(storage.connection, _ADD, {"new": "C"})

    assert names_in(known) == ["C"]


@on_postgresql
@pytest.mark.direct
def test_of_many_that_wait_some_are_sent(known, ways):
    with known.transaction() as storage:
        for number in range(2 * MOST_WAITING + 10):
            later(storage.connection, _ADD, {"new": f"{number:04}"})

    assert len(ways) == 3
    assert names_in(known) == [f"{number:04}" for number in range(2 * MOST_WAITING + 10)]


def test_what_is_only_tried_fails_as_it_would(known):
    def try_it():
        with known.transaction(kept=False) as storage:
            later(storage.connection, _ADD, {"new": "A"})
            later(storage.connection, _ADD, {"new": "A"})

    with pytest.raises(IntegrityError):
        try_it()

    assert names_in(known) == []


@on_postgresql
@pytest.mark.direct
def test_an_error_is_of_the_statement_that_failed_and_nothing_is_stored(known):
    def twice(ask):
        with known.transaction() as storage:
            later(storage.connection, _ADD, {"new": "A"})
            later(storage.connection, _ADD, {"new": "A"})
            ask(storage.connection)

    with pytest.raises(IntegrityError) as at_the_next:
        twice(lambda connection: connection.scalars(_ALL).all())
    with pytest.raises(IntegrityError) as at_the_end:
        twice(lambda _connection: None)

    assert "INSERT INTO pacticipants" in at_the_next.value.statement
    assert "uq_pacticipants_name" in str(at_the_end.value)
    assert names_in(known) == []


@on_postgresql
@pytest.mark.direct
def test_a_value_that_cannot_be_sent_harms_neither_the_connection_nor_the_message(known):
    with known.transaction() as storage:
        before = storage.connection.scalar(_PID)
    with pytest.raises(DataError, match="NUL") as refused, known.transaction() as storage:
        later(storage.connection, _INDEX, {"text": "a\0b"})
    with known.transaction() as storage:
        after = storage.connection.scalar(_PID)

    assert "INSERT INTO search_entries" in refused.value.statement
    assert after == before


@on_postgresql
@pytest.mark.direct
def test_one_preparation_is_enough_for_numbers_of_any_size_nulls_and_texts(database):
    numbers = [40_000, 5, 3_000_000_000, 7, 40_001, 1, 3_000_000_001]
    with database.reading() as storage:
        found = [storage.connection.scalar(_TIMES, {"factor": number}) for number in numbers]
        types = [kind for sql, kind in storage.connection.execute(_PREPARED) if "SELECT $1 *" in sql]

    assert found == [2 * number for number in numbers]
    assert len(types) == 1


class Size(IntEnum):
    LARGE = 7


@on_postgresql
@pytest.mark.direct
def test_values_of_any_class_may_follow_each_other(database):
    sent = [5, None, 70_000, Size.LARGE, None, 3_000_000_000, 5]
    texts = [5, 5, 5, "abc", None, 6, "7"]
    with database.reading() as storage:
        numbers = [storage.connection.scalar(_TIMES, {"factor": number}) for number in sent]
        itself = [storage.connection.scalar(_ITSELF, {"value": value}) for value in texts]
        kept = [sql for sql, _ in storage.connection.execute(_PREPARED) if sql.startswith("SELECT $1")]

    assert numbers == [None if number is None else 2 * number for number in sent]
    assert [value if value is None else str(value) for value in itself] == [
        value if value is None else str(value) for value in texts
    ]
    assert len(kept) <= MOST_VARIANTS


@on_postgresql
@pytest.mark.direct
def test_a_text_has_few_preparations_whatever_the_sizes_of_its_numbers(database):
    names = [f"n{number}" for number in range(12)]
    total = select(sum((func.coalesce(bindparam(name, type_=BigInteger), 0) for name in names), literal(0)))
    chance = Random(1)  # noqa: S311 - nothing is secret here
    with database.reading() as storage:
        for _ in range(300):
            given = {name: chance.choice([None, 1, 40_000, 3_000_000_000]) for name in names}
            found = storage.connection.scalar(total, given)
            assert found == sum(number or 0 for number in given.values())
        kept = [sql for sql, _ in storage.connection.execute(_PREPARED) if "coalesce" in sql]

    assert len(kept) == 1


@on_postgresql
@pytest.mark.direct
def test_a_connection_keeps_no_more_prepared_than_it_may(database):
    statements = [select(literal(f"{number}").label(f"c{number}")) for number in range(MOST_PREPARED + 50)]
    with database.reading() as storage:
        for statement in statements:
            for _ in range(3):
                storage.connection.execute(statement)
        kept = storage.connection.execute(_PREPARED).all()
        again = storage.connection.scalar(statements[0])

    assert MOST_PREPARED - 50 < len(kept) <= MOST_PREPARED + 5
    assert again == "0"


@on_postgresql
@pytest.mark.direct
def test_much_can_be_under_way_in_both_directions(database):
    with database.transaction() as storage:
        for _ in range(4):
            sent, received = storage.connection.execute(_BYTES, {"sent": b"x" * 20_000_000}).one()

    assert sent == len(received) == 20_000_000


@on_postgresql
@pytest.mark.direct
def test_what_the_server_says_when_it_ends_a_connection_is_told(known, database_url):
    def lose():
        with known.transaction() as storage:
            pid = storage.connection.scalar(_PID)
            later(storage.connection, _ADD, {"new": "A"})
            with psycopg.connect(database_url.replace("+psycopg", "")) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            storage.connection.scalars(_ALL).all()

    with pytest.raises(DBAPIError) as lost:
        lose()
    with known.transaction() as storage:
        later(storage.connection, _ADD, {"new": "B"})

    assert lost.value.connection_invalidated
    assert names_in(known) == ["B"]


@on_postgresql
@pytest.mark.direct
def test_other_words_than_ours_may_throw_away_what_is_prepared(known: Database):
    with known.connection() as connection:
        connection.scalars(_ALL).all()
        connection.exec_driver_sql("CREATE TABLE away (id INTEGER)")
        connection.exec_driver_sql("DROP TABLE away")
        connection.commit()

    assert names_in(known) == []
    with known.transaction() as storage:
        later(storage.connection, _ADD, {"new": "A"})
        storage.connection.exec_driver_sql("CREATE TABLE away (id INTEGER)")
        later(storage.connection, _ADD, {"new": "B"})
        storage.connection.exec_driver_sql("DROP TABLE away")
        later(storage.connection, _ADD, {"new": "C"})
    assert names_in(known) == ["A", "B", "C"]


@on_postgresql
@pytest.mark.direct
@pytest.mark.parametrize(
    ("what", "most"),
    [("result", 3), ("result that changes a verdict", 4), ("pact", 5), ("publication", 6)],
)
def test_a_write_goes_few_ways(broker, ways, what, most):
    broker.post("/contracts/publish", json=a_publication())
    pact = broker.get("/pacts/provider/Orders/consumer/Shop/latest").json
    path = pact["_links"]["pb:publish-verification-results"]["href"]
    if what == "result":
        broker.post(path, json=a_verification_result("1"))
        broker.put("/pacticipants/Orders/branches/main/versions/1", json={})

    def write(number):
        if what.startswith("result"):
            return broker.post(path, json=a_verification_result(str(number)))
        pact = a_pact(an_interaction(f"number {number}"))
        if what == "pact":
            return broker.put(f"/pacts/provider/Orders/consumer/Shop/version/{number}", json=pact)
        return broker.post("/contracts/publish", json=a_publication(version=str(number), branch="main"))

    for number in range(10, 16):
        ways.clear()
        assert write(number).status_code in {200, 201}

    assert len(ways) <= most, "\n\n".join(ways)
