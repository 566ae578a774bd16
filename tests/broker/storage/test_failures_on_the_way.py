"""Statements that went to PostgreSQL together and failed, or whose connection did: what is known of them."""

import signal
import threading
import time
from contextlib import contextmanager
from threading import Thread

import psycopg
import pytest
from sqlalchemy import bindparam, insert, literal, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from support.factories import NOON

from broker.storage.database import Database, Limits
from broker.storage.direct_statements import later, soon
from broker.storage.failures import DatabaseFailure, failure_of
from broker.storage.idempotency_keys import KeptAnswer
from broker.storage.postgresql_sessions import committing
from broker.storage.tables import pacticipants

pytestmark = [
    pytest.mark.direct,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
_names = pacticipants.c.name
_ADD = insert(pacticipants).values(
    name=bindparam("new"), display_name=literal("same"), created_at=NOON, updated_at=NOON
)
_NEVER = (
    insert(pacticipants)
    .values(name=bindparam("new"), display_name="", created_at=text("'infinity'"), updated_at=NOON)
    .returning(pacticipants.c.created_at)
)
_MARK = update(pacticipants).where(_names == bindparam("old")).values(main_branch=bindparam("branch"))
_ALL = select(_names).order_by(_names)
_PID = text("SELECT pg_backend_pid()")
_SLEEP = text("SELECT pg_sleep(:seconds)")
KEEP = KeptAnswer(200, "text/plain", None, None)


@pytest.fixture
def known(database):
    """The database, which has executed each of these often enough to send them directly."""
    learn(database)
    return database


def learn(database):
    for statement, given in (
        (_ADD, {"new": "A"}),
        (_MARK, {"old": "A", "branch": "b"}),
        (_ALL, {}),
        (_PID, {}),
        (_SLEEP, {"seconds": 0.0}),
    ):
        for _ in range(2):
            with database.transaction(kept=False) as storage:
                storage.connection.execute(statement, given)


@contextmanager
def beside(url):
    """A session of its own, which commits each statement."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as session:
        yield session


def names_in(database):
    with database.reading() as storage:
        return storage.connection.scalars(_ALL).all()


def end_the_resting_session(database, url):
    with database.reading() as storage:
        pid = storage.connection.scalar(_PID)
    with beside(url) as session:
        session.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_what_is_only_written_is_written_again_when_the_session_was_gone_before(known, database_url):
    def keep(storage):
        storage.idempotency_keys.keep(b"x" * 32, KEEP)
        later(storage.connection, _ADD, {"new": "A"})

    known.write(lambda storage: storage.idempotency_keys.keep(b"x" * 32, KEEP))
    known.write(lambda storage: storage.idempotency_keys.keep(b"x" * 32, KEEP))
    end_the_resting_session(known, database_url)

    known.write(keep)

    assert names_in(known) == ["A"]


def test_a_session_that_ends_before_commit_has_stored_nothing_and_the_transaction_runs_again(
    known, database_url
):
    with known.transaction() as storage:
        storage.connection.execute(_ADD, {"new": "A"})
    ran = []
    with beside(database_url) as killer, psycopg.connect(database_url.replace("+psycopg", "")) as holder:
        holder.execute("SELECT * FROM pacticipants FOR UPDATE")

        def kill(pid):
            while not killer.execute(
                "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'", [pid]
            ).fetchone():
                time.sleep(0.01)
            killer.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            holder.rollback()

        def change(storage):
            ran.append(storage.connection.scalar(_PID))
            later(storage.connection, _ADD, {"new": "B"})
            later(storage.connection, _MARK, {"old": "A", "branch": "main"})
            if len(ran) == 1:
                Thread(target=kill, args=ran).start()

        known.write(change)

    assert len(ran) == 2
    assert names_in(known) == ["A", "B"]


def test_a_limit_of_time_is_of_the_statement_that_took_it(database_url):
    database = Database(database_url, Limits(statement_timeout=1))
    learn(database)

    def take_long():
        with database.transaction() as storage:
            later(storage.connection, _ADD, {"new": "A"})
            later(storage.connection, _SLEEP, {"seconds": 5.0})
            storage.connection.scalars(_ALL).all()

    with pytest.raises(DBAPIError) as slow:
        take_long()

    assert failure_of(slow.value) is DatabaseFailure.AWAY
    assert "pg_sleep" in slow.value.statement
    assert not slow.value.connection_invalidated
    assert names_in(database) == []
    database.close()


def test_an_interrupted_program_is_told_so(known):
    def interrupt():
        time.sleep(0.3)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    def sleep():
        with known.transaction() as storage:
            later(storage.connection, _ADD, {"new": "A"})
            storage.connection.execute(_SLEEP, {"seconds": 30.0})

    Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        sleep()

    assert names_in(known) == []


@pytest.mark.parametrize("has_standby", [False, True])
def test_a_transaction_in_which_a_statement_has_failed_cannot_be_committed(known, has_standby):
    if has_standby:
        known._engine.dialect.do_commit = committing(lambda _position: None)  # noqa: SLF001 - as `read_also_from` does

    def go_on_after_an_error():
        with known.transaction() as storage:
            storage.connection.execute(_ADD, {"new": "A"})
            with pytest.raises(IntegrityError):
                storage.connection.execute(_ADD, {"new": "A"})

    with pytest.raises(DBAPIError, match="nothing is stored"):
        go_on_after_an_error()
    with known.transaction() as storage:
        later(storage.connection, _ADD, {"new": "B"})

    assert names_in(known) == ["B"]


def test_a_value_that_cannot_be_read_is_no_reason_to_take_a_commit_for_failed(known):
    for _ in range(2):
        with known.transaction(kept=False) as storage:
            storage.connection.execute(_NEVER, {"new": "A"})

    with known.transaction() as storage:
        rows = soon(storage.connection, _NEVER, {"new": "A"})

    with pytest.raises(psycopg.DataError):
        rows()
    assert names_in(known) == ["A"]


def test_a_connection_whose_preparations_were_thrown_away_prepares_anew(known):
    names_in(known)
    with known.transaction() as storage:
        storage.connection.execute(text("DEALLOCATE ALL"))
    with pytest.raises(DBAPIError, match="does not exist"):
        names_in(known)

    assert names_in(known) == []


def test_who_watches_statements_is_told_of_one_that_waited_and_failed(known):
    told = []
    known.watch_statements(told.append)

    def add_twice():
        with known.transaction() as storage:
            later(storage.connection, _ADD, {"new": "A"})
            later(storage.connection, _ADD, {"new": "A"})
            storage.connection.scalars(_ALL).all()

    with pytest.raises(IntegrityError):
        add_twice()

    [failed] = [statement for statement in told if statement.error is not None]
    assert failed.text.startswith("INSERT INTO pacticipants")
