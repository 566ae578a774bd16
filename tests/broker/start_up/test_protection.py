"""Passwords and headers of webhooks are encrypted where they are stored, like secrets."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import column, table, text
from support.factories import NOON, a_publication
from support.old_databases import left_at
from support.receivers import receiving

from broker.app import create_app
from broker.domain.webhooks.concurrency import SendingCapacity
from broker.services.webhooks import attempt_logs, deliver
from broker.settings.settings import Settings
from broker.start_up.protection import protect_webhooks
from broker.storage.database import Database
from broker.storage.migrations import upgrade
from tally.hashing import compact_json

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
UUID = "a-chosen-uuid-of-enough-letters"
HEADERS = {"x-api-key": "k-123456", "authorization": "Bearer t-123456"}
SECRETS = (b"k-123456", b"t-123456", b"p-123456")


def on(database_url, **changes):
    given = {
        "database_url": database_url,
        "webhook_host_whitelist": ("127.0.0.0/8",),
        "webhook_scheme_whitelist": ("http",),
    }
    return Settings(**{**given, **changes})


def a_request(url, **changes):
    return {
        "method": "POST",
        "url": url,
        "headers": HEADERS,
        "username": "me",
        "password": "p-123456",
        **changes,
    }


def put(broker, url, **changes):
    return broker.put(f"/webhooks/{UUID}", json={"request": a_request(url, **changes)})


def stored(database):
    """Everything that is stored of webhooks."""
    with database.connection() as connection:
        rows = connection.execute(text("SELECT request, credentials FROM webhooks")).all()
        return b" ".join(bytes(value or b"") for row in rows for value in row)


def found_in(content):
    return [secret for secret in SECRETS if secret in content]


def executed(broker, receiver):
    """The headers of the request that a webhook sends."""
    answer = broker.post(f"/webhooks/{UUID}/execute").json
    assert answer["success"], answer["logs"]
    return receiver.received[-1].headers


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture
def old_database(database, tmp_path):
    """A database as the release before left it, with a webhook."""
    with left_at("0006", database, tmp_path) as old:
        yield old


def add(database, uuid, request):
    """Store a webhook as the release before did."""
    values = {"uuid": uuid, "enabled": True, "failures": 0, "request": compact_json(request)}
    values |= {"created_at": NOON, "updated_at": NOON}
    with database.connection() as connection:
        connection.execute(table("webhooks", *map(column, values)).insert(), values)
        connection.commit()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_what_is_stored_is_encrypted_and_what_is_sent_is_not(database, database_url, receiver):
    broker = create_app(on(database_url, secrets_key=(NEW,)), database).test_client()

    created = put(broker, receiver.url)

    assert found_in(stored(database)) == []
    assert created.json["request"]["headers"] == {"x-api-key": "**********", "authorization": "**********"}
    assert broker.get(f"/webhooks/{UUID}").json == created.json
    assert "x-api-key: **********" in broker.get(f"/webhooks/{UUID}", headers={"Accept": "text/html"}).text
    assert executed(broker, receiver)["x-api-key"] == "k-123456"
    assert executed(broker, receiver)["authorization"] == "Bearer t-123456"
    kept = broker.put(f"/webhooks/{UUID}", json={**created.json, "description": "anew"})
    assert kept.status_code == 200
    assert executed(broker, receiver)["authorization"] == "Bearer t-123456"
    assert found_in(stored(database)) == []


def test_a_webhook_without_headers_and_password_has_nothing_to_encrypt(database, database_url, receiver):
    broker = create_app(on(database_url, secrets_key=(NEW,)), database).test_client()

    broker.put(f"/webhooks/{UUID}", json={"request": {"url": receiver.url}})

    assert broker.post(f"/webhooks/{UUID}/execute").json["success"]


def test_events_find_the_parameters_in_encrypted_headers(database, database_url, receiver):
    broker = create_app(on(database_url, secrets_key=(NEW,)), database).test_client()
    broker.post("/contracts/publish", json=a_publication())
    parameter = "at ${pactbroker.currentlyDeployedProviderVersionNumber} k-123456"
    put(broker, receiver.url, headers={"x-of": parameter})
    hook = broker.get(f"/webhooks/{UUID}").json
    broker.put(f"/webhooks/{UUID}", json={**hook, "events": [{"name": "contract_published"}]})

    broker.post("/contracts/publish", json=a_publication(version="2"))

    # No version is deployed: a webhook that names deployed versions has nothing to send.
    sent = broker.get(f"/webhooks/{UUID}/triggered-webhooks").json
    assert sent["_embedded"]["triggeredWebhooks"] == []
    assert found_in(stored(database)) == []


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_an_upgrade_encrypts_what_was_stored_before(old_database, receiver):
    url = old_database.url
    add(old_database, UUID, a_request(receiver.url))
    add(old_database, "another-uuid-of-enough-letters", {"method": "POST", "url": "https://ci.example.org"})
    upgrade(old_database)

    settings = protect_webhooks(on(url, secrets_key=(NEW,)))

    assert found_in(stored(old_database)) == []
    broker = create_app(settings, old_database).test_client()
    assert executed(broker, receiver)["x-api-key"] == "k-123456"
    assert broker.get(f"/webhooks/{UUID}").json["request"]["password"] == "**********"
    assert protect_webhooks(settings) == settings


def test_no_file_of_sqlite_keeps_what_was_encrypted(old_database, receiver, tmp_path):
    for number in range(20):
        add(old_database, f"{UUID}-{number}", a_request(receiver.url, body="x" * 100 * number))
    upgrade(old_database)

    protect_webhooks(on(old_database.url))

    files = [path for path in tmp_path.iterdir() if path.name.startswith("old.sqlite3")]
    assert {path.name: found_in(path.read_bytes()) for path in files if found_in(path.read_bytes())} == {}


def test_sqlite_without_a_key_in_the_settings_has_one_in_a_file_of_its_owner(tmp_path, receiver):
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    database = Database(url)
    upgrade(database)
    before = os.umask(0)
    settings = protect_webhooks(on(url))
    os.umask(before)
    broker = create_app(settings, database).test_client()

    put(broker, receiver.url)

    key = tmp_path / "new.sqlite3.key"
    assert (settings.secrets_key, key.stat().st_mode & 0o777) == ((key.read_text().strip(),), 0o600)
    assert protect_webhooks(on(url)) == settings
    assert found_in(stored(database)) == []
    assert executed(broker, receiver)["x-api-key"] == "k-123456"
    later = protect_webhooks(on(url, secrets_key=(NEW,)))
    assert later.secrets_key == (NEW, *settings.secrets_key)
    assert executed(create_app(later, database).test_client(), receiver)["x-api-key"] == "k-123456"
    assert sorted(path.name for path in tmp_path.iterdir() if "key" in path.name) == [key.name]
    database.close()


def test_a_folder_that_takes_no_key_file_is_warned_about(tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    database = Database(url)
    upgrade(database)
    database.close()
    (tmp_path / "new.sqlite3.key").mkdir()

    settings = protect_webhooks(on(url))

    assert settings.secrets_key == ()
    assert "Warning: the key of secrets beside the database cannot be made or read" in capsys.readouterr().err


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_a_key_postgresql_keeps_them_in_the_clear_and_warns(database, receiver, capsys):
    settings = protect_webhooks(on(database.url))
    assert capsys.readouterr().err == ""
    put(create_app(settings, database).test_client(), receiver.url)

    protect_webhooks(on(database.url))

    assert capsys.readouterr().err == (
        "Warning: the headers and passwords of 1 webhooks are stored in the clear: set TALLY_SECRETS_KEY to "
        "encrypt them.\n"
    )
    assert protect_webhooks(on(database.url, secrets_key=(NEW,))).secrets_key == (NEW,)
    assert capsys.readouterr().err == ""
    assert found_in(stored(database)) == []


def test_a_webhook_whose_key_is_lost_says_so_and_is_not_sent(database, database_url, receiver, capsys):
    put(create_app(on(database_url, secrets_key=(OLD,)), database).test_client(), receiver.url)
    settings = protect_webhooks(on(database_url, secrets_key=(NEW,)))
    broker = create_app(settings, database).test_client()

    shown = broker.get(f"/webhooks/{UUID}").json
    executed_ = broker.post(f"/webhooks/{UUID}/execute").json
    starred = broker.put(f"/webhooks/{UUID}", json=shown)
    without_password = put(broker, receiver.url, password=None)
    anew = put(broker, receiver.url)

    assert "1 webhooks were stored with a key that is missing" in capsys.readouterr().err
    assert shown["request"]["headers"] == dict.fromkeys(HEADERS, "**********")
    assert "a key that the broker does not have" in shown["notices"][0]["text"]
    assert executed_["success"] is False
    assert "a key that is not in TALLY_SECRETS_KEY" in executed_["error"]["message"]
    assert (starred.status_code, without_password.status_code) == (422, 422)
    assert "whose key the broker does not have" in starred.json["errors"]["request"][0]
    assert (anew.status_code, "notices" in anew.json) == (200, False)
    assert executed(broker, receiver)["x-api-key"] == "k-123456"


def test_brokers_that_start_together_have_one_key(database_url):
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: protect_webhooks(on(database_url)).secrets_key, range(16)))

    assert len(found) == 1


def test_an_unusable_key_stores_no_webhook(database, database_url, receiver):
    broker = create_app(on(database_url, secrets_key=("nonsense",)), database).test_client()

    answer = put(broker, receiver.url)

    assert (answer.status_code, broker.get(f"/webhooks/{UUID}").status_code) == (422, 404)
    assert "TALLY_SECRETS_KEY is not a Fernet key" in answer.json["errors"]["request"][0]


def test_what_is_no_key_is_refused_at_the_start(database_url, capsys):
    with pytest.raises(SystemExit):
        protect_webhooks(on(database_url, secrets_key=("nonsense",)))

    assert "Error: TALLY_SECRETS_KEY is not a Fernet key" in capsys.readouterr().err


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_the_logs_of_deliveries_are_encrypted_and_survive_a_new_key(database, database_url, receiver):
    settings = on(database_url, secrets_key=(OLD,))
    broker = create_app(settings, database).test_client()
    put(broker, receiver.url)
    hook = broker.get(f"/webhooks/{UUID}").json
    broker.put(f"/webhooks/{UUID}", json={**hook, "events": [{"name": "contract_published"}]})
    broker.post("/contracts/publish", json=a_publication())
    deliver_all(database, settings)
    [delivery] = broker.get(f"/webhooks/{UUID}/triggered-webhooks").json["_embedded"]["triggeredWebhooks"]
    at = f"/triggered-webhooks/{delivery['uuid']}/logs"

    whole = broker.get(at).text
    with database.transaction() as storage:
        attempt_logs.rotate(storage, on(database_url, secrets_key=(NEW, OLD)))

    assert "x-api-key: **********" in whole
    assert whole.endswith("The webhook was delivered\n")
    with database.connection() as connection:
        kept = connection.scalar(text("SELECT logs FROM webhook_executions"))
    assert found_in(kept.encode()) == []
    assert create_app(on(database_url, secrets_key=(NEW,)), database).test_client().get(at).text == whole
    assert broker.get(at).text == "This log was stored with a key that is not in TALLY_SECRETS_KEY\n"


def deliver_all(database, settings):
    with database.transaction() as storage:
        [claimed] = deliver.claim(storage, SendingCapacity(16, frozenset(), frozenset()), settings)
    attempt = deliver.attempt_once(claimed, settings, lambda: datetime.now(UTC))
    with database.transaction() as storage:
        deliver.record(storage, claimed, attempt, settings=settings, now=datetime.now(UTC))
