"""What a handler gets is what its client library would give it."""

import asyncio
import hashlib
import json
import sys

import pytest

from consumer_sdk import DeclarationError, Message, deliveries
from consumer_sdk.deliveries import amqp_channels, kafka_records

PAID = {"order_id": 7}


def a_message(content=PAID, **metadata):
    return Message(json.dumps(content).encode(), {"contentType": "application/json", **metadata})


def delivered(flow, message):
    """Return the arguments that a handler gets."""
    got = []

    def handler(*arguments):
        got.append(arguments)
        for each in arguments:
            if hasattr(each, "ack"):
                each.ack()

    flow.deliver(handler, message)
    return got[0]


def test_a_record_of_kafka_is_of_the_library_that_is_loaded():
    kafka = pytest.importorskip("kafka.consumer.fetcher")

    record = deliveries.kafka_record(
        a_message(topic="orders", key="7", partition=2, trace="x"), library="kafka-python", offset=5
    )

    assert type(record) is kafka.ConsumerRecord
    assert (record.topic, record.partition, record.offset, record.key) == ("orders", 2, 5, b"7")
    assert (record.value, record.headers) == (b'{"order_id": 7}', [("trace", b"x")])
    assert record.serialized_value_size == len(record.value)


def test_a_record_of_aiokafka_is_of_its_own_type():
    aiokafka = pytest.importorskip("aiokafka.structs")

    record = deliveries.kafka_record(a_message(topic="orders"), library="aiokafka")

    assert type(record) is aiokafka.ConsumerRecord
    assert (record.topic, record.key, record.serialized_key_size) == ("orders", None, -1)


def test_a_record_without_a_library_has_the_fields_of_both(monkeypatch):
    for name in ("kafka.consumer.fetcher", "aiokafka.structs"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    record = deliveries.kafka_record(a_message(topic="orders", headers={"a": True}))

    assert type(record) is kafka_records.ConsumerRecord
    assert (record.topic, record.headers) == ("orders", [("a", b"true")])


def test_values_and_keys_are_what_the_consumer_makes_of_them():
    flow = deliveries.kafka(value_deserializer=json.loads, key_deserializer=bytes.decode)

    (record,) = delivered(flow, a_message(key=7))

    assert (record.value, record.key) == (PAID, "7")


def test_a_message_of_sqs_is_what_boto3_receives():
    (message,) = delivered(deliveries.sqs(), a_message(queue="orders", trace="x", count=2))

    body = '{"order_id": 7}'
    assert message["Body"] == body
    assert message["MD5OfBody"] == hashlib.md5(body.encode()).hexdigest()  # noqa: S324 - as SQS does
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert message["MessageAttributes"] == {
        "trace": {"StringValue": "x", "DataType": "String"},
        "count": {"StringValue": "2", "DataType": "Number"},
    }
    assert {"MessageId", "ReceiptHandle", "MD5OfMessageAttributes"} < message.keys()


def test_the_digest_of_attributes_is_the_one_that_sqs_counts():
    (message,) = delivered(deliveries.sqs(), a_message(timestamp="1493147359900"))

    # What SQS itself answered for this attribute, a number.
    (counted,) = delivered(deliveries.sqs(), a_message(timestamp=1493147359900))
    assert counted["MD5OfMessageAttributes"] == "235c5c510d26fb653d073faed50ae77c"
    assert message["MD5OfMessageAttributes"] != counted["MD5OfMessageAttributes"]


def test_a_queue_with_groups_says_which():
    (message,) = delivered(deliveries.sqs(), a_message(messageGroupId="7"))

    assert message["Attributes"]["MessageGroupId"] == "7"
    assert len(message["Attributes"]["MessageDeduplicationId"]) == 64


def test_a_notification_of_sns_is_the_body_of_the_message():
    message = a_message(topic="orders", subject="Paid", trace="x")
    (received,) = delivered(deliveries.sqs(through_sns=True), message)

    notification = json.loads(received["Body"])
    assert json.loads(notification["Message"]) == PAID
    assert (notification["Type"], notification["Subject"]) == ("Notification", "Paid")
    assert notification["TopicArn"].endswith(":orders")
    assert notification["MessageAttributes"] == {"trace": {"Type": "String", "Value": "x"}}
    assert "MessageAttributes" not in received


def test_a_lambda_function_gets_an_event_and_a_context():
    event, context = delivered(deliveries.sqs_lambda(), a_message(queue="orders", trace="x"))

    (record,) = event["Records"]
    assert json.loads(record["body"]) == PAID
    assert record["eventSourceARN"].endswith(":orders")
    assert record["messageAttributes"]["trace"]["stringValue"] == "x"
    assert context.get_remaining_time_in_millis() > 0


@pytest.mark.parametrize("is_loaded", [True, False])
def test_a_delivery_of_amqp_has_channel_method_properties_and_body(monkeypatch, is_loaded):
    spec = pytest.importorskip("pika").spec
    if not is_loaded:
        monkeypatch.delitem(sys.modules, "pika.spec")
    message = a_message(exchange="shop", routingKey="order.paid", correlation_id="c1", trace="x")

    channel, method, properties, body = delivered(deliveries.amqp(auto_ack=True), message)

    assert type(method) is (spec.Basic.Deliver if is_loaded else amqp_channels.Deliver)
    assert type(properties) is (spec.BasicProperties if is_loaded else amqp_channels.BasicProperties)
    assert (method.exchange, method.routing_key, method.redelivered) == ("shop", "order.paid", False)
    assert (properties.content_type, properties.correlation_id) == ("application/json", "c1")
    assert (properties.headers, body) == ({"trace": "x"}, b'{"order_id": 7}')
    assert channel.is_open


def test_a_message_of_pubsub_is_of_the_library_that_is_loaded():
    module = pytest.importorskip("google.cloud.pubsub_v1.subscriber.message")

    (message,) = delivered(deliveries.pubsub(), a_message(orderingKey="7", trace=1))

    assert type(message) is module.Message
    assert (message.data, dict(message.attributes)) == (b'{"order_id": 7}', {"trace": "1"})
    assert (message.ordering_key, message.delivery_attempt) == ("7", 1)


def test_a_message_of_pubsub_without_the_library_has_the_same_face(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.cloud.pubsub_v1.subscriber.message", raising=False)

    (message,) = delivered(deliveries.pubsub(dead_letter_after=None), a_message(trace=True))

    assert (message.data, message.attributes) == (b'{"order_id": 7}', {"trace": "true"})
    assert (message.message_id, message.delivery_attempt) == ("1", None)


def test_what_a_broker_cannot_carry_is_refused():
    with pytest.raises(DeclarationError, match="message 1: its content is not UTF-8 text"):
        deliveries.sqs().deliver(print, Message(b"\xff", {}))
    with pytest.raises(DeclarationError, match="the attribute trace is"):
        deliveries.sqs().deliver(print, Message(b"a", {"trace": ["x"]}))


async def _length(record):
    await asyncio.sleep(0)
    return len(record.value)


def test_an_asynchronous_handler_is_awaited_also_inside_of_a_loop():
    async def test():
        return deliveries.kafka().deliver(_length, a_message())

    assert deliveries.kafka().deliver(_length, a_message()).results == (15,)
    assert asyncio.run(test()).results == (15,)
