"""Credentials in odd forms and in odd places: what is understood, and what is refused and not repeated."""

import base64
import logging
import time
from contextlib import closing
from http.client import HTTPConnection

import pytest
from support.accounts import accounts, bearer
from support.reading_pages import A_BROWSER

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

USER, PASSWORD = "ci", "a-password-of-the-settings"


@pytest.fixture
def world(database):
    made = accounts(database)
    made.team("payments", "Shop")
    made.person("root", "administrator")
    return made


@pytest.fixture
def client(database, world):  # noqa: ARG001 - there are accounts before it starts
    settings = Settings(basic_auth_username=USER, basic_auth_password=PASSWORD, failed_logins_per_minute=0)
    return create_app(settings, database).test_client()


@pytest.fixture
def token(world):
    return world.token("publisher", team="payments")


def basic(name, password):
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def asked(client, *credentials):
    """Return the status of a question; several headers come as a server joins them."""
    return client.get("/pacticipants", headers={"Authorization": ",".join(credentials)}).status_code


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_case_of_the_scheme_does_not_matter(client, token, scheme):
    assert asked(client, f"{scheme} {token}") == 200


@pytest.mark.parametrize("name", ["", "anybody", "x" * 500])
def test_clients_that_know_only_passwords_send_a_token_as_one(client, token, name):
    assert asked(client, basic(name, token)) == 200
    answer = client.put(
        "/pacticipants/Shop/versions/1", json={}, headers={"Authorization": basic(name, token)}
    )
    assert answer.status_code == 201


@pytest.mark.parametrize("wrong", ["", "x", "x" * 301, "x" * 60_000])
def test_a_token_that_is_cut_long_or_empty_is_nobodys(client, token, wrong):
    assert asked(client, f"Bearer {wrong}") == 401
    assert asked(client, f"Bearer {token}{wrong or 'y'}") == 401
    assert asked(client, f"Bearer {token[:-1]}") == 401
    assert asked(client, basic("ci", wrong)) == 401


@pytest.mark.parametrize("padding", ["", "1", "12"])
def test_of_two_headers_none_counts(client, token, padding):
    """The decoder of Base64 would read the first alone, or both as one."""
    ours = basic(USER, PASSWORD), basic(f"anybody{padding}", token), f"Bearer {token}"

    for first in ours:
        assert asked(client, first) == 200
        for second in ours:
            assert asked(client, first, second) == 401
        assert asked(client, first, basic("mallory", "wrong")) == 401
        assert asked(client, basic("mallory", "wrong"), first) == 401


@pytest.mark.parametrize(
    "path",
    [
        "/pacticipants?token={}",
        "/pacticipants?a=b&q={}",
        "/pacticipants?q=%74ally{}",
        "/pacticipants/{}",
        "/pacts/provider/{}/consumer/Shop/latest",
        "/nothing/{}/here",
        "/metrics?access_token={}",
        "/diagnostic/status/heartbeat?token={}",
    ],
)
@pytest.mark.parametrize("headers", [{}, A_BROWSER, {"Accept": "application/problem+json"}])
def test_a_token_in_a_url_is_refused_and_repeated_nowhere(client, token, caplog, path, headers):
    part = token.removeprefix("tally") if "%74" in path else token

    with caplog.at_level(logging.DEBUG):
        answer = client.get(path.format(part), headers={**headers, **bearer(token)})

    assert answer.status_code == 400
    assert "Revoke this one" in answer.text
    assert token[7:] not in answer.text + str(answer.headers) + caplog.text
    assert "had a token in its URL" in caplog.text


def test_a_name_that_only_begins_like_a_token_is_a_name(client, token):
    answer = client.put("/pacticipants/tallyp_orders/versions/1", json={}, headers=bearer(token))

    assert answer.status_code == 201


def test_a_token_that_somebody_took_for_a_name_is_not_in_the_audit_log(client, token, database):
    asked(client, basic(token, ""))

    with database.reading() as storage:
        rows = storage.connection.exec_driver_sql("SELECT * FROM audit_entries").all()
    assert any("log-in" in row for row in rows)
    assert token[7:] not in str(rows)


@pytest.mark.slow
def test_two_headers_over_the_network_are_refused(live_broker, database_url):
    """As the server hands them over, which no other test in here sees."""
    database = Database(database_url)
    made = accounts(database)
    made.person("root", "administrator")
    token = made.token("reader")
    database.close()

    def ask(*credentials):
        connection = HTTPConnection(live_broker.partition("//")[2], timeout=20)
        connection.putrequest("GET", "/pacticipants")
        for text in credentials:
            connection.putheader("Authorization", text)
        connection.endheaders()
        with closing(connection):
            return connection.getresponse().status

    ends = time.monotonic() + 20
    while ask() == 200 and time.monotonic() < ends:
        time.sleep(0.2)  # within a second, it sees that there are accounts
    assert ask(basic("a", token)) == 200
    assert ask(basic("a", token), basic("a", token)) == 401
    assert ask(f"Bearer {token}", f"Bearer {token}") == 401
