"""Messages of a service contract, verified through the same functions as those of pacts."""

import json

import pytest

from tally.errors import UsageError
from verifier.generation.settings import Generation
from verifier.verifier import Verifier

PAID = {
    "type": "object",
    "required": ["order"],
    "properties": {"order": {"type": "string", "minLength": 1}, "amount": {"type": "integer", "minimum": 0}},
}
HEADERS = {"type": "object", "required": ["event"], "properties": {"event": {"type": "string"}}}


def document(**operations):
    """Return an AsyncAPI document with one channel; *operations* by name."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Orders", "version": "1"},
        "channels": {
            "orders": {
                "address": "orders.paid",
                "messages": {
                    "OrderPaid": {"contentType": "application/json", "headers": HEADERS, "payload": PAID}
                },
            },
            "answers": {"address": "answers", "messages": {"Quote": {"payload": {"type": "integer"}}}},
        },
        "operations": operations,
    }


ORDERS = {"$ref": "#/channels/orders"}
SENDS = {"action": "send", "channel": ORDERS}
RECEIVES = {"action": "receive", "channel": ORDERS}
REPLIES = {**RECEIVES, "reply": {"channel": {"$ref": "#/channels/answers"}}}


@pytest.fixture
def verified(tmp_path):
    def verify(operation, function, **settings):
        file = tmp_path / "orders.json"
        file.write_text(json.dumps(document(operation=operation)))
        verifier = Verifier("http://127.0.0.1:9", **settings).add_service_contract(file)
        return verifier.message("OrderPaid", function).run()

    return verify


def found(report):
    (contract,) = report.contracts
    return [mismatch.message for result in contract.results for mismatch in result.mismatches]


def test_a_message_that_is_sent_satisfies_the_schemas_of_payload_and_headers(verified):
    good = verified(SENDS, lambda: ({"order": "a", "amount": 1}, {"event": "e"}))
    bad = verified(SENDS, lambda: ({"order": "a", "amount": -1}, {"event": "e"}))
    bare = verified(SENDS, lambda: {"order": "a"})

    assert good.passed
    assert found(bad) == ["-1 is less than the minimum of 0"]
    assert found(bare) == ["'event' is a required property"]


def test_a_message_that_is_taken_is_handed_over_as_generated(verified):
    taken = []

    report = verified(RECEIVES, taken.append, generation=Generation(phases=("examples", "valid"), most=20))

    assert report.passed
    assert {"order", "amount"} in [each.keys() for each in taken]
    assert {"order"} in [each.keys() for each in taken]
    assert [result.case.description for result in report.contracts[0].results][-1] == (
        "OrderPaid: 20 valid requests"
    )


def test_a_message_that_is_not_taken_fails_with_what_was_raised(verified):
    def take(payload):
        return 1 / (payload.get("amount", 1))

    report = verified(RECEIVES, take, generation=Generation(phases=("valid",), most=20))

    (failure,) = [result for result in report.contracts[0].results if not result.passed]
    assert "ZeroDivisionError" in failure.problem
    assert failure.case.generated.value["payload"]["amount"] == 0


def test_a_reply_satisfies_the_schema_of_replies(verified):
    assert verified(REPLIES, lambda _: 7).passed
    assert found(verified(REPLIES, lambda _: "seven")) == ["'seven' is not of type 'integer'"]


def test_a_contract_of_messages_alone_needs_a_source_of_them(tmp_path):
    file = tmp_path / "orders.json"
    file.write_text(json.dumps(document(operation=SENDS)))

    with pytest.raises(UsageError, match="There are messages to verify"):
        Verifier("http://127.0.0.1:9").add_service_contract(file).run()
