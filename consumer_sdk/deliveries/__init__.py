"""Message flows: declared messages, handed to the consumer's handler as its client library delivers them.

    outcome = deliveries.sqs(receives=3).deliver(on_message, paid, broken, dead_letters=[broken])
    assert outcome.handled == ("an order was paid",)

No broker runs. The shapes are the types of the libraries that the program has loaded, and equal ones of our
own otherwise.
"""

from consumer_sdk.deliveries.amqp_channels import AmqpFlow, amqp
from consumer_sdk.deliveries.flows import Attempt, Flow, Outcome, Verdict
from consumer_sdk.deliveries.kafka_records import KafkaFlow, kafka, kafka_record
from consumer_sdk.deliveries.published import Published, PublishedMessage
from consumer_sdk.deliveries.pubsub_messages import PubSubFlow, pubsub
from consumer_sdk.deliveries.sqs_messages import LambdaFlow, SqsFlow, sqs, sqs_lambda

__all__ = [
    "AmqpFlow",
    "Attempt",
    "Flow",
    "KafkaFlow",
    "LambdaFlow",
    "Outcome",
    "PubSubFlow",
    "Published",
    "PublishedMessage",
    "SqsFlow",
    "Verdict",
    "amqp",
    "kafka",
    "kafka_record",
    "pubsub",
    "sqs",
    "sqs_lambda",
]
