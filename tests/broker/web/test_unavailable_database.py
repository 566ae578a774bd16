"""What is answered while the database is away."""

import pytest
from support.reading_pages import A_BROWSER

from broker.app import create_app
from broker.settings import Settings
from broker.storage.database import Database

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
