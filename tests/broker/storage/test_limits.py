import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from broker.storage.database import Database, Limits
from broker.storage.failures import DatabaseFailure, failure_of


@pytest.fixture
def limited(database_url):
    """Open the database with limits."""
    opened = []

    def open_with(limits):
        opened.append(Database(database_url, limits))
        return opened[0]

    yield open_with
    opened[0].close()


def test_who_finds_no_free_connection_is_told_in_time(limited):
    database = limited(Limits(connections=4, most=1, pool_timeout=0))

    with database.reading(), pytest.raises(PoolTimeoutError) as refused, database.reading():
        pass

    assert failure_of(refused.value) is DatabaseFailure.AWAY
    assert database.pool() == (1, 0)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_statement_may_take_only_so_long(limited):
    database = limited(Limits(statement_timeout=1))

    with database.connection() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text("SELECT pg_sleep(5)"))

    assert failure_of(refused.value) is DatabaseFailure.AWAY
