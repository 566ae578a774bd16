"""`tally webhooks` and `tally rotate-secrets` against a real broker."""

import os
import subprocess

import pytest
import requests
from cryptography.fernet import Fernet
from support.factories import a_publication
from support.receivers import answering, receiving, wait_until
from support.serving import TALLY, serving

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SETTINGS = {
    "TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8",
    "TALLY_WEBHOOK_SCHEME_WHITELIST": "http",
    "TALLY_WEBHOOK_RETRY_SCHEDULE": "0",
}


def tally(*words, **environment):
    return subprocess.run(
        [TALLY, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


@pytest.fixture
def receiver():
    with receiving(answering(500)) as receiver:
        yield receiver


@pytest.fixture
def broker_url(database_url, tmp_path):
    with serving(database_url, tmp_path / "log", environment=SETTINGS, is_forked=True) as url:
        yield url


@pytest.fixture
def webhook(broker_url, receiver):
    """The uuid of a webhook that fires for every pact."""
    hook = {"description": "tell CI", "events": [{"name": "contract_published"}]}
    hook["request"] = {"url": receiver.url, "body": {"event": "${pactbroker.eventName}"}}
    return requests.post(f"{broker_url}/webhooks", json=hook, timeout=10).json()["uuid"]


def test_webhooks_are_listed_tried_and_repeated(broker_url, receiver, webhook):
    requests.post(f"{broker_url}/contracts/publish", json=a_publication(), timeout=10).raise_for_status()
    wait_until(lambda: "  failed  " in tally("webhooks", "list", "-b", broker_url).stdout)

    listed = tally("webhooks", "list", "-b", broker_url)

    assert listed.returncode == 0, listed.stderr
    assert "tell CI      any       any       contract_published  yes      failed" in listed.stdout
    assert "Its last delivery failed for good" in listed.stdout
    received = len(receiver.received)
    shown = tally("webhooks", "test", webhook, "-b", broker_url)
    assert (shown.returncode, len(receiver.received)) == (0, received), shown.stderr
    assert shown.stdout.startswith(
        "Nothing was sent. With --send it sends this request:\n  POST http://127.0.0.1"
    )
    assert '"event": "test"' in shown.stdout
    refused = tally("webhooks", "test", webhook, "--send", "-b", broker_url)
    assert (refused.returncode, len(receiver.received)) == (1, received + 1)
    receiver.behaviour = answering()
    again = tally("webhooks", "redeliver", "--failed-of", webhook, "-b", broker_url)
    assert again.stdout == "Deliveries that will be sent again: 1.\n"
    wait_until(lambda: "  delivered  " in tally("webhooks", "list", "-b", broker_url).stdout)


def test_a_webhook_is_switched_off_and_on_and_keeps_its_secrets(broker_url, receiver):
    hook = {"request": {"url": receiver.url, "headers": {"Authorization": "Bearer x"}, "body": {"n": 2**70}}}
    created = requests.post(f"{broker_url}/webhooks", json=hook, timeout=10).json()
    itself = created["_links"]["self"]["href"]

    off = tally("webhooks", "disable", created["uuid"], "-b", broker_url)

    assert (off.returncode, off.stdout) == (0, "POST 127.0.0.1 is disabled.\n"), off.stderr
    assert requests.get(itself, timeout=10).json()["enabled"] is False
    on = tally("webhooks", "enable", created["uuid"], "-b", broker_url)
    assert (on.returncode, on.stdout) == (0, "POST 127.0.0.1 is enabled.\n"), on.stderr
    assert requests.get(itself, timeout=10).json()["enabled"] is True
    receiver.behaviour = answering()
    requests.post(f"{itself}/execute", timeout=10).raise_for_status()
    assert receiver.received[0].headers["authorization"] == "Bearer x"
    assert receiver.received[0].json == {"n": 2**70}


def test_what_is_to_be_repeated_must_be_said(broker_url):
    finished = tally("webhooks", "redeliver", "-b", broker_url)

    assert finished.returncode == 2
    assert "--failed-of" in finished.stderr


def test_secrets_survive_a_new_key(database_url, tmp_path, receiver):
    def serve(keys):
        environment = {**SETTINGS, "TALLY_SECRETS_KEY": keys}
        return serving(database_url, tmp_path / "log", environment=environment)

    with serve(OLD) as url:
        requests.put(f"{url}/secrets/ci", json={"value": "top"}, timeout=10).raise_for_status()
        stored = {"request": {"url": receiver.url, "headers": {"Authorization": "Bearer x"}}}
        created = requests.post(f"{url}/webhooks", json=stored, timeout=10).json()

    rotated = tally("rotate-secrets", TALLY_DATABASE_URL=database_url, TALLY_SECRETS_KEY=f"{NEW} {OLD}")

    encrypted = "Encrypted 1 secrets, and the headers and passwords of 1 webhooks, with the first key.\n"
    assert rotated.stdout == encrypted, rotated.stderr
    hook = {"request": {"url": receiver.url, "body": "${secret.ci}"}}
    with serve(NEW) as url:
        requests.post(f"{url}/webhooks/execute", json=hook, timeout=10).raise_for_status()
        requests.post(f"{url}/webhooks/{created['uuid']}/execute", timeout=10).raise_for_status()
    assert receiver.received[0].body == b"top"
    assert receiver.received[1].headers["authorization"] == "Bearer x"
    lost = tally("rotate-secrets", TALLY_DATABASE_URL=database_url, TALLY_SECRETS_KEY=OLD)
    assert (lost.returncode, "'ci' was stored with a key" in lost.stderr) == (2, True)
