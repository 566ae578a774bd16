"""Commands in a pipeline exchange its id token by themselves, against a real broker and a real issuer."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from support.databases import NEW_DATABASE
from support.issuers import AUDIENCE
from support.receivers import answer as answer_and_stay
from support.receivers import dripping, receiving
from support.trusting import served, trusting

from broker.storage.database import Database


def answer(handler, status, body, **headers):
    answer_and_stay(handler, status, body, Connection="close", **headers)


def answering(status, body):
    return lambda handler: answer(handler, status, body)


@pytest.fixture(scope="module")
def world():
    with NEW_DATABASE["sqlite"]() as url:
        database = Database(url, synchronous="normal")
        with trusting(database) as broker, served(broker) as address:
            broker.trust()
            yield broker, address
        database.close()


@pytest.fixture
def broker(world):
    return world[0]


@pytest.fixture
def in_pipeline(tally, world, monkeypatch):
    """Run the command as a pipeline of the broker would, with these variables."""

    def run(*words, **variables):
        monkeypatch.setenv("PACT_BROKER_BASE_URL", variables.pop("url", world[1]))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return tally(*words, "--retries", "0")

    return run


@pytest.fixture
def github(broker):
    """What gives id tokens on GitHub Actions, and remembers who asked."""

    def behave(handler):
        audience = parse_qs(urlsplit(handler.path).query)["audience"][0]
        body = json.dumps({"count": 1, "value": broker.id_token(aud=audience)})
        answer(handler, 200, body.encode())

    with receiving(behave) as receiver:
        yield receiver


def of_github(github, **more):
    variables = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{github.url}/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "s3cret",
    }
    return variables | more


def test_a_command_on_github_actions_needs_no_stored_secret(in_pipeline, github, world, broker):
    ran = in_pipeline("list-environments", **of_github(github))
    published = in_pipeline("create-or-update-version", "--pacticipant", "Basket", "--version", "1")

    assert (ran.code, ran.err) == (0, "")
    assert "production" in ran.out
    assert published.code == 0, published.err
    assert broker.ask("GET", "/pacticipants/Basket/versions/1").status_code == 200
    asked = github.received[0]
    assert parse_qs(urlsplit(asked.path).query) == {"api-version": ["2.0"], "audience": [world[1]]}
    assert asked.headers["authorization"] == "bearer s3cret"
    assert len(github.received) == 2, "one id token for each command, however many requests it sends"


def test_another_audience_can_be_asked_for(in_pipeline, github):
    ran = in_pipeline("list-environments", **of_github(github, TALLY_ID_TOKEN_AUDIENCE=AUDIENCE))

    assert ran.code == 0
    assert AUDIENCE in parse_qs(urlsplit(github.received[0].path).query)["audience"]


def test_an_id_token_in_a_variable_is_exchanged(in_pipeline, broker, github):
    ran = in_pipeline("list-environments", **of_github(github, TALLY_ID_TOKEN=broker.id_token() + "\n"))

    assert ran.code == 0
    assert github.received == [], "TALLY_ID_TOKEN wins"


@pytest.mark.parametrize(
    "given",
    [
        ("--broker-token", "wrong"),
        ("--broker-username", "me", "--broker-password", "wrong"),
        ("--custom-header", "Authorization: Bearer wrong"),
    ],
)
def test_credentials_that_are_given_win(in_pipeline, broker, github, given):
    ran = in_pipeline("list-environments", *given, **of_github(github, TALLY_ID_TOKEN=broker.id_token()))

    assert ran.code != 0
    assert "does not accept these credentials" in ran.err
    assert github.received == []


def test_a_broker_that_asks_for_no_credentials_is_asked_without_any(in_pipeline, github, hal_server):
    hal_server.answers("GET", "/environments", {"_embedded": {"environments": []}})

    ran = in_pipeline("list-environments", url=hal_server.base_url, **of_github(github))

    assert ran.code == 0
    assert github.received == []
    assert all(asked.path != "/tokens/exchange" for asked in hal_server.asked)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"{}", "The broker wants credentials, and none were given"),
        (405, b"", "The broker wants credentials, and none were given"),
        (401, b'{"errors": {"token": ["exp: it expired"]}}', "no token (401): exp: it expired"),
        (403, b'{"error": "no trust fits"}', "no token (403): no trust fits"),
        (500, b"<html>", "no token (500)."),
        (302, b"", "no token (302)."),
        (200, b"{}", "no token (200)."),
        (200, b"[" * 100_000, "no token (200)."),
        (200, b'{"token": 1}', "no token (200)."),
    ],
)
def test_a_broker_that_gives_no_token_is_an_error_that_says_why(in_pipeline, github, status, body, said):
    def behave(handler):
        if handler.path == "/tokens/exchange":
            answer(handler, status, body, Location=github.url)
        else:
            answer(handler, 401, b"{}", Content_Type="application/json")

    with receiving(behave) as other:
        ran = in_pipeline("list-environments", url=other.url, **of_github(github))

    assert ran.code != 0
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert len(github.received) == 1, "a redirect was followed with the id token"


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (answering(403, b"{}"), "GitHub gave no id token (403): has the job `permissions: id-token: write`?"),
        (answering(200, b"<html>"), "GitHub gave no id token (200)"),
        (answering(200, b'{"value": 1}'), "GitHub gave no id token (200)"),
    ],
)
def test_github_that_gives_no_id_token_is_an_error_that_says_why(in_pipeline, behaviour, said):
    with receiving(behaviour) as github:
        ran = in_pipeline("list-environments", **of_github(github))

    assert ran.code != 0
    assert said in ran.err
    assert "s3cret" not in ran.err


def test_github_that_answers_without_end_is_given_up(in_pipeline, monkeypatch):
    monkeypatch.setattr("tally.pipeline_tokens._SECONDS", 0.2)
    with receiving(dripping(0.5)) as github:
        ran = in_pipeline("list-environments", **of_github(github))

    assert ran.code != 0
    assert "GitHub gave no id token (ReadTimeout)" in ran.err


def test_a_broker_that_is_busy_is_asked_again(in_pipeline, github):
    left = [2]

    def behave(handler):
        if handler.path != "/tokens/exchange":
            known = handler.headers.get("Authorization") == "Bearer given"
            body = json.dumps({"_links": {"pb:environments": {"href": f"{other.url}/environments"}}})
            answer(handler, 200 if known else 401, body.encode(), Content_Type="application/json")
        elif left[0]:
            left[0] -= 1
            answer(handler, 429 if left[0] else 503, b"{}", Retry_After="0")
        else:
            answer(handler, 200, b'{"token": "given"}')

    with receiving(behave) as other:
        ran = in_pipeline("list-environments", url=other.url, **of_github(github))

    assert ran.code == 0, ran.err
    assert left == [0]
    assert len(github.received) == 1, "the id token was not used: it can be sent again"


def test_a_token_that_has_expired_is_replaced_on_github(in_pipeline, github):
    """A token of a verification that takes long: each is accepted by the broker once."""
    good = ["first"]

    def behave(handler):
        if handler.path == "/tokens/exchange":
            answer(handler, 200, json.dumps({"token": good[0]}).encode())
            return
        known = handler.headers.get("Authorization") == f"Bearer {good[0]}"
        body = json.dumps({"_links": {"pb:environments": {"href": f"{other.url}/environments"}}})
        if known:
            good[0] = "second"
        answer(handler, 200 if known else 401, body.encode(), Content_Type="application/json")

    with receiving(behave) as other:
        ran = in_pipeline("list-environments", url=other.url, **of_github(github))

    assert ran.code == 0, ran.err
    assert len(github.received) == 2


def test_a_token_is_printed_for_other_clients(in_pipeline, broker, github):
    printed = in_pipeline("tokens", "exchange", **of_github(github))
    document = in_pipeline("tokens", "exchange", "--output", "json")

    assert printed.code == 0
    assert broker.ask("GET", "/pacticipants", printed.out.strip()).status_code == 200
    assert json.loads(document.out).keys() == {"token", "expiresAt", "scopes"}


def test_outside_of_a_pipeline_there_is_nothing_to_exchange(in_pipeline):
    ran = in_pipeline("tokens", "exchange")

    assert ran.code != 0
    assert "id-token: write" in ran.err
    assert "TALLY_ID_TOKEN" in ran.err


def test_a_pipeline_that_no_trust_fits_is_told_what_its_token_says(in_pipeline, broker):
    ran = in_pipeline("tokens", "exchange", TALLY_ID_TOKEN=broker.id_token(repository_id="7"))

    assert ran.code != 0
    assert "no trust fits it. It says: repository_id 7" in ran.err


def test_a_pipeline_says_which_account_it_uses_where_trusts_of_several_fit(in_pipeline, github, broker):
    added = broker.trust(account="orders-ci")

    refused = in_pipeline("list-environments", **of_github(github))
    tested = in_pipeline("trusts", "test", broker.id_token(), PACT_BROKER_TOKEN=broker.administrator)
    named = in_pipeline("tokens", "exchange", "--account", "orders-ci", PACT_BROKER_TOKEN="")
    by_itself = in_pipeline("whoami", TALLY_ACCOUNT="payments-ci")
    wrong = in_pipeline("tokens", "exchange", TALLY_ACCOUNT="nobody")
    broker.ask("DELETE", f"/trusts/{added['uuid']}")

    assert refused.code != 0
    assert "of several accounts fit this id token: orders-ci, payments-ci. Say which one" in refused.err
    assert tested.code == 1
    assert "TALLY_ACCOUNT" in tested.out
    assert named.code == 0, named.err
    assert "payments-ci" in by_itself.out
    assert "No trust of the account nobody fits" in wrong.err
