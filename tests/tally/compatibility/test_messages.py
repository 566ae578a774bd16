"""What changes in messages break those who read or write them."""

import pytest
from support.contract_documents import a_message, a_message_operation, a_native, an_asyncapi

from tally.compatibility.documents import compare_versions, read_version
from tally.compatibility.model import Mode, Rules, Verdict


def compared(old, new, mode="service"):
    return compare_versions(read_version("old", old), read_version("new", new), Rules(Mode(mode)))


def rules(found):
    return {(change.rule, change.compatible) for change in found.changes}


def messages(*payloads, direction="sent", **more):
    listed = [{"name": name, "payload": payload} for name, payload in payloads]
    return a_native(a_message_operation(direction=direction, messages=listed, **more))


INTEGER, NUMBER = {"type": "integer"}, {"type": "number"}


@pytest.mark.parametrize(
    ("direction", "verdict"),
    [("sent", Verdict.BREAKING), ("received", Verdict.COMPATIBLE)],
)
def test_who_reads_a_message_decides_what_may_change(direction, verdict):
    old, new = (messages(("Paid", payload), direction=direction) for payload in (INTEGER, NUMBER))

    found = compared(old, new)

    assert found.verdict is verdict
    assert rules(found) == {("TYPE_EXTENDED", direction == "received")}
    assert str(found.changes[0].place).endswith("$")


@pytest.mark.parametrize(("direction", "added_breaks"), [("sent", True), ("received", False)])
def test_types_of_messages_come_and_go(direction, added_breaks):
    one = messages(("Paid", INTEGER), direction=direction)
    two = messages(("Paid", INTEGER), ("Refunded", INTEGER), direction=direction)

    assert rules(compared(one, two)) == {("MESSAGE_ADDED", not added_breaks)}
    assert rules(compared(two, one)) == {("MESSAGE_REMOVED", added_breaks)}


def test_the_only_message_may_have_another_name():
    assert rules(compared(messages(("Paid", INTEGER)), messages(("OrderPaid", INTEGER)))) == set()


def test_a_channel_does_not_disappear():
    found = compared(messages(("Paid", INTEGER)), messages(("Paid", INTEGER), channel="orders.settled"))

    assert rules(found) == {("OPERATION_REMOVED", False), ("OPERATION_ADDED", True)}


def test_replies_are_read_by_who_asked():
    def quotes(request, reply):
        return messages(
            ("Ask", request),
            direction="received",
            kind="request-reply",
            reply={"messages": [{"name": "Quote", "payload": reply}]},
        )

    assert rules(compared(quotes(INTEGER, NUMBER), quotes(NUMBER, INTEGER))) == {
        ("TYPE_EXTENDED", True),
        ("TYPE_NARROWED", True),
    }
    assert rules(compared(quotes(NUMBER, INTEGER), quotes(INTEGER, NUMBER))) == {
        ("TYPE_EXTENDED", False),
        ("TYPE_NARROWED", False),
    }


def test_asyncapi_is_compared_with_pointers_into_it():
    def document(required):
        payload = {"type": "object", "required": required, "properties": {"orderId": INTEGER, "at": INTEGER}}
        return an_asyncapi(
            channels={
                "paid": {
                    "address": "orders.paid",
                    "messages": {"OrderPaid": a_message(payload=payload, examples=[])},
                }
            }
        )

    (change,) = compared(document(["orderId", "at"]), document(["orderId"])).changes

    assert (change.rule, change.compatible) == ("REQUIRED_ATTRIBUTE_REMOVED", False)
    assert change.old == "/channels/paid/messages/OrderPaid/payload/required"
    assert str(change.place) == "sends orders.paid $.at"


def test_a_message_of_another_media_type_breaks():
    old, new = (
        a_native(a_message_operation(messages=[{"name": "Paid", "contentType": kind, "payload": True}]))
        for kind in ("application/json", "text/plain")
    )

    assert ("MESSAGE_CONTENT_TYPE_CHANGED", False) in rules(compared(old, new))
