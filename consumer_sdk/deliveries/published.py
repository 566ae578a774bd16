"""What the code under test publishes, by stand-ins for the producers of client libraries."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consumer_sdk.declarations import Message

Serialiser = Callable[[Any], bytes]


@dataclass(frozen=True)
class PublishedMessage:
    """One message that was published, and where to: a topic, a queue, or exchange/routing key."""

    destination: str
    message: Message


@dataclass(frozen=True)
class Published:
    """Collects what the code publishes with the producers that this gives it."""

    messages: list[PublishedMessage] = field(default_factory=list)

    def __iter__(self) -> Iterator[PublishedMessage]:
        return iter(self.messages)

    def __len__(self) -> int:
        return len(self.messages)

    def to(self, destination: str) -> tuple[Message, ...]:
        """Return the messages that were published to one place, in order."""
        return tuple(each.message for each in self.messages if each.destination == destination)

    def add(self, destination: str, content: Any, metadata: Mapping[str, Any]) -> None:
        """Take one message; text becomes UTF-8."""
        content = content.encode() if isinstance(content, str) else bytes(content or b"")
        said = {name: value for name, value in metadata.items() if value is not None}
        self.messages.append(PublishedMessage(destination, Message(content, said)))

    def kafka_producer(
        self, *, value_serializer: Serialiser | None = None, key_serializer: Serialiser | None = None
    ) -> "KafkaProducer":
        """Return what the code uses as kafka-python's KafkaProducer."""
        return KafkaProducer(self, value_serializer, key_serializer)

    def aiokafka_producer(
        self, *, value_serializer: Serialiser | None = None, key_serializer: Serialiser | None = None
    ) -> "AIOKafkaProducer":
        """Return what the code uses as aiokafka's AIOKafkaProducer."""
        return AIOKafkaProducer(self, value_serializer, key_serializer)

    def sqs_client(self) -> "SqsClient":
        """Return what the code uses as boto3's client of SQS, for sending."""
        return SqsClient(self)

    def sns_client(self) -> "SnsClient":
        """Return what the code uses as boto3's client of SNS, for publishing."""
        return SnsClient(self)

    def pubsub_publisher(self) -> "PublisherClient":
        """Return what the code uses as the PublisherClient of Google Cloud Pub/Sub."""
        return PublisherClient(self)


class _Future:
    """A result that is there already, for the futures of kafka-python and Pub/Sub."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def get(self, timeout: float | None = None) -> Any:  # noqa: ARG002 - the library's signature
        return self._value

    def result(self, timeout: float | None = None) -> Any:  # noqa: ARG002 - the library's signature
        return self._value

    def add_callback(self, function: Callable[..., Any], *arguments: Any) -> "_Future":
        function(*arguments, self._value)
        return self

    def add_errback(self, *_: Any) -> "_Future":
        return self

    def add_done_callback(self, function: Callable[[Any], Any]) -> None:
        function(self)


class KafkaProducer:
    """Publishes as kafka-python's producer does."""

    def __init__(self, published: Published, value: Serialiser | None, key: Serialiser | None) -> None:
        self._published = published
        self._value = value
        self._key = key

    def send(  # noqa: PLR0913, PLR0917 - the library's signature
        self,
        topic: str,
        value: Any = None,
        key: Any = None,
        headers: Sequence[tuple[str, bytes]] | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> Any:
        """Publish a record."""
        content = self._value(value) if self._value else value
        written = self._key(key) if self._key else key
        known = {name: data.decode(errors="replace") for name, data in headers or ()}
        said = {"topic": topic, "key": _text(written), "partition": partition, "timestamp": timestamp_ms}
        self._published.add(topic, content, {**known, **said})
        return _Future(None)

    def flush(self, timeout: float | None = None) -> None:
        """Do nothing: everything is published at once."""

    def close(self, timeout: float | None = None) -> None:
        """Do nothing."""


class AIOKafkaProducer:
    """Publishes as aiokafka's producer does."""

    def __init__(self, published: Published, value: Serialiser | None, key: Serialiser | None) -> None:
        self._producer = KafkaProducer(published, value, key)

    async def send_and_wait(self, topic: str, value: Any = None, key: Any = None, **others: Any) -> None:
        """Publish a record."""
        self._producer.send(topic, value, key, **others)

    async def send(self, topic: str, value: Any = None, key: Any = None, **others: Any) -> Any:
        """Publish a record; what is returned can be awaited."""
        return self.send_and_wait(topic, value, key, **others)

    async def start(self) -> None:
        """Do nothing: there is no broker."""

    async def stop(self) -> None:
        """Do nothing."""


class SqsClient:
    """Sends as boto3's client of SQS does."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def send_message(self, *, QueueUrl: str, MessageBody: str, **others: Any) -> dict[str, Any]:  # noqa: N803 - the library's signature
        """Send a message; the destination is the last part of the queue's URL."""
        queue = QueueUrl.rstrip("/").rpartition("/")[2]
        attributes = _attributes(others.get("MessageAttributes"))
        said = {
            name[0].lower() + name[1:]: others.get(name)
            for name in ("MessageGroupId", "MessageDeduplicationId")
        }
        self._published.add(queue, MessageBody, {**attributes, "queue": queue, **said})
        return {"MessageId": f"{len(self._published)}", "ResponseMetadata": {"HTTPStatusCode": 200}}

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803 - the library's signature
        """Send several messages."""
        done = []
        for entry in Entries:
            others = {name: value for name, value in entry.items() if name != "Id"}
            done.append({"Id": entry["Id"], **self.send_message(QueueUrl=QueueUrl, **others)})
        return {"Successful": done, "Failed": []}

    def delete_message(self, **_: Any) -> dict[str, Any]:
        """Do nothing: a message is deleted when its handler does not raise."""
        return {"ResponseMetadata": {"HTTPStatusCode": 200}}

    def change_message_visibility(self, **_: Any) -> dict[str, Any]:
        """Do nothing: no time passes."""
        return {"ResponseMetadata": {"HTTPStatusCode": 200}}


class SnsClient:
    """Publishes as boto3's client of SNS does."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def publish(self, *, TopicArn: str, Message: str, **others: Any) -> dict[str, Any]:  # noqa: N803 - the library's signature
        """Publish a notification; the destination is the last part of the topic's name."""
        topic = TopicArn.rpartition(":")[2]
        attributes = _attributes(others.get("MessageAttributes"))
        self._published.add(topic, Message, {**attributes, "topic": topic, "subject": others.get("Subject")})
        return {"MessageId": f"{len(self._published)}", "ResponseMetadata": {"HTTPStatusCode": 200}}


class PublisherClient:
    """Publishes as the client of Google Cloud Pub/Sub does."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def topic_path(self, project: str, topic: str) -> str:
        """Return the full name of a topic."""
        return f"projects/{project}/topics/{topic}"

    def publish(self, topic: str, data: bytes, ordering_key: str = "", **attributes: str) -> Any:
        """Publish a message; the destination is the last part of the topic's name."""
        name = topic.rpartition("/")[2]
        self._published.add(name, data, {**attributes, "topic": name, "orderingKey": ordering_key or None})
        return _Future(f"{len(self._published)}")


def _attributes(attributes: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Any]:
    return {
        name: each.get("StringValue", each.get("BinaryValue")) for name, each in (attributes or {}).items()
    }


def _text(value: Any) -> Any:
    return (
        value.decode(errors="replace")
        if isinstance(value, bytes)
        else value
        if value is None
        else json.dumps(value)
    )
