"""What travels beside a message, by the names that the SDK uses for each kind of broker.

Headers and attributes stand under their own names, as a pact has rules for whole values of metadata alone.
"""

from collections.abc import Mapping

from consumer_sdk.documents.declared import Value
from consumer_sdk.errors import DeclarationError

Metadata = dict[str, object]
Headers = Mapping[str, Value]


def kafka(
    topic: Value, *, key: Value | None = None, partition: Value | None = None, headers: Headers | None = None
) -> Metadata:
    """Return the metadata of a record of Kafka."""
    return _named("kafka", headers, topic=topic, key=key, partition=partition)


def sns(topic: Value, *, subject: Value | None = None, attributes: Headers | None = None) -> Metadata:
    """Return the metadata of a notification of Amazon SNS."""
    return _named("sns", attributes, topic=topic, subject=subject)


def sqs(
    queue: Value,
    *,
    group: Value | None = None,
    deduplication: Value | None = None,
    attributes: Headers | None = None,
) -> Metadata:
    """Return the metadata of a message of Amazon SQS; *group* and *deduplication* are for FIFO queues."""
    return _named("sqs", attributes, queue=queue, messageGroupId=group, messageDeduplicationId=deduplication)


def amqp(
    exchange: Value,
    routing_key: Value,
    *,
    properties: Headers | None = None,
    headers: Headers | None = None,
) -> Metadata:
    """Return the metadata of a message of AMQP 0-9-1 (RabbitMQ); *properties* such as ``correlation_id``."""
    said = _named("amqp", headers, exchange=exchange, routingKey=routing_key)
    return _named("amqp", said, **(properties or {}))


def pubsub(topic: Value, *, ordering_key: Value | None = None, attributes: Headers | None = None) -> Metadata:
    """Return the metadata of a message of Google Cloud Pub/Sub."""
    return _named("pubsub", attributes, topic=topic, orderingKey=ordering_key)


def _named(kind: str, others: Mapping[str, object] | None, **named: object) -> Metadata:
    """Return both in one; raises DeclarationError where a header would take the place of another value."""
    said = {name: value for name, value in named.items() if value is not None}
    for name in others or {}:
        if name in said or name == "contentType":
            raise DeclarationError(
                f"metadata.{kind}: the header {name!r} has the name of what is said besides: leave it out."
            )
    return {**said, **(others or {})}
