"""Records of Kafka, as kafka-python and aiokafka give them to a consumer."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from inspect import iscoroutinefunction
from typing import Any, Literal, Self

from consumer_sdk.declarations import Message
from consumer_sdk.deliveries.flows import Attempt, Delivery, Flow, Verdict, called, outcome_of
from consumer_sdk.deliveries.headers import as_text, parts_of
from consumer_sdk.deliveries.published import Published

Library = Literal["kafka-python", "aiokafka"]
_TYPES = {"kafka-python": "kafka.consumer.fetcher", "aiokafka": "aiokafka.structs"}
_MONDAY = 1_767_605_400_000
"""Milliseconds of the first record: 5 January 2026, 9:30."""


@dataclass(frozen=True)
class ConsumerRecord:
    """A record as both libraries have it, for programs that have loaded neither."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    key: Any
    value: Any
    checksum: int | None
    serialized_key_size: int
    serialized_value_size: int
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True)
class Deserialisers:
    """What the consumer was told to make of values and keys; None leaves them bytes."""

    value: Callable[[bytes], Any] | None = None
    key: Callable[[bytes], Any] | None = None


def kafka_record(
    message: Message,
    *,
    offset: int = 0,
    library: Library | None = None,
    deserialisers: Deserialisers | None = None,
) -> Any:
    """Return the record that a consumer gets; topic, key and partition are in the metadata.

    It is of the *library*'s own type where the program has loaded that, by default of the one that it has.
    """
    parts = parts_of(message, "topic", "key", "partition", "offset", "timestamp")
    said, read = parts.said, deserialisers or Deserialisers()
    key = None if said.get("key") is None else as_text(said["key"]).encode()
    headers = [(name, as_text(value).encode()) for name, value in parts.headers.items()]
    values = {
        "topic": str(said.get("topic", "topic")),
        "partition": int(said.get("partition", 0)),
        "offset": int(said.get("offset", offset)),
        "timestamp": int(said.get("timestamp", _MONDAY + offset)),
        "timestamp_type": 0,
        "key": key if read.key is None or key is None else read.key(key),
        "value": message.content if read.value is None else read.value(message.content),
        "checksum": None,
        "serialized_key_size": -1 if key is None else len(key),
        "serialized_value_size": len(message.content),
        "serialized_header_size": sum(len(name) + len(value) for name, value in headers) if headers else -1,
        "headers": tuple(headers) if library == "aiokafka" else headers,
    }
    kind = _record_type(library)
    names = getattr(kind, "_fields", None) or [each.name for each in fields(kind)]
    return kind(**{name: values.get(name) for name in names})


def kafka(  # noqa: PLR0913 - one for each thing that a consumer can be told
    *,
    library: Library | None = None,
    attempts: int = 3,
    value_deserializer: Callable[[bytes], Any] | None = None,
    key_deserializer: Callable[[bytes], Any] | None = None,
    published: Published | None = None,
    dead_letter_topic: str = "",
) -> "KafkaFlow":
    """Deliver to a handler that takes a record; it may be asynchronous.

    A record that the handler raises for is delivered again, before all others of its partition. Kafka has no
    dead letters: code that still raises after *attempts* would hold up the partition, and fails the test.
    A record is a dead letter when the handler sends one to *dead_letter_topic*, by a producer of *published*.
    """
    flow = KafkaFlow(library, attempts, Deserialisers(value_deserializer, key_deserializer))
    return flow.with_dead_letters(Published() if published is None else published, dead_letter_topic)


class KafkaFlow(Flow):
    """One partition after the other, each record until it is handled."""

    without_end = (
        "the handler raises each time, so that the partition would stand still: "
        "publish it to a topic for dead letters, or skip it."
    )

    has_dead_letters = False

    def __init__(self, library: Library | None, attempts: int, deserialisers: Deserialisers) -> None:
        self.most = attempts
        self._library = library
        self._deserialisers = deserialisers
        self._published = Published()
        self._dead_letter_topic = ""

    def with_dead_letters(self, published: Published, topic: str) -> Self:
        """Take what is published to *topic* for dead letters."""
        self._published = published
        self._dead_letter_topic = topic
        return self

    def hand_over(self, handler: Callable[..., Any], deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Call the handler with one record."""
        __tracebackhide__ = True
        (delivery,) = deliveries
        library = self._library or ("aiokafka" if iscoroutinefunction(handler) else None)
        record = kafka_record(
            delivery.message, offset=delivery.number, library=library, deserialisers=self._deserialisers
        )
        before = len(self._dead)
        result, why = called(handler, record)
        if why:
            return [outcome_of(delivery, Verdict.AGAIN, why)]
        if len(self._dead) > before:
            return [outcome_of(delivery, Verdict.DEAD, f"published to {self._dead_letter_topic}")]
        return [outcome_of(delivery, Verdict.HANDLED, result=result)]

    @property
    def _dead(self) -> Sequence[Message]:
        return self._published.to(self._dead_letter_topic)


def _record_type(library: Library | None) -> Any:
    names: list[Library] = ["kafka-python", "aiokafka"] if library is None else [library]
    for name in names:
        found = getattr(sys.modules.get(_TYPES[name]), "ConsumerRecord", None)
        if found is not None:
            return found
    return ConsumerRecord
