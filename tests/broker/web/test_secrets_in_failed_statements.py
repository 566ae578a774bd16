"""What was to be stored stays out of the log and the answer when the database refuses it."""

import logging

import pytest
from sqlalchemy import text

from broker.app import create_app
from broker.settings.settings import Settings

SECRET = "Wk3nq8ZtYb5v\nHINT: Rw2L"
CONSTRAINED = "CREATE TABLE vaults (id INTEGER PRIMARY KEY, secret VARCHAR(200), CHECK (length(secret) < 3))"
ACCEPTED = ("application/hal+json", "application/problem+json", "text/html")
STATEMENTS = {
    "many": "INSERT INTO vaults (id, secret) VALUES (7, :secret)",
    "none": "INSERT INTO no_vaults (secret) VALUES (:secret)",
}


@pytest.fixture
def ask(database):
    """Ask a broker for a page that lets a statement with the secret fail."""
    with database.connection() as connection:
        connection.execute(text(CONSTRAINED))
        connection.commit()
    app = create_app(Settings(), database)

    def fail(kind):
        with database.transaction() as storage:
            storage.connection.execute(text(STATEMENTS[kind]), {"secret": SECRET})
        return "", 204

    app.add_url_rule("/failing/<kind>", view_func=fail)
    return app.test_client().get


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_secret_is_neither_in_the_log_nor_in_an_answer(ask, caplog, kind):
    answers = [ask(f"/failing/{kind}", headers={"Accept": accept}) for accept in ACCEPTED]

    records = [each for each in caplog.records if each.levelno >= logging.ERROR]
    logged = [logging.Formatter("%(message)s").format(record) for record in records]
    assert [answer.status_code for answer in answers] == [500] * 3
    assert ["[SQL: INSERT INTO" in text for text in logged] == [True] * 3
    for told in (*logged, *(answer.text for answer in answers)):
        assert "Wk3nq8ZtYb5v" not in told
        assert "Rw2L" not in told
