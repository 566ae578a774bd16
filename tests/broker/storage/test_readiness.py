import time

import pytest
from sqlalchemy import text
from support.receivers import wait_until

from broker.storage.database import Database, Limits
from broker.storage.readiness import SECONDS, Finding, Readiness


def test_a_migrated_database_is_ready(database):
    assert Readiness(database).finding() == Finding()


def test_the_database_is_ready_while_requests_have_all_their_connections(database_url):
    database = Database(database_url, Limits(connections=1, most=1, pool_timeout=0))
    with database.reading():
        assert Readiness(database).finding().is_ready
    database.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_statement_that_never_returns_keeps_nobody_waiting(database):
    readiness = Readiness(database)
    with database.connection() as other:
        other.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))
        started = time.monotonic()
        first = readiness.finding()
        seconds = time.monotonic() - started
        second = readiness.finding()
        seconds_of_second = time.monotonic() - started - seconds
        other.rollback()
    wait_until(lambda: readiness.finding().is_ready)

    assert "no answer within 1.5 s" in (first.database or "")
    assert second == first
    assert seconds < 2
    assert seconds_of_second < 0.5


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_is_opened_anew(database):
    moments = [0.0]
    readiness = Readiness(database, timer=lambda: moments[-1])
    assert readiness.finding().is_ready
    with database.connection() as other:
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    moments.append(SECONDS)

    assert readiness.finding().is_ready
