"""Connections to PostgreSQL of which the broker needs fewer at the moment."""

import pytest

from broker.storage.database import Database

pytestmark = [pytest.mark.direct, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


@pytest.fixture
def opened(database_url):
    databases = []

    def open_database(parameters=""):
        databases.append(Database(database_url + parameters))
        return databases[-1]

    yield open_database
    for database in databases:
        database.close()


def served_by(connection):
    return connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()


def test_the_one_that_was_used_last_is_used_again(opened):
    database = opened()
    with database.connection() as first, database.connection() as second:
        both = {served_by(first), served_by(second)}

    found = []
    for _ in range(6):
        with database.connection() as connection:
            found.append(served_by(connection))

    assert len(both) == 2
    assert len(set(found)) == 1


@pytest.mark.parametrize(("parameters", "seconds"), [("", "60"), ("&keepalives_idle=9", "9")])
def test_one_that_rests_says_that_it_is_there(opened, parameters, seconds):
    with opened(parameters).connection() as connection:
        driver = connection.connection.dbapi_connection

        assert driver.info.get_parameters()["keepalives_idle"] == seconds
