"""Deliveries of AMQP 0-9-1 (RabbitMQ), as pika gives them to a callback."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from consumer_sdk.deliveries.flows import Attempt, Delivery, Flow, Verdict, called, outcome_of
from consumer_sdk.deliveries.headers import parts_of
from consumer_sdk.deliveries.published import Published
from consumer_sdk.errors import MismatchError

_ENDLESS = 5
"""How often a message that is put back is delivered, before it is clear that this has no end."""
PROPERTIES = (
    *(
        "content_type",
        "content_encoding",
        "headers",
        "delivery_mode",
        "priority",
        "correlation_id",
        "reply_to",
    ),
    *("expiration", "message_id", "timestamp", "type", "user_id", "app_id", "cluster_id"),
)


@dataclass
class Deliver:
    """The method of a delivery, for programs that have not loaded pika."""

    consumer_tag: str | None = None
    delivery_tag: int | None = None
    redelivered: bool = False
    exchange: str | None = None
    routing_key: str | None = None


class BasicProperties:
    """The properties of a message, for programs that have not loaded pika."""

    def __init__(self, **said: Any) -> None:
        for name in PROPERTIES:
            setattr(self, name, said.get(name))


@dataclass
class _Connection:
    """What a callback may use of the connection."""

    def add_callback_threadsafe(self, callback: Callable[[], Any]) -> None:
        """Call it at once: there is no loop of events."""
        callback()

    def process_data_events(self, *_: Any, **__: Any) -> None:
        """Do nothing: nothing comes by itself."""


@dataclass
class Channel:
    """Takes what a callback says of a delivery, and what it publishes."""

    published: Published
    connection: _Connection = field(default_factory=_Connection)
    is_open: bool = True
    said: dict[int, Verdict] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)

    def basic_ack(self, delivery_tag: int = 0, multiple: bool = False) -> None:  # noqa: FBT001, FBT002 - pika's signature
        """Acknowledge."""
        self._say(delivery_tag, Verdict.HANDLED, multiple=multiple)

    def basic_nack(self, delivery_tag: int = 0, multiple: bool = False, requeue: bool = True) -> None:  # noqa: FBT001, FBT002 - ditto
        """Refuse; put back unless told otherwise."""
        self._say(delivery_tag, Verdict.AGAIN if requeue else Verdict.DEAD, multiple=multiple)

    def basic_reject(self, delivery_tag: int = 0, requeue: bool = True) -> None:  # noqa: FBT001, FBT002 - ditto
        """Refuse; put back unless told otherwise."""
        self._say(delivery_tag, Verdict.AGAIN if requeue else Verdict.DEAD, multiple=False)

    def basic_publish(
        self,
        exchange: str,
        routing_key: str,
        body: str | bytes,
        properties: Any = None,
        mandatory: bool = False,  # noqa: ARG002, FBT001, FBT002 - ditto
    ) -> None:
        """Publish to exchange/routing_key, or to the queue where there is no exchange."""
        said = {name: getattr(properties, name, None) for name in PROPERTIES if name != "headers"}
        headers = getattr(properties, "headers", None) or {}
        place = f"{exchange}/{routing_key}" if exchange else routing_key
        about = {"exchange": exchange, "routingKey": routing_key, "contentType": said.pop("content_type")}
        self.published.add(place, body, {**headers, **said, **about})

    def _say(self, tag: int, verdict: Verdict, *, multiple: bool) -> None:
        tags = [each for each in self.waiting if each <= tag or tag == 0] if multiple else [tag]
        if not tags or any(each not in self.waiting for each in tags):
            raise MismatchError(
                f"The delivery {tag} is not waiting to be acknowledged: RabbitMQ would close the channel. "
                "Acknowledge or reject each delivery once, by its method.delivery_tag."
            )
        for each in tags:
            self.waiting.remove(each)
            self.said[each] = verdict


def amqp(
    *, delivery_limit: int | None = None, auto_ack: bool = False, published: Published | None = None
) -> "AmqpFlow":
    """Deliver to a callback that takes channel, method, properties and body.

    What it rejects without putting it back is a dead letter, and so is what was delivered *delivery_limit*
    times, the limit of a quorum queue; without one, a message that is put back each time fails the test.
    What the callback publishes on the channel is in *published*.
    """
    return AmqpFlow(delivery_limit, Published() if published is None else published, auto_ack=auto_ack)


class AmqpFlow(Flow):
    """One delivery after the other, on one channel."""

    without_end = (
        "it is put back each time, so that it would circulate for ever: reject it with requeue=False, "
        "or give the delivery_limit of the queue."
    )

    def __init__(self, delivery_limit: int | None, published: Published, *, auto_ack: bool) -> None:
        self.most = delivery_limit or _ENDLESS
        self.has_dead_letters = delivery_limit is not None
        self.published = published
        self._auto_ack = auto_ack
        self._channel = Channel(published)
        self._tag = 0

    def hand_over(self, handler: Callable[..., Any], deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Call the callback, and look at what it said on the channel."""
        __tracebackhide__ = True
        (delivery,) = deliveries
        self._tag += 1
        if not self._auto_ack:
            self._channel.waiting.append(self._tag)
        method, properties = _delivered(delivery, self._tag, is_quorum=self.has_dead_letters)
        result, why = called(handler, self._channel, method, properties, delivery.message.content)
        if self._auto_ack:
            return [outcome_of(delivery, Verdict.HANDLED, why, result)]
        verdict = self._channel.said.get(self._tag)
        if verdict is None and not why:
            raise MismatchError(
                f"{delivery.name}: the callback neither acknowledges nor rejects it, so that it would wait "
                "until the connection ends: call channel.basic_ack(method.delivery_tag)."
            )
        if verdict is None:  # the connection ends with the error, and the broker takes it back
            self._channel.waiting.remove(self._tag)
        return [outcome_of(delivery, verdict or Verdict.AGAIN, why, result)]


def _delivered(delivery: Delivery, tag: int, *, is_quorum: bool) -> tuple[Any, Any]:
    parts = parts_of(delivery.message, "exchange", "routingKey", "routing_key", *PROPERTIES)
    said = dict(parts.said)
    key = said.pop("routingKey", said.pop("routing_key", ""))
    exchange = str(said.pop("exchange", ""))
    headers = dict(parts.headers)
    if is_quorum and delivery.attempt > 1:
        headers["x-delivery-count"] = delivery.attempt - 1
    spec = sys.modules.get("pika.spec")
    method_type = spec.Basic.Deliver if spec else Deliver
    properties_type = spec.BasicProperties if spec else BasicProperties
    method = method_type(
        consumer_tag="ctag1.0",
        delivery_tag=tag,
        redelivered=delivery.attempt > 1,
        exchange=exchange,
        routing_key=str(key),
    )
    if parts.content_type is not None:
        said.setdefault("content_type", parts.content_type)
    return method, properties_type(**said, headers=headers or None)
