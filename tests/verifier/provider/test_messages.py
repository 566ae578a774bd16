"""Messages, which the provider hands over behind a URL."""

import base64
import json

import pytest
from support.factories import a_message, a_message_pact, a_pact

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
    assert "/_messages (--message-url) responded with 404 and not with the message" in ended.stdout
    assert "no handler for 'an order was paid'" in ended.stdout


def test_messages_without_a_message_url_cannot_be_checked(provider, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_message_pact()), "--provider-url", provider.url)

    assert ended.exit_code == 2
    assert "There are messages to verify ('an order was paid'): give --message-url" in ended.stderr


def a_v4_pact(**changes):
    """Return a pact V4 with one synchronous message, whose *changes* replace whole keys of it."""
    interaction = {
        "type": "Synchronous/Messages",
        "description": "two quotes",
        "request": {"contents": contents({"order": 1})},
        "response": [{"contents": contents({"price": 4})}, {"contents": contents({"price": 5})}],
    }
    return a_pact({**interaction, **changes}, metadata={"pactSpecification": {"version": "4.0"}})


def contents(value):
    return {"content": value, "contentType": "application/json", "encoded": False}


def reply(price, **metadata):
    return {"contents": {"price": price}, "metadata": metadata}


def test_several_replies_to_one_message_are_a_list_in_order(provider, tally_verify, pact_file):
    provider.on("POST", "/_messages", [reply(4), reply(5, topic="quotes")])

    ended = verified(tally_verify, provider, pact_file(a_v4_pact()))

    assert ended.exit_code == 0, ended
    asked = provider.asked[0].json
    assert asked["replies"] == 2
    assert asked["request"]["contents"] == {"order": 1}


def test_a_reply_that_differs_is_shown_at_its_place(provider, tally_verify, pact_file):
    provider.on("POST", "/_messages", [reply(4), reply(6)])

    ended = verified(tally_verify, provider, pact_file(a_v4_pact()))

    assert ended.exit_code == 1
    assert "body $[1].contents.price\n     In reply 2: Expected 5 at $.price, but got 6" in ended.stdout
    (marked,) = [line for line in ended.stdout.splitlines() if line.startswith("   ✗")]
    assert marked.split() == ["✗", '"price":', "5", '"price":', "6"]


@pytest.mark.parametrize(
    ("answered", "problem"),
    [
        ([reply(4)], "Expected 2 replies, but got 1"),
        ([reply(4), reply(5), reply(6)], "Expected 2 replies, but got 3"),
        ({"price": 4}, "The contract wants several replies: respond with a JSON list"),
        ([reply(4), 5], "A reply cannot be read: reply 2: expected an object, but it is a number"),
    ],
)
def test_too_few_or_unreadable_replies_fail_the_message(provider, tally_verify, pact_file, answered, problem):
    provider.on("POST", "/_messages", answered)

    ended = verified(tally_verify, provider, pact_file(a_v4_pact()))

    assert ended.exit_code == 1
    assert problem in ended.stdout


def test_a_message_without_a_reply_leaves_nothing_to_check(provider, tally_verify, pact_file):
    ended = verified(tally_verify, provider, pact_file(a_v4_pact(response=[])))

    assert ended.exit_code == 2
    assert "It cannot be checked: it expects no reply to its message" in ended.stdout


def test_values_of_a_state_are_in_the_message_that_is_sent_and_in_its_reply(
    provider, tally_verify, pact_file
):
    generators = {"contents": {"$.order": {"type": "ProviderState", "expression": "${order}"}}}
    pact = a_v4_pact(
        providerStates=[{"name": "an order exists"}],
        request={"contents": contents({"order": 1}), "generators": generators},
        response={"contents": contents({"order": 1, "price": 4}), "generators": generators},
    )
    provider.on("POST", "/_states", {"order": 77})
    provider.on("POST", "/_messages", {"order": 77, "price": 4})

    ended = tally_verify(
        pact_file(pact), "--provider-url", provider.url, "--message-url", "/_messages", "-s", "/_states"
    )

    assert ended.exit_code == 0, ended
    assert provider.asked_for("POST", "/_messages")[0].json["request"]["contents"] == {"order": 77}
