"""PostgreSQL behind PgBouncer, which gives each transaction another session."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from broker.storage.database import Database, Limits
from broker.storage.failures import DatabaseFailure, failure_of
from broker.storage.postgresql_sessions import PreparedStatements

behind_a_pooler = pytest.mark.parametrize("database_url", ["pooler"], indirect=True)
directly = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
OFTEN = 12
"""More often than the driver sees a statement before it has it prepared."""
SETTINGS = ("jit", "random_page_cost", "statement_timeout")
SUM = text("SELECT sum(id) FROM versions WHERE number = :n")
PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT sum(id)%'")


@pytest.fixture
def opened(database_url):
    """Open the database as the settings may say."""
    databases = []

    def open_database(*limits, parameters="", **options):
        databases.append(Database(database_url + parameters, *limits, **options))
        return databases[-1]

    yield open_database
    for database in databases:
        database.close()


def read_often(database, times=OFTEN):
    """Return how many statements the session of the last transaction keeps prepared."""
    for _ in range(times):
        with database.reading() as storage:
            storage.connection.execute(SUM, {"n": "1"})
    with database.reading() as storage:
        return storage.connection.scalar(PREPARED)


def settings_of(connection):
    return tuple(connection.scalar(text(f"SHOW {name}")) for name in SETTINGS)


@behind_a_pooler
def test_nothing_is_prepared_behind_a_pooler(opened):
    assert read_often(opened()) == 0


@behind_a_pooler
def test_a_url_that_wants_everything_prepared_does_not_break_a_pooler(opened):
    assert read_often(opened(parameters="&prepare_threshold=0")) == 0


@pytest.mark.direct
@directly
@pytest.mark.parametrize(("chosen", "number"), [("auto", 1), ("on", 1), ("off", 0)])
def test_statements_are_prepared_as_the_setting_says(opened, chosen, number):
    assert read_often(opened(prepared_statements=PreparedStatements(chosen))) == number


@pytest.mark.direct
@directly
@pytest.mark.parametrize(
    ("parameters", "times", "number"), [("", 2, 0), ("", 3, 1), ("&prepare_threshold=5", 5, 0)]
)
def test_a_statement_is_prepared_when_it_comes_for_the_third_time(opened, parameters, times, number):
    assert read_often(opened(parameters=parameters), times) == number


@pytest.mark.direct
@directly
def test_what_is_prepared_is_still_there_after_a_rollback(opened):
    database = opened()
    read_often(database)

    with database.transaction(kept=False) as storage:
        storage.connection.execute(text("SELECT 1"))
    with pytest.raises(DBAPIError), database.transaction() as storage:
        storage.connection.execute(text("SELECT 1 / 0"))

    with database.transaction() as storage:
        assert storage.connection.scalar(PREPARED) == 1


@behind_a_pooler
def test_each_transaction_has_our_settings_and_leaves_none(opened, database_url):
    database = opened(Limits(statement_timeout=7))

    with database.transaction() as storage:
        in_a_transaction = settings_of(storage.connection)
    with database.transaction(serializable=True) as storage:
        level = storage.connection.scalar(text("SHOW transaction_isolation"))
    with database.reading() as storage:
        in_reading = settings_of(storage.connection)
    with database.connection() as connection:
        bare = settings_of(connection)

    assert in_a_transaction == in_reading == bare == ("off", "1.1", "7s")
    assert level == "serializable"
    with psycopg.connect(database_url) as somebody_else:
        left = [somebody_else.execute(f"SHOW {name}").fetchone()[0] for name in SETTINGS]
    assert left == ["on", "4", "0"]


@pytest.mark.direct
@directly
def test_without_a_pooler_a_session_has_the_settings(opened):
    database = opened(Limits(statement_timeout=7))

    with database.reading() as storage:
        assert settings_of(storage.connection) == ("off", "1.1", "7s")


@behind_a_pooler
def test_a_statement_behind_a_pooler_may_take_only_so_long(opened):
    database = opened(Limits(statement_timeout=1))

    with pytest.raises(DBAPIError) as refused, database.reading() as storage:
        storage.connection.execute(text("SELECT pg_sleep(5)"))

    assert failure_of(refused.value) is DatabaseFailure.AWAY


@behind_a_pooler
def test_many_clients_share_few_sessions(opened):
    databases = [opened() for _ in range(3)]

    def work(number):
        database = databases[number % 3]
        with database.transaction() as storage:
            storage.connection.execute(text("CREATE TABLE IF NOT EXISTS numbers (number INTEGER)"))
            storage.connection.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})
        with database.reading() as storage:
            return storage.connection.scalar(
                text("SELECT number FROM numbers WHERE number = :n"), {"n": number}
            )

    assert work(0) == 0
    with ThreadPoolExecutor(12) as clients:
        assert list(clients.map(work, range(1, 200))) == list(range(1, 200))


@behind_a_pooler
def test_a_change_is_rolled_back_behind_a_pooler(opened):
    database = opened()

    with suppress(ZeroDivisionError), database.transaction() as storage:
        storage.connection.execute(text("CREATE TABLE nothing (id INTEGER)"))
        raise ZeroDivisionError
    with database.transaction(kept=False) as storage:
        storage.connection.execute(text("CREATE TABLE nothing (id INTEGER)"))

    with database.reading() as storage:
        assert storage.connection.scalar(text("SELECT to_regclass('nothing')")) is None
