"""Order, redelivery and dead letters, of each kind of broker."""

import asyncio
import json

import pytest

from consumer_sdk import DeclarationError, Message, MismatchError, deliveries
from consumer_sdk.deliveries import Published


@pytest.fixture
def declared(orders):
    """Declare messages by description."""

    def declare(*descriptions):
        found = [orders.expects_message(each).with_content({"name": each}) for each in descriptions]
        return found if len(found) > 1 else found[0]

    return declare


class Handler:
    """Handles what it gets by a name in its content; *refuses* says how often it raises for one."""

    def __init__(self, **refuses):
        self.refuses = refuses
        self.seen = []

    def take(self, content):
        name = json.loads(content)["name"]
        self.seen.append(name)
        if self.refuses.get(name, 0) > 0:
            self.refuses[name] -= 1
            raise ValueError(f"no {name}")
        return name

    def kafka(self, record):
        return self.take(record.value)

    def sqs(self, message):
        return self.take(message["Body"])

    def amqp(self, channel, method, _, body):
        name = self.take(body)
        channel.basic_ack(method.delivery_tag)
        return name

    def pubsub(self, message):
        name = self.take(message.data)
        message.ack()
        return name


KINDS = {
    "kafka": (deliveries.kafka, ["a", "a", "b"]),
    "sqs": (deliveries.sqs, ["a", "b", "a"]),
    "amqp": (deliveries.amqp, ["a", "a", "b"]),
    "pubsub": (deliveries.pubsub, ["a", "b", "a"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_that_is_refused_once_is_delivered_again_where_it_would_come(declared, pact, kind):
    flow, order = KINDS[kind]
    handler = Handler(a=1)

    outcome = flow().deliver(getattr(handler, kind), *declared("a", "b"))

    assert handler.seen == order
    assert sorted(outcome.handled) == ["a", "b"]
    assert sorted(outcome.results) == ["a", "b"]
    assert "ValueError: no a" in str(outcome.attempts[0])
    assert [each["description"] for each in pact()["interactions"]] == ["a", "b"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_that_is_delivered_twice_is_the_same_one(declared, pact, kind):
    message = declared("a")
    handler = Handler()

    outcome = KINDS[kind][0]().deliver(getattr(handler, kind), message, message)

    assert outcome.handled == ("a", "a")
    assert [each.attempt for each in outcome.attempts] == [1, 2]
    assert len(pact()["interactions"]) == 1


@pytest.mark.parametrize(
    ("kind", "flow", "deliveries_"),
    [
        ("sqs", deliveries.sqs(receives=2), 2),
        ("pubsub", deliveries.pubsub(dead_letter_after=2), 2),
        ("amqp", deliveries.amqp(delivery_limit=2), 2),
    ],
)
def test_what_is_refused_each_time_is_a_dead_letter(declared, pact, kind, flow, deliveries_):
    good, broken = declared("a", "broken")
    handler = Handler(broken=9)

    outcome = flow.deliver(getattr(handler, kind), broken, good, dead_letters=[broken])

    assert (outcome.handled, outcome.dead_letters) == (("a",), ("broken",))
    assert handler.seen.count("broken") == deliveries_
    assert len(pact()["interactions"]) == 2


@pytest.mark.parametrize("kind", ["sqs", "pubsub"])
def test_a_dead_letter_that_is_not_expected_fails_and_is_not_recorded(declared, recordings, kind):
    good, broken = declared("a", "broken")

    with pytest.raises(MismatchError) as raised:
        KINDS[kind][0]().deliver(getattr(Handler(broken=9), kind), good, broken)

    assert 'Expected as dead letters: none, but it was: "broken".' in str(raised.value)
    assert "broken, delivery 2: to be delivered again (ValueError: no broken)" in str(raised.value)
    assert not recordings.directory.exists()


def test_a_dead_letter_that_was_handled_fails(declared):
    broken = declared("broken")

    with pytest.raises(MismatchError, match='Expected as dead letters: "broken", but it was: none'):
        deliveries.sqs().deliver(Handler().sqs, broken, dead_letters=[broken])


def test_a_partition_that_would_stand_still_fails(declared):
    with pytest.raises(MismatchError) as raised:
        deliveries.kafka(attempts=2).deliver(Handler(broken=9).kafka, *declared("broken", "a"))

    assert "broken: the handler raises each time, so that the partition would stand still" in str(
        raised.value
    )
    assert "broken, delivery 2" in str(raised.value)


def test_code_that_publishes_its_dead_letters_itself_is_seen(declared):
    good, broken = declared("a", "broken")
    published = Published()
    producer = published.kafka_producer(value_serializer=lambda value: json.dumps(value).encode())
    handler = Handler(broken=9)

    def on_record(record):
        try:
            handler.kafka(record)
        except ValueError as error:
            producer.send("orders.dead", {"error": str(error)}, headers=[("offset", b"1")]).get(timeout=1)

    flow = deliveries.kafka(published=published, dead_letter_topic="orders.dead")
    outcome = flow.deliver(on_record, good, broken, dead_letters=[broken])

    assert outcome.handled == ("a",)
    (letter,) = published.to("orders.dead")
    assert letter.json() == {"error": "no broken"}
    assert letter.metadata["offset"] == "1"


def test_a_group_of_a_fifo_queue_keeps_its_order(orders):
    first, second = (
        orders.expects_message(each).with_content({"name": each}).with_metadata(messageGroupId="7")
        for each in "ab"
    )
    handler = Handler(a=1)

    deliveries.sqs().deliver(handler.sqs, first, second)

    assert handler.seen == ["a", "a", "b"]


def test_each_receipt_counts(declared):
    counts = []

    def on_message(message):
        counts.append(message["Attributes"]["ApproximateReceiveCount"])
        if len(counts) < 3:
            raise OSError

    deliveries.sqs(receives=3).deliver(on_message, declared("a"))

    assert counts == ["1", "2", "3"]


def test_only_the_records_that_a_function_reports_come_again(declared):
    batches = []

    def function(event, _):
        batches.append([json.loads(each["body"])["name"] for each in event["Records"]])
        failed = [each["messageId"] for each in event["Records"] if '"broken"' in each["body"]]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}

    good, broken = declared("a", "broken")
    outcome = deliveries.sqs_lambda(receives=2).deliver(function, good, broken, dead_letters=[broken])

    assert batches == [["a", "broken"], ["broken"]]
    assert outcome.handled == ("a",)


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{}]},
        {"batchItemFailures": "x"},
    ],
)
def test_an_answer_that_lambda_cannot_read_fails_the_whole_batch(declared, answer):
    first, second = declared("a", "b")

    outcome = deliveries.sqs_lambda(receives=1).deliver(
        lambda *_: answer, first, second, dead_letters=[first, second]
    )

    assert outcome.handled == ()


def test_a_function_that_raises_gets_all_of_them_again(declared):
    sizes = []

    def function(event, _):
        sizes.append(len(event["Records"]))
        if len(sizes) == 1:
            raise OSError

    deliveries.sqs_lambda(batch=2).deliver(function, *declared("a", "b", "c"))

    assert sizes == [2, 2, 1]


def test_what_a_callback_rejects_is_a_dead_letter_and_what_it_puts_back_comes_again(declared):
    seen = []

    def callback(channel, method, _, body):
        seen.append((json.loads(body)["name"], method.redelivered))
        if json.loads(body)["name"] == "broken":
            channel.basic_reject(method.delivery_tag, requeue=False)
        elif not method.redelivered:
            channel.basic_nack(delivery_tag=method.delivery_tag)
        else:
            channel.connection.add_callback_threadsafe(lambda: channel.basic_ack(method.delivery_tag))

    good, broken = declared("a", "broken")
    deliveries.amqp().deliver(callback, good, broken, dead_letters=[broken])

    assert seen == [("a", False), ("a", True), ("broken", False)]


@pytest.mark.parametrize(
    ("callback", "problem"),
    [
        (lambda *_: None, "the callback neither acknowledges nor rejects it"),
        (
            lambda channel, method, *_: [channel.basic_ack(method.delivery_tag)] * 2 and channel.basic_ack(1),
            "is not waiting",
        ),
        (lambda channel, *_: channel.basic_ack(99), "The delivery 99 is not waiting to be acknowledged"),
        (lambda channel, method, *_: channel.basic_nack(method.delivery_tag), "it would circulate for ever"),
    ],
)
def test_what_a_broker_would_punish_fails(declared, callback, problem):
    with pytest.raises(MismatchError, match=problem):
        deliveries.amqp().deliver(callback, declared("a"))


def test_several_deliveries_can_be_acknowledged_at_once(declared):
    def callback(channel, *_):
        channel.basic_ack(0, multiple=True)

    assert deliveries.amqp().deliver(callback, *declared("a", "b")).handled == ("a", "b")


def test_what_a_callback_publishes_is_collected(declared):
    published = Published()

    def callback(channel, method, properties, _):
        channel.basic_publish("", "receipts", b"{}", properties)
        channel.basic_publish("shop", "order.done", "{}")
        channel.basic_ack(method.delivery_tag)

    deliveries.amqp(published=published).deliver(callback, declared("a"))

    assert [each.destination for each in published] == ["receipts", "shop/order.done"]


def test_a_message_of_pubsub_that_is_neither_acknowledged_nor_refused_fails(declared):
    with pytest.raises(MismatchError, match="neither acknowledges nor refuses it"):
        deliveries.pubsub().deliver(lambda _: None, declared("a"))
    with pytest.raises(MismatchError, match="has no dead letters"):
        deliveries.pubsub(dead_letter_after=None).deliver(lambda message: message.nack(), declared("b"))


def test_an_assertion_in_the_handler_fails_the_test_at_once(declared, recordings):
    def on_message(message):
        assert message["Body"] == "something else"

    with pytest.raises(AssertionError, match="something else"):
        deliveries.sqs().deliver(on_message, declared("a"))
    assert not recordings.directory.exists()


def test_a_message_that_is_not_declared_is_delivered_and_not_recorded(declared, pact):
    poison = Message(b"not JSON", {})

    outcome = deliveries.sqs().deliver(Handler().sqs, declared("a"), poison, dead_letters=[poison])

    assert outcome.dead_letters == ("message 2",)
    assert [each["description"] for each in pact()["interactions"]] == ["a"]


def test_nothing_to_deliver_is_refused(declared):
    with pytest.raises(DeclarationError, match="nothing to deliver"):
        deliveries.sqs().deliver(print)
    with pytest.raises(DeclarationError, match="one of them is not delivered"):
        deliveries.sqs().deliver(print, Message(b"", {}), dead_letters=[declared("a")])


def test_what_is_published_to_aws_and_pubsub_is_collected():
    published = Published()
    attributes = {"trace": {"StringValue": "x", "DataType": "String"}}

    published.sqs_client().send_message(
        QueueUrl="https://sqs/1/orders", MessageBody="{}", MessageAttributes=attributes
    )
    entries = [{"Id": "1", "MessageBody": "{}", "MessageGroupId": "7"}]
    published.sqs_client().send_message_batch(QueueUrl="https://sqs/1/orders.fifo", Entries=entries)
    published.sns_client().publish(TopicArn="arn:aws:sns:x:1:paid", Message="{}", Subject="Paid")
    publisher = published.pubsub_publisher()
    publisher.publish(publisher.topic_path("shop", "done"), b"{}", trace="x").result()

    assert [each.destination for each in published] == ["orders", "orders.fifo", "paid", "done"]
    assert [each.message.metadata.get("trace") for each in published] == ["x", None, None, "x"]


def test_the_producer_of_aiokafka_is_asynchronous():
    published = Published()

    async def code():
        producer = published.aiokafka_producer()
        await producer.start()
        await producer.send_and_wait("orders", b"{}", key=b"7")
        await (await producer.send("orders", b"{}"))
        await producer.stop()

    asyncio.run(code())

    assert [each.metadata.get("key") for each in published.to("orders")] == ["7", None]


def test_an_asynchronous_handler_that_raises_inside_of_a_loop_gets_it_again(declared):
    counts = []

    async def on_record(record):
        counts.append(await asyncio.sleep(0, len(record.value)))
        if len(counts) == 1:
            raise OSError

    async def test():
        return deliveries.kafka().deliver(on_record, declared("a"))

    assert asyncio.run(test()).handled == ("a",)
    assert len(counts) == 2


def test_a_message_of_pubsub_can_be_answered_with_a_response(declared):
    said = []

    def callback(message):
        answer = message.ack_with_response if said else message.nack_with_response
        said.append(answer().result(timeout=1))

    outcome = deliveries.pubsub().deliver(callback, declared("a"))

    assert [each.attempt for each in outcome.attempts] == [1, 2]
    assert said == ["AcknowledgeStatus.SUCCESS"] * 2


def test_what_is_called_back_after_publishing_is_called_at_once():
    published, called = Published(), []

    sent = published.kafka_producer().send("orders", b"{}")
    sent.add_callback(called.append).add_errback(called.append)
    published.pubsub_publisher().publish("projects/shop/topics/done", b"{}").add_done_callback(
        lambda future: called.append(future.result())
    )

    assert called == [None, "2"]


def test_a_message_that_the_code_deletes_itself_is_handled(declared):
    client = Published().sqs_client()

    def on_message(message):
        receipt = {"QueueUrl": "https://sqs/1/orders", "ReceiptHandle": message["ReceiptHandle"]}
        client.change_message_visibility(**receipt, VisibilityTimeout=60)
        answer = client.delete_message(**receipt)
        return answer["ResponseMetadata"]["HTTPStatusCode"]

    assert deliveries.sqs().deliver(on_message, declared("a")).results == (200,)
