"""Messages of Amazon SQS: as boto3 receives them, and as the event of a Lambda function; through SNS, too."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consumer_sdk.deliveries.flows import (
    Attempt,
    Delivery,
    Flow,
    Verdict,
    called,
    outcome_of,
    text_of,
)
from consumer_sdk.deliveries.headers import Parts, as_text, parts_of
from consumer_sdk.errors import DeclarationError

_MONDAY = 1_767_605_400_000
_ACCOUNT = "eu-west-1:123456789012"
_SAID = ("queue", "topic", "subject", "messageGroupId", "messageDeduplicationId")
_TRANSPORT_OF_TEXT = b"\x01"


@dataclass(frozen=True)
class Context:
    """What AWS Lambda tells a function of its call."""

    function_name: str = "function"
    function_version: str = "$LATEST"
    aws_request_id: str = "00000000-0000-4000-8000-000000000001"
    memory_limit_in_mb: str = "128"
    invoked_function_arn: str = f"arn:aws:lambda:{_ACCOUNT}:function:function"
    log_group_name: str = "/aws/lambda/function"
    log_stream_name: str = "2026/01/05/[$LATEST]1"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        return 30_000


def sqs(*, receives: int = 3, through_sns: bool = False) -> "SqsFlow":
    """Deliver to a handler that takes one message of `receive_message`: a dictionary.

    When it raises, the message is not deleted, and comes again later; after *receives* (the queue's
    maxReceiveCount) it is a dead letter. *through_sns* puts the content into a notification of SNS.
    """
    return SqsFlow(receives, through_sns=through_sns)


def sqs_lambda(
    *, receives: int = 3, batch: int = 10, reports_failures: bool = True, through_sns: bool = False
) -> "LambdaFlow":
    """Deliver to a Lambda function that takes an event with up to *batch* records, and a context.

    When it raises, all of them come again; with *reports_failures* (ReportBatchItemFailures) only those that
    it returns as `batchItemFailures`.
    """
    return LambdaFlow(receives, batch, reports_failures=reports_failures, through_sns=through_sns)


class SqsFlow(Flow):
    """A standard queue: what is refused comes after the others; of a FIFO group it comes before them."""

    def __init__(self, receives: int, *, through_sns: bool) -> None:
        self.most = receives
        self.keeps_order = False
        self._through_sns = through_sns

    def hand_over(self, handler: Callable[..., Any], deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Call the handler with one message."""
        __tracebackhide__ = True
        (delivery,) = deliveries
        self.keeps_order = "messageGroupId" in delivery.message.metadata
        message = received(delivery, through_sns=self._through_sns)
        result, why = called(handler, message)
        return [outcome_of(delivery, Verdict.AGAIN if why else Verdict.HANDLED, why, result)]


class LambdaFlow(Flow):
    """A queue that is the source of a function's events."""

    def __init__(self, receives: int, batch: int, *, reports_failures: bool, through_sns: bool) -> None:
        self.most = receives
        self.at_once = batch
        self.keeps_order = False
        self._reports_failures = reports_failures
        self._through_sns = through_sns

    def hand_over(self, handler: Callable[..., Any], deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Call the function with all of them, and look at which it reports as failed."""
        __tracebackhide__ = True
        records = [record(delivery, through_sns=self._through_sns) for delivery in deliveries]
        answer, why = called(handler, {"Records": records}, Context())
        if why:
            return [outcome_of(delivery, Verdict.AGAIN, why) for delivery in deliveries]
        failed = self._failed(answer, {each["messageId"] for each in records})
        return [
            outcome_of(delivery, Verdict.AGAIN, "in batchItemFailures")
            if each["messageId"] in failed
            else outcome_of(delivery, Verdict.HANDLED, result=answer)
            for delivery, each in zip(deliveries, records, strict=True)
        ]

    def _failed(self, answer: Any, known: set[str]) -> set[str]:
        """Return the messages that failed; of an answer that Lambda cannot read, all of them."""
        if not self._reports_failures or not isinstance(answer, Mapping):
            return set()
        failures = answer.get("batchItemFailures") or []
        if not isinstance(failures, list):
            return known
        named = {each.get("itemIdentifier") if isinstance(each, Mapping) else None for each in failures}
        return known if named - known else {str(each) for each in named}


def received(delivery: Delivery, *, through_sns: bool = False) -> dict[str, Any]:
    """Return a message as `receive_message` of boto3 has it."""
    parts = parts_of(delivery.message, *_SAID)
    body, attributes = _body(delivery, parts, through_sns=through_sns)
    message = {
        "MessageId": _identifier(delivery, "message"),
        "ReceiptHandle": f"receipt-{delivery.number + 1}-{delivery.attempt}",
        "MD5OfBody": _md5(body.encode()),
        "Body": body,
        "Attributes": _about(delivery, parts),
    }
    if attributes:
        message["MD5OfMessageAttributes"] = _digest(attributes)
        message["MessageAttributes"] = attributes
    return message


def record(delivery: Delivery, *, through_sns: bool = False) -> dict[str, Any]:
    """Return a message as one record of the event of a Lambda function."""
    message = received(delivery, through_sns=through_sns)
    queue = str(parts_of(delivery.message, *_SAID).said.get("queue", "queue"))
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {
            name: {
                "stringValue": each["StringValue"],
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": each["DataType"],
            }
            for name, each in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{_ACCOUNT}:{queue}",
        "awsRegion": _ACCOUNT.partition(":")[0],
    }


def _about(delivery: Delivery, parts: Parts) -> dict[str, str]:
    sent = str(_MONDAY + delivery.number)
    about = {
        "ApproximateReceiveCount": str(delivery.attempt),
        "SentTimestamp": sent,
        "SenderId": "AIDAEXAMPLE",
        "ApproximateFirstReceiveTimestamp": sent,
    }
    if "messageGroupId" in parts.said:
        about["MessageGroupId"] = str(parts.said["messageGroupId"])
        about["SequenceNumber"] = f"{delivery.number + 1:020}"
        default = hashlib.sha256(delivery.message.content).hexdigest()
        about["MessageDeduplicationId"] = str(parts.said.get("messageDeduplicationId", default))
    return about


def _body(delivery: Delivery, parts: Parts, *, through_sns: bool) -> tuple[str, dict[str, dict[str, str]]]:
    text = text_of(delivery, "a message of SQS")
    attributes = {name: _attribute(delivery, name, value) for name, value in parts.headers.items()}
    if not through_sns:
        return text, attributes
    topic = f"arn:aws:sns:{_ACCOUNT}:{parts.said.get('topic', 'topic')}"
    notification: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": _identifier(delivery, "notification"),
        "TopicArn": topic,
        "Message": text,
        "Timestamp": "2026-01-05T09:30:00.000Z",
        "SignatureVersion": "1",
        "Signature": "RVhBTVBMRQ==",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService.pem",
        "UnsubscribeURL": f"https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={topic}:1",
    }
    if "subject" in parts.said:
        notification["Subject"] = str(parts.said["subject"])
    if attributes:
        notification["MessageAttributes"] = {
            name: {"Type": each["DataType"], "Value": each["StringValue"]}
            for name, each in attributes.items()
        }
    return json.dumps(notification), {}


def _attribute(delivery: Delivery, name: str, value: Any) -> dict[str, str]:
    if isinstance(value, Mapping | list | tuple | bytes) or value is None:
        raise DeclarationError(
            f"{delivery.name}: the attribute {name} is {value!r}, but SQS has only text and numbers."
        )
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"StringValue": as_text(value), "DataType": "Number" if is_number else "String"}


def _identifier(delivery: Delivery, kind: str) -> str:
    name = f"{kind}/{delivery.number}/{delivery.name}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _digest(attributes: Mapping[str, Mapping[str, str]]) -> str:
    """Return the MD5 of attributes as SQS counts it: each part behind its length."""
    content = b""
    for name in sorted(attributes):
        each = attributes[name]
        for part in (name, each["DataType"]):
            content += len(part.encode()).to_bytes(4, "big") + part.encode()
        value = each["StringValue"].encode()
        content += _TRANSPORT_OF_TEXT + len(value).to_bytes(4, "big") + value
    return _md5(content)
