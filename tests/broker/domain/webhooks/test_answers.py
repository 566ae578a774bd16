import pytest

from broker.domain.webhooks.answers import advice, in_words
from broker.domain.webhooks.events import EXPLAINED, Event

LOG = (
    "[2026-06-01T12:00:00Z] INFO: HTTP/1.1 response 401\n"
    "[2026-06-01T12:00:00Z] INFO: content-type: application/json\n"
    "[2026-06-01T12:00:00Z] INFO: {body}\n"
    "[2026-06-01T12:00:00Z] ERROR: The delivery failed after 1 attempts\n"
)


def test_every_event_is_explained():
    assert set(EXPLAINED) == set(Event)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"message": "Bad credentials"}', "401 Bad credentials"),
        ('{"error": {"code": 1}, "detail": "Expired\\n now"}', "401 Expired now"),
        ('{"error": "token=t-1 is wrong"}', "401 token=********** is wrong"),
        ("Go away", "401 Go away"),
        ("x" * 200, "401 " + "x" * 119 + "…"),
        ("<html>no</html>", "401 Unauthorized"),
        ("[1]", "401 Unauthorized"),
        ("{broken", "401 Unauthorized"),
    ],
)
def test_an_answer_is_said_with_what_the_receiver_says(body, words):
    assert in_words("401", LOG.replace("{body}", body)) == words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("404", "404 Not Found"),
        ("599", "599"),
        ("", ""),
        ("https://me:x@host is gone", "https://**********@host is gone"),
    ],
)
def test_an_answer_is_said_without_a_log(answer, words):
    assert in_words(answer) == words


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("401", "credentials"),
        ("302", "redirects"),
        ("418", "Compare the body"),
        ("503", "error of its own"),
        ("204", "no success"),
        ("Connection refused, while connecting", "could not be reached"),
        ("x cannot be looked up: no", "has no address"),
        ("no complete answer within 30 seconds, while waiting", "too slow"),
        ("the certificate is not trusted: expired", "TALLY_WEBHOOK_CERTIFICATES"),
    ],
)
def test_there_is_advice_for_each_failure(answer, said):
    assert said in advice(answer)
