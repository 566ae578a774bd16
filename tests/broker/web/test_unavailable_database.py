"""What is answered while the database is away."""

import re
import time
from contextlib import suppress

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from support.contracts_in_storage import Document, StoredContracts
from support.decisions_over_http import Api
from support.factories import NOON
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.failures import DatabaseFailure, failure_of
from broker.storage.migrations import upgrade
from broker.storage.write_probe import WriteProbe

NOBODY = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2"
SAYS = "The database does not answer. Try again in a moment"


@pytest.fixture
def client():
    database = Database(NOBODY)
    yield create_app(Settings(), database).test_client()
    database.close()


def assert_says_no_more_than_that(answer):
    error = answer.json["error"]
    assert answer.json == {"error": {"message": SAYS, "reference": error["reference"]}}
    assert re.fullmatch("[0-9a-f]{32}", error["reference"])


def test_a_request_may_be_sent_again_a_moment_later(client):
    answer = client.get("/pacticipants")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert_says_no_more_than_that(answer)


@pytest.mark.parametrize("credentials", ["Bearer nobody-has-this", "Basic YW5uOndyb25n"])
def test_a_browser_gets_a_page_also_with_credentials_that_cannot_be_judged(credentials):
    database = Database(NOBODY)
    settings = Settings(api_tokens=("ci:write:settings-token-1234",), allow_public_read=True)
    client = create_app(settings, database).test_client()

    answer = client.get("/pacticipants", headers={**A_BROWSER, "Authorization": credentials})

    database.close()
    assert answer.status_code == 503
    assert SAYS in answer.text


@pytest.mark.parametrize(("method", "path"), [("GET", "/me"), ("GET", "/accounts"), ("POST", "/teams")])
def test_nobody_is_told_that_there_are_no_accounts_while_nobody_knows(client, method, path):
    answer = client.open(path, method=method, json={} if method == "POST" else None)

    assert answer.status_code == 503
    assert_says_no_more_than_that(answer)


def test_a_problem_is_one_of_those_who_ask_for_problems(client):
    answer = client.get("/pacticipants", headers={"Accept": "application/problem+json"})

    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.json["detail"] == SAYS


def test_a_browser_gets_a_page(client):
    answer = client.get("/", headers=A_BROWSER)

    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert SAYS in answer.text


def test_what_is_wrong_with_a_statement_is_an_error_of_ours(database):
    with database.connection() as connection:
        connection.exec_driver_sql("DROP TABLE webhook_executions")
        connection.exec_driver_sql("DROP TABLE triggered_webhooks")
        connection.commit()

    answer = create_app(Settings(), database).test_client().get("/triggered-webhooks/1")

    assert answer.status_code == 500


@pytest.fixture
def pragma(database):
    """Set a pragma on every connection of a SQLite database."""

    def choose(name, value):
        engine = database._engine  # noqa: SLF001 - nothing else reaches all its connections
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA {name} = {value}"))

    return choose


@pytest.mark.parametrize(
    ("name", "value", "status", "says"),
    [
        ("query_only", "ON", 503, "takes no changes at the moment"),
        ("max_page_count", "1", 507, "is full, and nothing was stored"),
    ],
)
def test_a_file_that_takes_no_changes_is_told_once(database, pragma, caplog, name, value, status, says):
    client = create_app(Settings(), database).test_client()
    pragma(name, value)
    body = {"name": "Shop", "repositoryUrl": "https://example.org/" + "x" * 2000}

    answers = [client.post("/pacticipants", json={**body, "name": f"Shop{number}"}) for number in range(20)]

    assert answers[-1].status_code == status
    assert says in answers[-1].json["error"]["message"]
    assert client.get("/pacticipants").status_code == 200
    assert told(client)[0] == 500
    assert len([record for record in caplog.records if says in record.getMessage()]) <= 1


def test_a_question_that_misses_a_comparison_is_answered_by_a_file_that_takes_no_changes(database, pragma):
    client = create_app(Settings(), database).test_client()
    Api(client).pact("Shop", "1", "with", "Orders")
    StoredContracts(database, lambda: NOON).documents("Orders", "2", {"openapi": Document(("read",))})
    pragma("query_only", "ON")

    answer = client.get("/matrix?q[][pacticipant]=Shop&q[][version]=1&q[][pacticipant]=Orders&q[][version]=2")

    assert answer.status_code == 200
    assert "it has not been compared" in answer.json["summary"]["reason"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_was_demoted_is_left_for_the_next(database_url):
    database = Database(database_url)
    client = create_app(Settings(), database).test_client()
    with database.connection() as connection:  # which the pool keeps: a standby refuses so what it is asked
        connection.exec_driver_sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        connection.commit()

    with database.connection() as connection, pytest.raises(SQLAlchemyError) as refused:
        connection.exec_driver_sql("CREATE TABLE nothing (id INTEGER)")
    with database.connection() as connection:
        connection.exec_driver_sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        connection.commit()

    created = client.post("/pacticipants", json={"name": "Shop"})

    assert failure_of(refused.value) is DatabaseFailure.READ_ONLY
    assert created.status_code == 201
    database.close()


END_ALL_SESSIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() ORDER BY pid = pg_backend_pid()
"""
DEPENDENCIES = "/diagnostic/status/dependencies"


def told(client):
    answer = client.get(DEPENDENCIES)
    return answer.status_code, answer.json["database"].get("error", {}).get("message", "")


def test_the_diagnosis_notices_that_a_file_takes_no_changes(database, pragma):
    client = create_app(Settings(), database).test_client()
    pragma("query_only", "ON")

    says = "OperationalError - (sqlite3.OperationalError) attempt to write a readonly database"
    assert told(client) == (500, says)
    assert client.get("/pacticipants").status_code == 200


@pytest.mark.parametrize("database_url", ["postgresql", "pooler"], indirect=True)
def test_the_diagnosis_notices_that_a_server_takes_no_changes(database):
    client = create_app(Settings(), database).test_client()
    with database.connection() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        connection.commit()
    with suppress(SQLAlchemyError), database.connection() as connection:
        connection.exec_driver_sql(END_ALL_SESSIONS)  # which have been told that they may write
    database.close()

    status, message = told(client)
    refused = client.post("/pacticipants", json={"name": "Shop"})

    assert (status, "read-only transaction" in message) == (500, True)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_change_is_tried_once_in_ten_seconds_by_all_processes(database, database_url):
    other = Database(database_url)
    now = [0.0]
    probes = [WriteProbe(each, lambda: now[0]) for each in (database, other)]

    def holder():
        with database.reading() as storage:
            return storage.connection.scalar(text("SELECT holder FROM leases WHERE name = 'write probe'"))

    with sql_statements() as written:
        assert [probe.problem() for probe in probes * 5] == [None] * 10
        first = holder()
        now[0] = 9
        assert [probe.problem() for probe in probes] == [None] * 2
        written_by_one = first == holder()
        with database.transaction() as storage:
            storage.leases.give_back("write probe", first)  # as if its time were over
        now[0] = 11
        assert [probe.problem() for probe in reversed(probes)] == [None] * 2

    assert written_by_one
    assert len([each for each in written if "INSERT INTO leases" in each]) == 4
    assert holder() not in {first, None}
    other.close()


def test_the_diagnosis_notices_that_the_disk_is_full(database, monkeypatch):
    client = create_app(Settings(), database).test_client()
    monkeypatch.setattr("broker.storage.sqlite_files.LEAST_FREE", 2**80)

    status, message = told(client)

    assert status == 500
    assert re.fullmatch(r"FullDiskError - \d+ bytes are free on the disk of .+", message)


def test_what_a_request_met_is_reported_for_a_while(database, pragma):
    now = [0.0]
    client = create_app(Settings(), database, timer=lambda: now[0]).test_client()
    assert told(client)[0] == 200
    pragma("max_page_count", "1")
    body = {"name": "Shop", "repositoryUrl": "https://example.org/" + "x" * 2000}
    while client.post("/pacticipants", json={**body, "name": f"Shop{now[0]}"}).status_code != 507:
        now[0] += 0.1

    told_at_once = told(client)
    now[0] += 10

    assert told_at_once == (500, "OperationalError - (sqlite3.OperationalError) database or disk is full")
    assert told(client)[0] == 200


def test_a_failure_is_reported_until_it_is_over(database, pragma):
    now = [0.0]
    probe = WriteProbe(database, lambda: now[0])
    engine = database._engine  # noqa: SLF001 - nothing else reaches all its connections
    pragma("query_only", "ON")
    assert failure_of(probe.problem()) is DatabaseFailure.READ_ONLY

    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only = OFF"))
    assert failure_of(probe.problem()) is DatabaseFailure.READ_ONLY
    now[0] = 10

    assert probe.problem() is None


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_was_removed_or_replaced_takes_nothing_that_would_be_lost(tmp_path, caplog, replaced):
    path = tmp_path / "broker.sqlite3"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    client = create_app(Settings(), database).test_client()
    assert client.post("/pacticipants", json={"name": "Shop"}).status_code == 201

    kept = path.rename(tmp_path / "kept.sqlite3")
    if replaced:
        path.touch()
    written = client.post("/pacticipants", json={"name": "Orders"})
    read = [client.get("/pacticipants") for _ in range(5)][-1]
    diagnosed = told(client)
    kept.replace(path)
    back = client.post("/pacticipants", json={"name": "Orders"})

    says = "The file of the database was removed or replaced"
    for answer in (written, read):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.json["error"]["message"].startswith(says)
    assert diagnosed[0] == 500
    assert diagnosed[1].startswith(f"LostFileError - {path} is ")
    assert len([record for record in caplog.records if says in record.getMessage()]) <= 1
    assert back.status_code == 201
    database.close()


@pytest.mark.parametrize(("seconds", "times"), [(0.0, 11), (0.1, 1)])
def test_a_request_that_has_waited_for_long_is_not_run_again(database, monkeypatch, seconds, times):
    monkeypatch.setattr("broker.storage.retrying.SECONDS_WITHOUT_A_RACE", 0.05)
    application, ran = create_app(Settings(), database), []

    def wait_in_vain():
        ran.append(True)
        time.sleep(seconds)
        raise OperationalError("SELECT 1", {}, Exception("query_wait_timeout"), connection_invalidated=True)

    application.add_url_rule("/waiting", view_func=wait_in_vain)
    answer = application.test_client().get("/waiting")

    assert answer.status_code == 503
    assert len(ran) == times


@pytest.mark.parametrize(
    ("path", "accept"),
    [("/settings", "text/html"), ("/settings?format=csv", "text/html"), ("/metrics", "text/plain")],
)
def test_nobody_learns_of_the_broker_while_nobody_knows_whether_there_are_accounts(client, path, accept):
    answer = client.get(path, headers={"Accept": accept})

    assert answer.status_code == 503
    assert SAYS in answer.text
