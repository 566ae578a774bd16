"""What is answered while the database is away."""

import pytest
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from support.reading_pages import A_BROWSER

from broker.app import create_app
from broker.settings import Settings
from broker.storage.database import Database
from broker.storage.failures import DatabaseFailure, failure_of

NOBODY = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2"
SAYS = "The database does not answer. Try again in a moment"


@pytest.fixture
def client():
    database = Database(NOBODY)
    yield create_app(Settings(), database).test_client()
    database.close()


def test_a_request_may_be_sent_again_a_moment_later(client):
    answer = client.get("/pacticipants")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json == {"error": {"message": SAYS}}


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
    assert len([record for record in caplog.records if says in record.getMessage()]) <= 1


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
