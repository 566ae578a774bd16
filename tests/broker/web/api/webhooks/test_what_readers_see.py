"""What those see of a webhook who may only read: no values of headers, and no query of its URL."""

import base64
from datetime import UTC, datetime

import pytest
from support.factories import a_publication
from support.receivers import answer, receiving

from broker.app import create_app
from broker.domain.webhooks.concurrency import SendingCapacity
from broker.services.webhooks import deliver
from broker.settings.settings import Settings

WRITER, READER = ("ci", "write-secret"), ("people", "read-secret")
UUID = "a-chosen-uuid-of-enough-letters"
SECRETS = ("k-1234", "t-1234", "p-1234", "q-1234", "f-1234", base64.b64encode(b"me:p-1234").decode())
HEADERS = {"X-Tenant": "k-1234", "X-Token": "t-1234", "Content-Type": "text/plain"}
"""The first is no secret by its name."""

SENT = (
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "connection",
    "traceparent",
    "authorization",
    "x-tenant",
    "x-token",
    "content-type",
    "x-tally-delivery",
    "content-length",
)
"""The names of the headers that are sent."""


def settings(**changes):
    given = {
        "basic_auth_username": WRITER[0],
        "basic_auth_password": WRITER[1],
        "basic_auth_read_only_username": READER[0],
        "basic_auth_read_only_password": READER[1],
        "webhook_host_whitelist": ("127.0.0.0/8",),
        "webhook_scheme_whitelist": ("http",),
        "webhook_retry_schedule": (),
    }
    return Settings(**{**given, **changes})


def echo(handler):
    """Answer with what was asked."""
    asked = f"{handler.path}\n{handler.headers}"
    answer(handler, body=asked.encode(), X_Echo=handler.path)


@pytest.fixture
def receiver():
    with receiving(echo) as found:
        yield found


@pytest.fixture
def client(database, receiver):
    """Make a client of a broker that has a webhook with secrets everywhere."""

    def make(**changes):
        broker = create_app(settings(**changes), database).test_client()
        webhook = {
            "events": [{"name": "contract_published"}],
            "request": {
                "url": f"{receiver.url}/hook?key=q-1234#f-1234",
                "headers": HEADERS,
                "body": "what: it says",
                "username": "me",
                "password": "p-1234",
            },
        }
        assert broker.put(f"/webhooks/{UUID}", json=webhook, auth=WRITER).status_code == 201
        return broker

    return make


def deliver_all(database, **changes):
    chosen = settings(**changes)
    with database.transaction() as storage:
        [claimed] = deliver.claim(storage, SendingCapacity(16, frozenset(), frozenset()), chosen)
    attempt = deliver.attempt_once(claimed, chosen, lambda: datetime.now(UTC))
    with database.transaction() as storage:
        deliver.record(storage, claimed, attempt, settings=chosen, now=datetime.now(UTC))


PAGE = {"Accept": "text/html"}


@pytest.mark.parametrize(("public", "auth"), [(False, READER), (True, None), (True, ("ci", "wrong"))])
def test_a_reader_sees_no_values_of_headers_and_no_query(client, receiver, public, auth):
    broker = client(allow_public_read=public)

    read = broker.get(f"/webhooks/{UUID}", auth=auth)
    page = broker.get(f"/webhooks/{UUID}", auth=auth, headers=PAGE)

    assert read.json["request"] == {
        "method": "POST",
        "url": f"{receiver.url}/hook?**********",
        "headers": {
            "x-tenant": "**********",
            "x-token": "**********",
            "content-type": "**********",
        },
        "body": "what: it says",
        "username": "me",
        "password": "**********",
    }
    assert "x-tenant: **********" in page.text
    for answered in (read, page):
        assert [secret for secret in SECRETS if secret in answered.text] == []


@pytest.mark.parametrize("public", [False, True])
def test_who_may_write_sees_what_is_no_secret_by_its_name(client, receiver, public):
    broker = client(allow_public_read=public)

    request = broker.get(f"/webhooks/{UUID}", auth=WRITER).json["request"]
    page = broker.get(f"/webhooks/{UUID}", auth=WRITER, headers=PAGE)

    assert request["url"] == f"{receiver.url}/hook?key=**********#f-1234"
    assert request["headers"] == {
        "x-tenant": "k-1234",
        "x-token": "**********",
        "content-type": "text/plain",
    }
    assert "hook?key=**********#f-1234" in page.text


def test_the_difference_is_no_way_to_try_passwords(client):
    broker = client(allow_public_read=True, failed_logins_per_minute=3)
    for _ in range(3):
        broker.get(f"/webhooks/{UUID}", auth=("ci", "wrong"))

    read = broker.get(f"/webhooks/{UUID}", auth=WRITER)

    assert (read.status_code, read.json["request"]["headers"]["x-tenant"]) == (200, "**********")


@pytest.mark.parametrize("redact", [True, False])
def test_a_reader_sees_no_secrets_in_the_log_of_a_delivery(client, database, redact):
    broker = client(webhook_redact_sensitive_data=redact)
    broker.post("/contracts/publish", json=a_publication(), auth=WRITER)
    deliver_all(database, webhook_redact_sensitive_data=redact)
    sent = broker.get(f"/webhooks/{UUID}/triggered-webhooks", auth=READER).json
    [delivery] = sent["_embedded"]["triggeredWebhooks"]
    at = f"/triggered-webhooks/{delivery['uuid']}/logs"

    text = broker.get(at, auth=READER).text
    document = broker.get(at, auth=READER, headers={"Accept": "application/hal+json"}).json
    whole = broker.get(at, auth=WRITER).text

    assert document["executions"][0]["logs"] == text
    assert [secret for secret in SECRETS if secret in text] == []
    assert [line.partition(": ")[2] for line in text.splitlines()][1:] == [
        *("HTTP/1.1 request POST http" + text.partition("request POST http")[2].partition("\n")[0],),
        *(f"{name}: **********" for name in SENT),
        "what: **********",
        "HTTP/1.1 response 200",
        *(f"{name}: **********" for name in ("server", "date", "x-echo", "content-length")),
        "the rest of the answer is shown to those who may change webhooks",
        "The webhook was delivered",
    ]
    assert "/hook?**********\n" in text
    assert "x-tenant: k-1234" in whole
    assert ("/hook?key=q-1234" in whole) is not redact


def test_a_reader_cannot_try_webhooks(client):
    broker = client()

    for path in (f"/webhooks/{UUID}/execute?dryRun=true", "/webhooks/execute?dryRun=true"):
        assert broker.post(path, json={}, auth=READER).status_code == 401


def test_what_a_reader_saw_may_be_sent_back_by_who_may_write(client, receiver):
    broker = client(allow_public_read=True)
    seen = broker.get(f"/webhooks/{UUID}").json

    broker.put(f"/webhooks/{UUID}", json=seen, auth=WRITER)
    kept = broker.get(f"/webhooks/{UUID}", auth=WRITER).json["request"]
    tried = broker.post(f"/webhooks/{UUID}/execute", auth=WRITER)
    elsewhere = seen["request"]["url"].replace("127.0.0.1", "127.0.0.2")
    moved = {**seen, "request": {**seen["request"], "url": elsewhere}}
    answered = broker.put(f"/webhooks/{UUID}", json=moved, auth=WRITER).json

    assert kept["url"] == f"{receiver.url}/hook?key=**********#f-1234"
    assert (tried.json["success"], receiver.received[-1].path) == (True, "/hook?key=q-1234")
    assert kept["headers"]["x-tenant"] == "k-1234"
    assert "query of the URL, password, header content-type, header x-tenant, header x-token." in str(
        answered["notices"]
    )
    assert answered["request"] == {
        "method": "POST",
        "url": elsewhere.partition("?")[0],
        "body": "what: it says",
        "username": "me",
    }
