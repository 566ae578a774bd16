import asyncio
import json

import pytest

from consumer_sdk import DeclarationError, Message, MismatchError, Recorder, generate, match


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


async def taking(message):
    await asyncio.sleep(0)
    return message.json()


def test_a_handler_may_be_a_coroutine_function(orders, pact):
    first = orders.expects_message("an order was paid").with_content({"id": 7})
    second = orders.expects_message("an order was sent").with_content({"id": 8})

    async def code():
        return await second.handled_by(taking)

    assert asyncio.run(first.handled_by(taking)) == {"id": 7}
    assert asyncio.run(code()) == {"id": 8}
    assert len(pact()["interactions"]) == 2


def test_a_coroutine_that_nothing_awaits_is_named_with_its_test_and_a_remedy(recordings, tmp_path):
    orders = Recorder("Shop", "Orders", recordings, source="tests/test_shop.py::test_paid")
    orders.expects_message("an order was paid").with_content({"id": 7}).handled_by(taking)

    with pytest.raises(DeclarationError) as refused:
        orders.close()

    assert '"an order was paid", declared at ' in str(refused.value)
    assert "(tests/test_shop.py::test_paid): its handler is a coroutine, which nothing awaited" in (
        str(refused.value)
    )
    assert "write `await ….handled_by(handler)`" in str(refused.value)
    assert recordings.write(tmp_path / "pacts") == {}


@pytest.mark.parametrize("is_async", [False, True])
def test_what_a_handler_raises_says_which_message_it_had(recordings, tmp_path, is_async):
    orders = Recorder("Shop", "Orders", recordings, source="tests/test_shop.py::test_paid")
    message = orders.expects_message("an order was paid").with_content({"id": 7})

    async def refusing(message):
        return message.json()["number"]

    run = asyncio.run if is_async else lambda answer: answer
    handler = refusing if is_async else lambda message: message.json()["number"]

    with pytest.raises(KeyError, match="number") as raised:
        run(message.handled_by(handler))

    (note,) = raised.value.__notes__
    assert 'the handler of "an order was paid" (tests/test_shop.py::test_paid)' in note
    assert "it is recorded once it passes without an error" in note
    assert recordings.write(tmp_path / "pacts") == {}
    orders.close()


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


def test_a_message_with_a_generated_value_gets_another_each_time(recordings):
    def content_of(number):
        orders = Recorder("Shop", f"Orders {number}", recordings)
        declared = orders.expects_message("it").with_content(
            {"id": generate.uuid("11111111-1111-1111-1111-111111111111")}
        )
        return declared.handled_by(lambda message: message.json()["id"])

    first, second = content_of(1), content_of(2)

    assert len(first) == len(second) == 36
    assert first != second


def test_a_message_that_was_handled_is_declared_once_more(orders):
    message = orders.expects_message("it").with_content({"id": 7})
    message.handled_by(lambda message: message)

    with pytest.raises(DeclarationError, match=r'"it" was used already .*: declare it once more'):
        message.handled_by(lambda message: message)
