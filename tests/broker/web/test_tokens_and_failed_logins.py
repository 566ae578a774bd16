import hashlib
from base64 import b64encode
from datetime import timedelta

import pytest
from support.clocks import Clock
from support.factories import a_publication

from broker.app import create_app
from broker.settings.settings import InvalidSettingError, Settings
from broker.web.failed_logins import FailedLogins

WRITING = "Wk3nq8ZtYb5vRw2L"
READING = "Rd9sXc4mPj7uHe1T"
TOKENS = (f"ci:write:{WRITING}", f"dashboard:read:sha256={hashlib.sha256(READING.encode()).hexdigest()}")
RIGHT = ("ci", "secret")
WRONG = ("ci", "guess")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guarded(database, clock):
    """Make a client of a broker with a password and tokens, and other settings."""

    def make(**settings):
        given = {
            "basic_auth_username": "ci",
            "basic_auth_password": "secret",
            "api_tokens": TOKENS,
            "failed_logins_per_minute": 3,
            **settings,
        }
        return create_app(Settings(**given), database, timer=lambda: clock().timestamp()).test_client()

    return make


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def basic(user_and_password):
    return {"Authorization": f"Basic {b64encode(user_and_password.encode()).decode()}"}


def publish(client, token):
    return client.post("/contracts/publish", json=a_publication(), headers=bearer(token)).status_code


@pytest.mark.parametrize("passwords", [{}, {"basic_auth_username": "", "basic_auth_password": ""}])
def test_a_token_reads_or_writes_as_it_was_given(guarded, passwords):
    client = guarded(**passwords)

    assert publish(client, WRITING) == 200
    assert client.get("/pacticipants", headers=bearer(WRITING)).status_code == 200
    assert client.get("/pacticipants", headers=bearer(READING)).status_code == 200
    assert publish(client, READING) == 401
    assert client.get("/pacticipants").status_code == 401


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "Credentials are missing: send a token"),
        ({"Authorization": "Negotiate abc"}, "The header Authorization cannot be read"),
        ({"Authorization": "Basic ü".encode()}, "The header Authorization cannot be read"),
        (bearer("no-such-token-at-all"), "This broker has no such token"),
        (
            basic("ci:guess"),
            "The user name or the password is wrong",
        ),
        (bearer(READING), "This token may only read"),
        (basic("reader:secret"), "This user may only read"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_credentials(guarded, headers, reason):
    reader = {"basic_auth_read_only_username": "reader", "basic_auth_read_only_password": "secret"}
    client = guarded(**reader)

    answer = client.put("/pacticipants/Shop/versions/1", json={}, headers=headers)

    assert answer.status_code == 401
    assert answer.json["error"].startswith(reason)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Restricted area"'


@pytest.mark.parametrize("token", ["", "x", WRITING[:-1], WRITING + "x", TOKENS[1].split("=")[1], "ü"])
def test_a_wrong_token_is_refused(guarded, token):
    assert guarded().get("/", headers={"Authorization": f"Bearer {token}".encode()}).status_code == 401


@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("ci", "token 1 must be NAME:read:TOKEN"),
        ("ci:admin:0123456789abcdef", "token 1 must be NAME:read:TOKEN"),
        (":read:0123456789abcdef", "token 1 must be NAME:read:TOKEN"),
        ("ci:write:tooshort", "the token ci must have at least 16 characters"),
        ("ci:write:sha256=abc", "the hash of the token ci must have 64"),
    ],
)
def test_a_token_that_is_not_well_formed_is_refused_without_showing_it(token, says):
    with pytest.raises(InvalidSettingError, match=f"TALLY_API_TOKENS: {says}") as refused:
        _ = Settings(api_tokens=(token,)).tokens

    assert token.split(":")[-1] == "ci" or token.split(":")[-1] not in str(refused.value)


def test_many_wrong_passwords_have_to_wait(guarded, clock):
    client = guarded()

    statuses = [client.get("/", auth=WRONG).status_code for _ in range(4)]
    refused = client.get("/", auth=RIGHT)

    assert statuses == [401, 401, 429, 429]
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert refused.json == {"error": "Too many failed log-ins. Try again in 60 s."}
    clock.now += timedelta(seconds=60)
    assert client.get("/", auth=RIGHT).status_code == 200


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("application/problem+json", "application/problem+json"), ("text/html", "text/html")],
)
def test_who_has_to_wait_is_told_in_the_form_that_they_read(guarded, accept, content_type):
    client = guarded(failed_logins_per_minute=1)

    refused = client.get("/", auth=WRONG, headers={"Accept": accept})

    assert refused.status_code == 429
    assert refused.headers["Content-Type"] == f"{content_type};charset=utf-8"
    assert refused.headers["Retry-After"] == "60"
    assert "Try again in 60 s" in refused.text


def test_nobody_chooses_when_a_password_was_wrong(guarded):
    client = guarded(failed_logins_per_minute=3)
    dates = [f"2026-01-01T00:{minute:02}:00+00:00" for minute in range(10)]

    answers = [
        client.post("/pacticipants", json={}, auth=WRONG, headers={"Tally-Import-Date": date})
        for date in dates
    ]

    assert [answer.status_code for answer in answers] == [401, 401, *[429] * 8]


def test_every_minute_is_counted_anew(guarded, clock):
    client = guarded()
    client.get("/", auth=WRONG)
    client.get("/", auth=WRONG)

    clock.now += timedelta(seconds=61)

    assert [client.get("/", auth=WRONG).status_code for _ in range(3)] == [401, 401, 429]


def test_the_right_password_works_from_elsewhere_and_for_others(guarded):
    client = guarded(basic_auth_read_only_username="people", basic_auth_read_only_password="read")
    for _ in range(5):
        client.get("/", auth=WRONG)

    elsewhere = client.get("/", auth=RIGHT, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})

    assert elsewhere.status_code == 200
    assert client.get("/", auth=("people", "read")).status_code == 200
    assert client.get("/", headers=bearer(WRITING)).status_code == 200


def test_a_right_password_forgives_the_wrong_ones_before(guarded):
    client = guarded()

    for _ in range(5):
        assert [client.get("/", auth=who).status_code for who in (WRONG, WRONG, RIGHT)] == [401, 401, 200]


def test_a_reader_who_tries_to_write_has_not_failed_to_log_in(guarded):
    client = guarded(basic_auth_read_only_username="people", basic_auth_read_only_password="read")

    statuses = {client.delete("/pacticipants/Shop", auth=("people", "read")).status_code for _ in range(6)}

    assert statuses == {401}
    assert client.get("/", auth=("people", "read")).status_code == 200


def test_wrong_tokens_have_to_wait_but_right_ones_do_not(guarded):
    client = guarded()

    statuses = [client.get("/", headers=bearer("wrong")).status_code for _ in range(4)]

    assert statuses == [401, 401, 429, 429]
    assert client.get("/", headers=bearer(WRITING)).status_code == 200


def test_requests_without_credentials_are_not_counted(guarded):
    client = guarded()

    assert {client.get("/").status_code for _ in range(9)} == {401}


def test_a_limit_of_zero_is_none(guarded):
    client = guarded(failed_logins_per_minute=0)

    assert {client.get("/", auth=WRONG).status_code for _ in range(20)} == {401}


@pytest.mark.parametrize(
    ("proxies", "said", "status"),
    [
        (1, "192.0.2.7", 200),  # another address than the one that failed
        (1, "192.0.2.1", 429),
        (1, "192.0.2.7, 192.0.2.1", 429),  # what a client says of itself is not believed
        (1, "192.0.2.1:50123", 429),  # some proxies add the port of the connection
        (1, "[192.0.2.1]:50123", 429),
        (1, "[2001:db8::1]:50123", 200),
        (2, "192.0.2.1, 10.0.0.1", 429),
        (0, "192.0.2.7", 401),  # nobody is believed: it fails from the address of the connection
    ],
)
def test_behind_proxies_the_address_is_what_the_trusted_ones_say(guarded, proxies, said, status):
    client = guarded(trusted_proxies=proxies)
    first = "192.0.2.1" if proxies < 2 else "192.0.2.1, 10.0.0.1"
    for _ in range(3 if proxies else 1):
        client.get("/", auth=WRONG, headers={"X-Forwarded-For": first})

    credentials = RIGHT if proxies else WRONG
    assert client.get("/", auth=credentials, headers={"X-Forwarded-For": said}).status_code == status


def test_an_unknown_proxy_is_told_once_in_the_log(guarded, caplog):
    for proxies in (0, 1):
        client = guarded(trusted_proxies=proxies)
        for _ in range(3):
            client.get("/pacticipants", auth=WRONG, headers={"X-Forwarded-For": "192.0.2.7"})

    [record] = caplog.records
    assert "set TALLY_TRUSTED_PROXIES" in record.getMessage()


def test_what_is_remembered_is_limited():
    counted = FailedLogins(1, remembered=2)

    for name in ("a", "b", "c"):
        counted.failed(("address", name))

    waiting = [counted.seconds_to_wait(("address", name)) for name in ("a", "b", "c")]
    assert waiting == [0, 60, 60]


@pytest.mark.parametrize(("method", "path"), [("PUT", "/pacticipants"), ("POST", "/nothing"), ("POST", "/")])
def test_who_may_only_read_is_told_so_whatever_is_wrong_besides(guarded, method, path):
    answer = guarded().open(path, method=method, headers={"Authorization": f"Bearer {READING}"})

    assert (answer.status_code, answer.json) == (401, {"error": "This token may only read"})
