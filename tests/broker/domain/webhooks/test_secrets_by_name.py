"""What is secret by its name is starred wherever it is, and comes back from its stars."""

import pytest

from broker.domain.webhooks import secret_bodies
from broker.domain.webhooks.delivery_log import for_writers
from broker.domain.webhooks.redaction import redacted, with_stored_secrets
from broker.domain.webhooks.secret_texts import restored, starred
from broker.domain.webhooks.webhook import WebhookRequest

TEXTS = [
    "https://ci.example.org/hook?ref=main&token=S3",
    "https://ci.example.org/hook?access_token=S3#x",
    "https://ci.example.org/hook#access_token=S3",
    "https://ci.example.org/hook?sv=2020&sig=S3%2F&sp=r",
    "https://ci.example.org/?apikey=S3;code=S3",
    "https://ci.example.org/?key=S3",
    "https://me:S3@ci.example.org/",
    "https://S3@ci.example.org/",
    "could not connect to https://me:S3@ci.example.org/?x=1: refused",
    "https://ci.example.org/?back=https://me:S3@other.example.org/",
    "token=S3&branch=main",
    "grant_type=x&client_secret=S3",
    '{"token":"S3"}',
    '{"api_key" : "S3\\"S3", "n": 1}',
    '{"url": "https://ci.example.org/?token=S3"}',
    '{"text": "{\\"password\\": \\"S3\\"}"}',
    '{"pin": {"password": 3333}}'.replace("3333", '"S3"'),
    "<password>S3</password>",
    "Authorization: Bearer S3aaaaaaaa",
    "sent with Basic S3aaaaaaa==",
    "https://hooks.slack.com/services/T0/B0/S3aaaa",
    "https://discord.com/api/webhooks/123/S3",
    "https://api.telegram.org/botS3/sendMessage",
    "https://x.webhook.office.com/webhookb2/S3@x/IncomingWebhook/S3",
    '{"note": "ghp_S3aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}',
    "?q=glpat-S3aaaaaaaaaaaaaaaaaa",
]
HARMLESS = [
    "https://ci.example.org/hook?ref=main&author=me",
    "https://ci.example.org/hook?token=${secret.ci}",
    "https://hooks.slack.com/services/${secret.slack}",
    '{"branch": "main", "monkey": "1", "token": "${secret.ci}"}',
    "Basic information is missing",
    "ci.example.org cannot be looked up: Name or service not known",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_secret_is_starred_and_comes_back(text):
    shown = starred(text)

    assert "S3" not in shown
    assert "**********" in shown
    assert restored(shown, text) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_is_shown(text):
    assert starred(text) == text


def test_a_value_that_was_typed_anew_is_taken():
    stored = "https://ci.example.org/?token=old&sig=kept"

    assert restored("https://ci.example.org/?token=new&sig=***", stored).endswith("?token=new&sig=kept")
    assert restored("https://ci.example.org/?secret=***", stored).endswith("?secret=***")


def test_a_body_is_starred_by_its_names_and_comes_back():
    body = {
        "token": "S3",
        "auth": {"user": "S3", "number": 7, "is": True, "of": None, "ref": "${secret.a}"},
        "list": [{"password": "S3"}, "a=1&token=S3"],
        "ref": "main",
    }

    shown = secret_bodies.starred(body)

    assert "S3" not in str(shown)
    assert "7" not in str(shown)
    assert (shown["ref"], shown["auth"]["ref"], shown["auth"]["is"]) == ("main", "${secret.a}", True)
    assert secret_bodies.restored(shown, body) == body
    assert "*" not in str(secret_bodies.blanked(shown))


def test_secrets_are_not_sent_to_another_place():
    stored = WebhookRequest(
        "POST",
        "https://a.example.org/?token=S3&x=1",
        {"x-back": "https://S3@b/"},
        {"token": "S3"},
        "me",
        "S3",
    )
    moved = WebhookRequest(**{**vars(redacted(stored)), "url": "https://other.example.org/?token=***&x=1"})

    completed = with_stored_secrets(moved, stored)

    assert "S3" not in str(completed.request)
    assert completed.request.url == "https://other.example.org/?token=&x=1"
    assert completed.dropped == ("query of the URL", "password", "header x-back", "body")


def test_the_log_of_an_earlier_release_is_starred_when_it_is_shown():
    log = (
        "[2026-01-01T00:00:00Z] INFO: HTTP/1.1 request POST https://ci.example.org/?token=S3\n"
        "[2026-01-01T00:00:00Z] INFO: x-api-key: S3\n"
        "[2026-01-01T00:00:00Z] INFO: host: ci.example.org\n"
        '[2026-01-01T00:00:00Z] INFO: {"password":"S3"}\n'
        "[2026-01-01T00:00:00Z] INFO: HTTP/1.1 response 302\n"
        "[2026-01-01T00:00:00Z] INFO: location: https://me:S3@ci.example.org/?code=S3\n"
        "[2026-01-01T00:00:00Z] ERROR: https://me:S3@ci.example.org has no valid port\n"
    )

    shown = for_writers(log)

    assert "S3" not in shown
    assert "host: ci.example.org" in shown
    assert len(shown.splitlines()) == len(log.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        '"' * 50_000,
        "a=b&" * 12_000,
        '"a":' * 12_000,
        "a://" * 12_000,
        "<a>" * 16_000,
        '"token":"' + "\\\\" * 25_000,
    ],
)
def test_long_texts_take_no_longer_than_their_length(text):
    assert len(starred(text)) <= len(text)
