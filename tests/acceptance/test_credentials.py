"""Who may do what, asked of the real server as clients ask it (Pact Broker reference §1.9)."""

import os
import subprocess
import sys
from base64 import b64encode
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import pytest
import requests
from support import databases
from support.factories import a_publication
from support.serving import serving

pytestmark = pytest.mark.slow
PACT = Path(sys.executable).with_name("pact")

WRITER = ("ci", "write-secret-5Jq2")
READER = ("people", "read-secret-8Xw1")
WRONG_PASSWORD = ("ci", "guessed-secret-3Kz7")
WRITE_TOKEN = "Wk3nq8ZtYb5vRw2L"
READ_TOKEN = "Rd9sXc4mPj7uHe1T"
WRONG_TOKEN = "Gu3ssedT0kenQm6Vb"

BASIC_AUTH = {
    "PACT_BROKER_BASIC_AUTH_USERNAME": WRITER[0],
    "PACT_BROKER_BASIC_AUTH_PASSWORD": WRITER[1],
    "PACT_BROKER_BASIC_AUTH_READ_ONLY_USERNAME": READER[0],
    "PACT_BROKER_BASIC_AUTH_READ_ONLY_PASSWORD": READER[1],
}
TOKENS = f"ci:write:{WRITE_TOKEN} people:read:sha256={sha256(READ_TOKEN.encode()).hexdigest()}"
PATIENT = {
    **BASIC_AUTH,
    "TALLY_API_TOKENS": TOKENS,
    "TALLY_FAILED_LOGINS_PER_MINUTE": "0",
    "PACT_BROKER_PUBLIC_HEARTBEAT": "false",
}
SETTINGS = {
    "closed": PATIENT,
    "public read": {**PATIENT, "PACT_BROKER_ALLOW_PUBLIC_READ": "true"},
    "public heartbeat": {**PATIENT, "PACT_BROKER_PUBLIC_HEARTBEAT": "true"},
    "public badges": {**PATIENT, "PACT_BROKER_ENABLE_PUBLIC_BADGE_ACCESS": "true"},
    "no reader": {
        "PACT_BROKER_BASIC_AUTH_USERNAME": WRITER[0],
        "PACT_BROKER_BASIC_AUTH_PASSWORD": WRITER[1],
        "TALLY_FAILED_LOGINS_PER_MINUTE": "0",
    },
    "impatient": {**PATIENT, "TALLY_FAILED_LOGINS_PER_MINUTE": "3"},
    "talkative": {**PATIENT, "TALLY_LOG_LEVEL": "debug"},
}

PEOPLE = {
    "nobody": {},
    "writer": {"auth": WRITER},
    "reader": {"auth": READER},
    "write token": {"headers": {"Authorization": f"Bearer {WRITE_TOKEN}"}},
    "read token": {"headers": {"Authorization": f"Bearer {READ_TOKEN}"}},
    "wrong password": {"auth": WRONG_PASSWORD},
    "password of another": {"auth": (WRITER[0], READER[1])},
    "wrong token": {"headers": {"Authorization": f"Bearer {WRONG_TOKEN}"}},
    "hash of a token": {"headers": {"Authorization": f"Bearer {TOKENS.partition('sha256=')[2]}"}},
    "blank": {"auth": ("", "")},
    "no Base64": {"headers": {"Authorization": "Basic ü%"}},
}

HEARTBEAT = {"heartbeat": ("GET", "/diagnostic/status/heartbeat", 200)}
BADGES = {
    "badge of a pact": ("GET", "/pacts/provider/Orders/consumer/Shop/latest/badge", 200),
    "badge with an extension": ("GET", "/pacts/provider/Orders/consumer/Shop/latest/badge.svg", 200),
    "badge of a tag": ("GET", "/pacts/provider/Orders/consumer/Shop/latest/prod/badge", 200),
    "badge without a tag": ("GET", "/pacts/provider/Orders/consumer/Shop/latest-untagged/badge", 200),
    "badge of two tags": ("GET", "/matrix/provider/Orders/latest/prod/consumer/Shop/latest/prod/badge", 200),
    "badge of a decision": ("GET", "/pacticipants/Shop/latest-version/prod/can-i-deploy/to/live/badge", 200),
    "badge of a branch": (
        "GET",
        "/pacticipants/Shop/branches/main/latest-version/can-i-deploy/to-environment/lab/badge",
        200,
    ),
}
READING = {
    **HEARTBEAT,
    **BADGES,
    "index": ("GET", "/", 200),
    "pact": ("GET", "/pacts/provider/Orders/consumer/Shop/latest", 200),
    "head": ("HEAD", "/pacticipants/Shop", 200),
    "options": ("OPTIONS", "/pacticipants/Shop", 200),
    "diagnosis": ("GET", "/diagnostic/status/dependencies", 200),
    "description": ("GET", "/openapi.json", 200),
    "what there is not": ("GET", "/pacticipants/Nobody", 404),
    "pacts to verify": ("POST", "/pacts/provider/Orders/for-verification", 200),
}
WRITING = {
    "publish": ("POST", "/contracts/publish", 200),
    "replace": ("PUT", "/pacticipants/Shop", 200),
    "change": ("PATCH", "/pacticipants/Shop", 200),
    "delete": ("DELETE", "/pacticipants/Nobody", 404),
    "execute": ("POST", "/webhooks/abcdefghijklmnop/execute", 404),
}
EVERYTHING = READING | WRITING

MAY = {
    # setting, who: what they may ask
    ("closed", "nobody"): {},
    ("closed", "writer"): EVERYTHING,
    ("closed", "reader"): READING,
    ("closed", "write token"): EVERYTHING,
    ("closed", "read token"): READING,
    ("closed", "wrong password"): {},
    ("closed", "password of another"): {},
    ("closed", "wrong token"): {},
    ("closed", "hash of a token"): {},
    ("closed", "blank"): {},
    ("closed", "no Base64"): {},
    ("public read", "nobody"): READING,
    ("public read", "reader"): READING,
    ("public read", "wrong password"): READING,
    ("public read", "writer"): EVERYTHING,
    ("public heartbeat", "nobody"): HEARTBEAT,
    ("public heartbeat", "wrong token"): HEARTBEAT,
    ("public heartbeat", "reader"): READING,
    ("public badges", "nobody"): BADGES,
    ("public badges", "wrong password"): BADGES,
    ("public badges", "read token"): READING,
    ("no reader", "reader"): HEARTBEAT,  # which is open unless the settings close it
    ("no reader", "blank"): HEARTBEAT,
    ("no reader", "write token"): HEARTBEAT,
    ("no reader", "writer"): EVERYTHING,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return the URL of a broker with these settings; each is started once for all tests of this module."""
    with ExitStack() as stack:
        urls = {}

        def start(settings):
            if settings not in urls:
                log = log_of(tmp_path_factory, settings)
                database_url = stack.enter_context(databases.new_sqlite())
                urls[settings] = stack.enter_context(
                    serving(database_url, log, environment=SETTINGS[settings], is_forked=True)
                )
                fill(urls[settings])
            return urls[settings]

        yield start


def log_of(tmp_path_factory, settings):
    return tmp_path_factory.getbasetemp() / f"{settings.replace(' ', '-')}.log"


def fill(url):
    publication = a_publication(tags=["prod"])
    requests.post(f"{url}/contracts/publish", json=publication, auth=WRITER, timeout=30).raise_for_status()


def ask(url, who, method, path):
    body = None if method in {"GET", "HEAD", "OPTIONS", "DELETE"} else body_for(path)
    return requests.request(method, url + path, json=body, timeout=30, **PEOPLE[who])


def body_for(path):
    return a_publication(tags=["prod"]) if path == "/contracts/publish" else {}


@pytest.mark.parametrize(("settings", "who"), MAY)
def test_everybody_may_do_what_the_settings_say(server, settings, who):
    url, may = server(settings), MAY[settings, who]

    answers = {kind: ask(url, who, method, path) for kind, (method, path, _) in EVERYTHING.items()}

    assert {kind: answer.status_code for kind, answer in answers.items()} == {
        kind: status if kind in may else 401 for kind, (_, _, status) in EVERYTHING.items()
    }
    assert {
        answer.headers.get("WWW-Authenticate") for answer in answers.values() if answer.status_code == 401
    } <= {'Basic realm="Restricted area"'}


def pact(url, *command, **variables):
    """Run `pact broker …`; return its exit code, and what it printed."""
    environment = {**os.environ, "PACT_DO_NOT_TRACK": "true", "PACT_BROKER_BASE_URL": url, **variables}
    done = subprocess.run(
        [PACT, "broker", *command], capture_output=True, text=True, check=False, timeout=60, env=environment
    )
    return done.returncode, done.stdout + done.stderr


def as_user(who):
    return {"PACT_BROKER_USERNAME": who[0], "PACT_BROKER_PASSWORD": who[1]}


CREATE = ("create-or-update-pacticipant", "--name", "Billing")
LIST = ("list-pacticipants",)


@pytest.mark.parametrize(
    ("credentials", "reads", "writes"),
    [
        (as_user(WRITER), True, True),
        (as_user(READER), True, False),
        (as_user(WRONG_PASSWORD), False, False),
        ({"PACT_BROKER_TOKEN": WRITE_TOKEN}, True, True),
        ({"PACT_BROKER_TOKEN": READ_TOKEN}, True, False),
        ({"PACT_BROKER_TOKEN": WRONG_TOKEN}, False, False),
        ({}, False, False),
    ],
    ids=["writer", "reader", "wrong password", "write token", "read token", "wrong token", "nobody"],
)
def test_the_pact_client_is_let_in_as_its_credentials_say(server, credentials, reads, writes):
    url = server("closed")

    read, listed = pact(url, *LIST, **credentials)
    wrote, _ = pact(url, *CREATE, **credentials)

    assert (read == 0, wrote == 0) == (reads, writes)
    assert ("Shop" in listed) == reads


def test_who_fails_too_often_has_to_wait_and_nobody_else_has(server):
    url = server("impatient")

    failed = [ask(url, "wrong password", "GET", "/") for _ in range(4)]

    assert [answer.status_code for answer in failed] == [401, 401, 429, 429]
    assert 1 <= int(failed[-1].headers["Retry-After"]) <= 60
    assert "Try again in" in failed[-1].json()["error"]
    assert ask(url, "writer", "GET", "/").status_code == 429
    others = {who: ask(url, who, "GET", "/").status_code for who in ("reader", "write token", "read token")}
    assert set(others.values()) == {200}


def test_a_right_password_works_after_wrong_ones_and_forgives_them(server):
    url = server("impatient")
    mistyped = {"auth": (READER[0], WRONG_PASSWORD[1])}

    statuses = [
        requests.get(url, timeout=30, **who).status_code
        for who in (mistyped, mistyped, PEOPLE["reader"], mistyped, mistyped, PEOPLE["reader"])
    ]

    assert statuses == [401, 401, 200, 401, 401, 200]


def test_the_log_knows_no_secret(server, tmp_path_factory):
    url = server("talkative")
    for who in PEOPLE:
        ask(url, who, "GET", "/pacticipants/Shop")
        ask(url, who, "GET", "/test/error")
    secrets = [WRITER, READER, WRONG_PASSWORD]
    told = [password for _, password in secrets] + [WRITE_TOKEN, READ_TOKEN, WRONG_TOKEN]
    told += [b64encode(":".join(who).encode()).decode() for who in secrets]

    log = log_of(tmp_path_factory, "talkative").read_text()

    assert "Unexpected error" in log
    assert [secret for secret in told if secret in log] == []
