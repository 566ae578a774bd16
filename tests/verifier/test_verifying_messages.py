"""Messages, which the provider hands over behind a URL."""

import base64
import json

import pytest
from factories import a_message, a_message_pact

PAID = {"id": 1, "status": "paid"}


def as_header(metadata):
    return base64.b64encode(json.dumps(metadata).encode()).decode()


def verified(tally_verify, provider, pact):
    return tally_verify(pact, "--provider-url", provider.url, "--message-url", f"{provider.url}/_messages")


def test_a_message_is_asked_for_by_description_and_states(provider, tally_verify, pact_file):
    provider.on("POST", "/_messages", PAID)
    states = [{"name": "an order exists", "params": {"id": 1}}]
    pact = pact_file(a_message_pact(a_message("an order was paid", providerStates=states)))

    ended = verified(tally_verify, provider, pact)

    assert ended.exit_code == 0, ended
    assert provider.asked[0].json == {"description": "an order was paid", "providerStates": states}


def test_another_content_breaks_the_contract_and_names_the_place(provider, tally_verify, pact_file):
    provider.on("POST", "/_messages", {"id": 1, "status": "lost"})

    ended = verified(tally_verify, provider, pact_file(a_message_pact()))

    assert ended.exit_code == 1
    assert "body $.status" in ended.stdout


def test_metadata_comes_in_a_header(provider, tally_verify, pact_file):
    pact = pact_file(
        a_message_pact(a_message(metaData={"contentType": "application/json", "topic": "orders"}))
    )
    provider.on("POST", "/_messages", PAID, Pact_Message_Metadata=as_header({"topic": "orders"}))
    kept = verified(tally_verify, provider, pact)
    provider.on("POST", "/_messages", PAID, Pact_Message_Metadata=as_header({"topic": "invoices"}))

    broken = verified(tally_verify, provider, pact)

    assert kept.exit_code == 0, kept
    assert broken.exit_code == 1
    assert "metadata topic" in broken.stdout


@pytest.mark.parametrize("header", ["not base64!", base64.b64encode(b"not JSON").decode(), as_header([1])])
def test_metadata_that_cannot_be_read_fails_the_message_and_says_so(
    provider, tally_verify, pact_file, header
):
    provider.on("POST", "/_messages", PAID, Pact_Message_Metadata=header)

    ended = verified(tally_verify, provider, pact_file(a_message_pact()))

    assert ended.exit_code == 1
    assert "The header Pact-Message-Metadata" in ended.stdout


def test_a_message_url_that_refuses_fails_the_message_and_says_so(provider, tally_verify, pact_file):
    provider.on("POST", "/_messages", b"no handler for 'an order was paid'", status=404)

    ended = verified(tally_verify, provider, pact_file(a_message_pact()))

    assert ended.exit_code == 1
    assert "/_messages (--message-url) answered 404 instead of the message" in ended.stdout
    assert "no handler for 'an order was paid'" in ended.stdout


def test_messages_without_a_message_url_cannot_be_checked(provider, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_message_pact()), "--provider-url", provider.url)

    assert ended.exit_code == 2
    assert "There are messages to verify ('an order was paid'): say with --message-url" in ended.stderr
