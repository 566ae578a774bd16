import json

import pytest

from consumer_sdk import DeclarationError, Message, MismatchError, Recorder, match


def test_a_message_reaches_the_handler_as_bytes_with_its_metadata(orders, pact):
    total = (
        orders.expects_message("an order was paid")
        .given("an order exists", id=7)
        .with_content({"id": match.integer(7), "total": 1350})
        .with_metadata({"trace-id": match.regex("t1", r"t\d")}, topic="orders")
        .handled_by(lambda message: (json.loads(message.content), message.json()["total"], message.metadata))
    )

    assert total == (
        {"id": 7, "total": 1350},
        1350,
        {"contentType": "application/json", "topic": "orders", "trace-id": "t1"},
    )
    (message,) = pact()["interactions"]
    assert message["type"] == "Asynchronous/Messages"
    assert message["contents"]["content"] == {"id": 7, "total": 1350}
    assert message["matchingRules"]["body"]["$.id"]["matchers"] == [{"match": "integer"}]


@pytest.mark.parametrize(("content", "received"), [("paid!", b"paid!"), (b"\x00\x01", b"\x00\x01")])
def test_a_message_may_be_text_or_bytes(orders, content, received):
    message = orders.expects_message("it").with_content(content).handled_by(lambda message: message)

    assert message.content == received


def test_messages_of_version_3_are_recorded_too(recordings, pact):
    orders = Recorder("Shop", "Orders", recordings, specification="V3")

    orders.expects_message("an order was paid").with_content({"id": 7}).handled_by(
        lambda message: message.json()
    )

    assert [message["contents"] for message in pact()["messages"]] == [{"id": 7}]


def test_a_message_that_the_handler_cannot_take_is_not_recorded(orders, recordings, tmp_path):
    message = orders.expects_message("an order was paid").with_content({"id": 7})

    with pytest.raises(KeyError, match="number"):
        message.handled_by(lambda message: message.json()["number"])

    assert recordings.write(tmp_path / "pacts") == {}


def test_a_handler_that_would_not_run_is_refused(orders):
    async def handler(message):
        raise AssertionError(message)

    message = orders.expects_message("an order was paid").with_content({"id": 7})

    with pytest.raises(DeclarationError, match=r"asyncio\.run"):
        message.handled_by(handler)


def test_a_message_with_replies_is_recorded_when_the_code_sends_it(orders, pact):
    def ask(send):
        (reply,) = send(Message(b'{"sku": "tea"}'))
        return reply.json()["cents"]

    cents = (
        orders.exchanges_messages("a price")
        .with_request({"sku": match.like("milk")})
        .will_reply_with({"cents": match.integer(1350)})
        .exchanged_by(ask)
    )

    assert cents == 1350
    assert [interaction["type"] for interaction in pact()["interactions"]] == ["Synchronous/Messages"]


def test_a_message_with_replies_is_not_recorded_when_the_code_sends_another(orders, recordings, tmp_path):
    declared = orders.exchanges_messages("a price").with_request({"sku": match.like("milk")})

    with pytest.raises(MismatchError, match=r"\$\.sku"):
        declared.will_reply_with("x").exchanged_by(lambda send: send(Message(b'{"sku": 1}')))

    assert recordings.write(tmp_path / "pacts") == {}
