"""A transaction that the database asks to repeat runs again, whoever began it; what is committed does not."""

import re
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from psycopg import errors
from sqlalchemy import Engine, event, insert
from sqlalchemy.exc import IntegrityError, OperationalError
from support.decisions_over_http import Api

from broker.app import create_app
from broker.background.clean_up import clean
from broker.background.counter import Counter
from broker.background.worker import Worker
from broker.domain.retention.policy import Policy
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.failures import DatabaseFailure, UnknownOutcomeError, failure_of
from broker.storage.held_lease import HeldLease
from broker.storage.migrations import upgrade
from broker.storage.retrying import Retries, longest_pause
from broker.storage.tables import standings_lock

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SERIALIZATION, DEADLOCK = errors.SerializationFailure, errors.DeadlockDetected


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def database(database_url, pauses):
    found = Database(database_url, retries=Retries(4, sleep=pauses.append))
    yield found
    found.close()


@pytest.fixture
def noted(database):
    """The errors after which something was run again."""
    found = []
    database.retrying.noted = found.append
    return found


@contextmanager
def failing(times, kind=SERIALIZATION, *, statement=None):
    """Let that many statements of this pattern fail, or COMMITs without one, as PostgreSQL does.

    A COMMIT that fails has stored nothing: it is a ROLLBACK.
    """
    left = [times]

    def fail_at_statement(_connection, _cursor, sql, *_):
        if left[0] and re.search(statement, sql):
            left[0] -= 1
            raise OperationalError(sql, {}, kind("restart transaction"))

    def fail_at_commit(connection):
        if left[0] and connection.get_isolation_level() != "AUTOCOMMIT":
            left[0] -= 1
            connection.dialect.do_rollback(connection.connection)
            raise OperationalError("COMMIT", {}, kind("restart transaction"))

    name, fail = ("before_cursor_execute", fail_at_statement) if statement else ("commit", fail_at_commit)
    event.listen(Engine, name, fail)
    try:
        yield left
    finally:
        event.remove(Engine, name, fail)


AT = {"at a statement": "INSERT INTO leases", "at COMMIT": None}


def take(storage):
    return storage.leases.take("a lease", "me", 60)


@pytest.mark.parametrize("kind", [SERIALIZATION, DEADLOCK])
@pytest.mark.parametrize("statement", AT.values(), ids=AT)
def test_a_transaction_that_lost_a_race_runs_again(database, noted, pauses, kind, statement):
    with failing(3, kind, statement=statement) as left:
        assert database.write(take)

    assert left == [0]
    assert [type(error.orig) for error in noted] == [kind] * 3
    assert len(pauses) == 3


@pytest.mark.parametrize("statement", AT.values(), ids=AT)
def test_it_runs_as_often_as_is_allowed(database, noted, statement):
    with failing(99, statement=statement) as left, pytest.raises(OperationalError) as failed:
        database.write(take)

    assert left == [99 - 5]
    assert len(noted) == 4
    assert failure_of(failed.value) is DatabaseFailure.CONFLICT


def test_nothing_runs_again_when_that_is_switched_off(database_url):
    database = Database(database_url, retries=Retries(0))

    with failing(1), pytest.raises(OperationalError):
        database.write(take)

    assert database.write(take)
    database.close()


@pytest.mark.parametrize(
    "kind", [errors.ConnectionFailure, errors.TransactionResolutionUnknown, errors.StatementCompletionUnknown]
)
def test_what_may_be_committed_does_not_run_again(database, noted, kind):
    with failing(1, kind), pytest.raises(UnknownOutcomeError) as failed:
        database.write(take)

    assert noted == []
    assert failure_of(failed.value) is DatabaseFailure.LOST


def test_what_is_committed_does_not_run_again(database, noted):
    ran = []

    def work():
        ran.append(True)
        database.write(take)
        with failing(1, statement="DELETE FROM leases"), database.transaction() as storage:
            storage.leases.give_back("a lease", "me")

    with pytest.raises(OperationalError):
        database.retrying.run(work)

    assert (len(ran), noted) == (1, [])


def test_a_pause_may_be_twice_as_long_as_the_one_before_up_to_a_second():
    assert [longest_pause(retry) for retry in (0, 1, 2, 5, 6, 9999)] == [0.02, 0.04, 0.08, 0.64, 1.0, 1.0]


def create_an_application(database):
    answer = create_app(Settings(), database).test_client().post("/pacticipants", json={"name": "Shop"})
    assert answer.status_code == 201


def send_webhooks(database):
    worker = Worker(database, Settings(), is_wanted=lambda: not stops.append(True) and len(stops) < 2)
    stops = []
    worker._next_removal = 0  # noqa: SLF001 - it is time
    worker.run()


def count_results(database):
    counter = Counter(database)
    counter._retrying.run(counter.turn)  # noqa: SLF001 - as its thread does


def clean_up(database):
    assert clean(database, Policy(), NOW)


def hold_a_lease(database):
    with HeldLease(database, "a lease", 60) as lease:
        assert lease.is_ours


def answer_a_request_with_a_key(database):
    client = create_app(Settings(), database).test_client()
    answers = [
        client.post("/pacticipants", json={"name": "Shop"}, headers={"Idempotency-Key": "1"}) for _ in "12"
    ]
    assert [answer.status_code for answer in answers] == [201, 201]


@pytest.mark.parametrize(
    "work",
    [
        create_an_application,
        send_webhooks,
        count_results,
        clean_up,
        hold_a_lease,
        answer_a_request_with_a_key,
    ],
)
def test_every_kind_of_transaction_runs_again(database, noted, work):
    api = Api(create_app(Settings(), database).test_client())
    api.pact("Shop2", "1", "with", "Orders")
    api.verified("Orders", "1", "Shop2", "1")

    with failing(1) as left:
        work(database)

    assert left == [0]
    assert len(noted) == 1


def test_a_request_that_loses_every_race_may_be_sent_again_later(database):
    client = create_app(Settings(), database).test_client()

    with failing(99):
        answer = client.post("/pacticipants", json={"name": "Shop"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "Nothing was stored. Try again" in answer.json["error"]["message"]
    assert client.get("/pacticipants/Shop").status_code == 404


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_migration_that_lost_a_race_runs_again(database, noted):
    with database.connection() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        connection.commit()

    with failing(2):
        upgrade(database)

    assert len(noted) == 1
    with database.reading() as storage:
        assert len(storage.environments.all()) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_driver_logs_nothing_about_rows_after_one_that_lost_a_race(database, caplog):
    with pytest.raises(IntegrityError), database.transaction() as storage:
        storage.connection.execute(insert(standings_lock), [{"id": max(1, number)} for number in range(50)])

    assert caplog.messages == []
    assert database.problem() is None
