"""A request that is sent again with the same Idempotency-Key is carried out once (docs/decisions/0023)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from support.clocks import sqlite_clock
from support.factories import a_pact, a_verification_result
from support.receivers import receiving
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database
from tally.hashing import content_hash

KEY = {"Idempotency-Key": "5b7f3a1e-0001"}
PACT = "/pacts/provider/Orders/consumer/Shop/version/1"
RESULTS = f"/pacts/provider/Orders/consumer/Shop/pact-version/{content_hash(a_pact())}/verification-results"
HOOK = {"request": {"url": "https://ci.example.org"}, "events": [{"name": "contract_published"}]}
BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def number_of(broker, listed, key):
    return len(broker.get(listed).json["_links"].get(key, []))


@BOTH
def test_a_repeated_request_has_the_answer_of_the_first_and_changes_nothing(broker):
    broker.post("/webhooks", json=HOOK)
    broker.put(PACT, json=a_pact())
    environment = broker.get("/environments").json["_embedded"]["environments"][0]["uuid"]
    deployments = f"/pacticipants/Shop/versions/1/deployed-versions/environment/{environment}"
    requests = [
        ("POST", "/webhooks", HOOK),
        ("POST", "/environments", {"name": "new", "production": False}),
        ("POST", "/pacticipants", {"name": "New"}),
        ("POST", RESULTS, a_verification_result()),
        ("POST", deployments, {"applicationInstance": "a"}),
        ("PUT", PACT, a_pact()),
        ("PUT", "/pacticipants/Shop/versions/1/tags/dev", {}),
        ("DELETE", "/pacticipants/New", None),
    ]
    for number, (method, path, body) in enumerate(requests):
        headers = {"Idempotency-Key": f"key-{number}"}
        first = broker.open(path, method=method, json=body, headers=headers)
        again = broker.open(path, method=method, json=body, headers=headers)

        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.status_code == first.status_code < 300, (path, first.json)
        assert again.data == first.data
        for name in ("Content-Type", "Location"):
            assert again.headers.get(name) == first.headers.get(name)

    assert number_of(broker, "/webhooks", "pb:webhooks") == 2
    deliveries = broker.get(f"{PACT}/triggered-webhooks").json["_embedded"]["triggeredWebhooks"]
    assert len(deliveries) == 3  # of the PUT before, and of the one with a key for both webhooks
    assert broker.get(f"{RESULTS}/2").status_code == 404
    assert len(broker.get(deployments).json["_embedded"]["deployedVersions"]) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/environments", "json": {"name": "other", "production": False}},
        {"path": "/environments?a=b", "json": {"name": "new", "production": False}},
        {"path": "/pacticipants", "json": {"name": "new", "production": False}},
    ],
)
def test_a_key_of_another_request_is_refused(broker, other):
    broker.post("/environments", json={"name": "new", "production": False}, headers=KEY)

    answer = broker.post(**other, headers=KEY)

    assert answer.status_code == 422
    assert "POST /environments" in answer.json["errors"]["Idempotency-Key"][0]


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "two words", "a,b", "\x7f", "ü"])
def test_a_malformed_key_is_refused_and_named(broker, key):
    answer = broker.post("/pacticipants", json={"name": "Shop"}, headers={"Idempotency-Key": key})

    assert answer.status_code == 400
    assert "255" in answer.json["errors"]["Idempotency-Key"][0]
    assert broker.get("/pacticipants/Shop").status_code == 404


def test_a_refusal_is_not_remembered(broker):
    body = {"name": "Shop"}
    assert broker.put("/pacticipants/Shop/labels/%20", json={}, headers=KEY).status_code >= 400
    assert broker.post("/pacticipants", json=body, headers=KEY).status_code == 201
    missing = {"Idempotency-Key": "deletion"}
    assert broker.delete("/pacticipants/Other", headers=missing).status_code == 404
    broker.post("/pacticipants", json={"name": "Other"})

    assert broker.delete("/pacticipants/Other", headers=missing).status_code == 204


def test_a_rehearsal_is_not_remembered(broker):
    rehearsal = {
        **KEY,
        "Tally-Import-Date": "2026-01-01T00:00:00+00:00",
        "Tally-Import-Rehearsal": "{}",
    }
    assert broker.post("/pacticipants", json={"name": "Shop"}, headers=rehearsal).status_code == 201

    answer = broker.post("/pacticipants", json={"name": "Shop"}, headers=KEY)

    assert "Idempotency-Replayed" not in answer.headers
    assert broker.get("/pacticipants/Shop").status_code == 200


def test_reading_takes_no_notice_of_a_key(broker):
    broker.post("/pacticipants", json={"name": "Shop"}, headers=KEY)

    assert broker.get("/pacticipants/Shop", headers=KEY).json["name"] == "Shop"


def test_a_key_counts_for_a_day(database):
    hours = sqlite_clock(database)
    broker = create_app(Settings(), database).test_client()
    send = lambda: broker.put("/pacticipants/Shop/versions/1", json={}, headers=KEY)  # noqa: E731 - short
    assert [send().status_code, send().status_code] == [201, 201]

    hours.append(24)

    assert [send().status_code, send().headers.get("Idempotency-Replayed")] == [200, "true"]


def test_a_key_counts_for_a_day_whatever_the_clocks_of_the_servers_say(database):
    clocks = [datetime.now(UTC) + timedelta(days=days) for days in (0, 3, -3)]
    brokers = [create_app(Settings(), database, clock=lambda now=now: now).test_client() for now in clocks]

    answers = [broker.post("/pacticipants", json={"name": "Shop"}, headers=KEY) for broker in brokers]

    assert [answer.status_code for answer in answers] == [201, 201, 201]


def test_everybody_has_keys_of_their_own(database):
    tokens = ("ann:write:0123456789abcdef", "bob:write:fedcba9876543210")
    broker = create_app(Settings(api_tokens=tokens), database).test_client()
    for number, token in enumerate(tokens):
        headers = {**KEY, "Authorization": f"Bearer {token.rpartition(':')[2]}"}
        answers = [broker.post("/pacticipants", json={"name": f"App{number}"}, headers=headers) for _ in "12"]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_a_condition_that_held_the_first_time_is_not_checked_again(broker):
    headers = {**KEY, "If-None-Match": "*"}

    answers = [broker.put("/webhooks/0123456789abcdef", json=HOOK, headers=headers) for _ in "12"]

    assert [answer.status_code for answer in answers] == [201, 201]


def test_an_answer_that_is_too_large_to_be_kept_says_so(broker):
    pact = a_pact()
    pact["metadata"] = {"padding": "x" * 2_000_000}
    first = broker.put(PACT, json=pact, headers=KEY)

    again = broker.put(PACT, json=pact, headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert "too large to be kept" in again.json["notices"][0]["text"]


@BOTH
def test_a_request_without_a_key_costs_the_database_no_more(broker):
    with sql_statements() as seen:
        broker.post("/pacticipants", json={"name": "Shop"})

    assert not [statement for statement in seen if "idempotency" in statement]


@BOTH
def test_requests_with_the_same_key_at_the_same_time_are_carried_out_once(database_url):
    databases = [Database(database_url) for _ in range(4)]
    answers = []

    def send(database):
        client = create_app(Settings(), database).test_client()
        while (answer := client.post("/environments", json=body, headers=KEY)).status_code == 409:
            assert answer.headers["Retry-After"] == "1"
        answers.append(answer)

    body = {"name": "new", "production": False}
    threads = [threading.Thread(target=send, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.close()

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.data for answer in answers}) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_request_whose_key_is_being_used_is_told_to_come_again(broker, database_url):
    other = Database(database_url)
    with other.transaction() as storage:
        client = create_app(Settings(), other).test_client()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(other, "transaction", lambda **_: _Open(storage))
            assert client.post("/pacticipants", json={"name": "Shop"}, headers=KEY).status_code == 201

        answer = broker.post("/pacticipants", json={"name": "Shop"}, headers=KEY)

        assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    other.close()

    assert broker.post("/pacticipants", json={"name": "Shop"}, headers=KEY).status_code == 201


class _Open:
    """A transaction that somebody else ends."""

    def __init__(self, storage):
        self._storage = storage

    def __enter__(self):
        return self._storage

    def __exit__(self, *_):
        return None


def test_a_webhook_is_tried_once(database):
    settings = Settings(webhook_scheme_whitelist=("http",), webhook_host_whitelist=("127.0.0.1",))
    broker = create_app(settings, database).test_client()
    with receiving() as receiver:
        body = {**HOOK, "request": {"url": receiver.url}}

        answers = [broker.post("/webhooks/execute", json=body, headers=KEY) for _ in "12"]

        assert len(receiver.received) == 1
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert answers[0].json == answers[1].json


def test_a_webhook_whose_trial_was_cut_off_is_not_sent_again(database):
    hours = sqlite_clock(database)
    broker = create_app(Settings(), database).test_client()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("broker.services.webhooks.deliver.send", _cut_off)
        assert broker.post("/webhooks/execute", json=HOOK, headers=KEY).status_code == 500

    under_way = broker.post("/webhooks/execute", json=HOOK, headers=KEY)
    hours.append(1 / 60)
    over = broker.post("/webhooks/execute", json=HOOK, headers=KEY)

    assert (under_way.status_code, under_way.headers["Retry-After"]) == (409, "1")
    assert over.status_code == 409
    assert "another key" in over.json["error"]
    assert "Retry-After" not in over.headers


def _cut_off(*_):
    raise RuntimeError("cut off")
