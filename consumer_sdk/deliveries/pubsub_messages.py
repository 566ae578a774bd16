"""Messages of Google Cloud Pub/Sub, as its subscriber gives them to a callback."""

import datetime as dt
import queue
import sys
from collections.abc import Callable, Sequence
from typing import Any

from consumer_sdk.deliveries.flows import Attempt, Delivery, Flow, Verdict, called, outcome_of
from consumer_sdk.deliveries.headers import Parts, as_text, parts_of
from consumer_sdk.errors import MismatchError

_MONDAY = dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)
_ENDLESS = 5
_MODULE = "google.cloud.pubsub_v1.subscriber.message"


class AckRequest:
    """What `ack` asks for; named as in the library."""


class NackRequest:
    """What `nack` asks for; named as in the library."""


class _Done:
    """The future of an answer that is there already."""

    def result(self, timeout: float | None = None) -> str:  # noqa: ARG002 - the library's signature
        return "AcknowledgeStatus.SUCCESS"


class SubscriberMessage:
    """A message for programs that have not loaded the library."""

    def __init__(self, delivery: Delivery, parts: Parts, attempt: int | None, requests: Any) -> None:
        self.data = delivery.message.content
        self.attributes = {name: as_text(value) for name, value in parts.headers.items()}
        self.message_id = f"{delivery.number + 1}"
        self.publish_time = _MONDAY + dt.timedelta(milliseconds=delivery.number)
        self.ordering_key = str(parts.said.get("orderingKey", ""))
        self.delivery_attempt = attempt
        self.ack_id = f"ack-{delivery.number + 1}-{delivery.attempt}"
        self.size = len(self.data)
        self._requests = requests

    def ack(self) -> None:
        """Acknowledge."""
        self._requests.put(AckRequest())

    def nack(self) -> None:
        """Refuse: deliver again."""
        self._requests.put(NackRequest())

    def ack_with_response(self) -> _Done:
        """Acknowledge, and say when it is certain."""
        self.ack()
        return _Done()

    def nack_with_response(self) -> _Done:
        """Refuse, and say when it is certain."""
        self.nack()
        return _Done()

    def modify_ack_deadline(self, seconds: int) -> None:
        """Do nothing: no time passes."""


def pubsub(*, dead_letter_after: int | None = 5) -> "PubSubFlow":
    """Deliver to a callback that takes a message, and calls `ack` or `nack` of it.

    After *dead_letter_after* deliveries it is a dead letter; None is a subscription without such a policy,
    where a message that is refused each time fails the test.
    """
    return PubSubFlow(dead_letter_after)


class PubSubFlow(Flow):
    """One message after the other; a refused one comes later than those behind it."""

    without_end = (
        "it is refused each time, and the subscription has no dead letters: "
        "acknowledge what cannot be handled."
    )

    def __init__(self, dead_letter_after: int | None) -> None:
        self.most = dead_letter_after or _ENDLESS
        self.has_dead_letters = dead_letter_after is not None
        self.keeps_order = False

    def hand_over(self, handler: Callable[..., Any], deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Call the callback, and look at what it asked for."""
        __tracebackhide__ = True
        (delivery,) = deliveries
        requests: queue.Queue[Any] = queue.Queue()
        attempt = delivery.attempt if self.has_dead_letters else None
        message = _message(delivery, attempt, requests)
        result, why = called(handler, message)
        asked = [type(each).__name__ for each in list(requests.queue)]
        said = [each for each in asked if each in {"AckRequest", "NackRequest"}]
        if not said and not why:
            raise MismatchError(
                f"{delivery.name}: the callback neither acknowledges nor refuses it, so that it would come "
                "again when its time is over: call message.ack() or message.nack()."
            )
        verdict = Verdict.HANDLED if said and said[0] == "AckRequest" else Verdict.AGAIN
        return [outcome_of(delivery, verdict, why or ("nack" if verdict is Verdict.AGAIN else ""), result)]


def _message(delivery: Delivery, attempt: int | None, requests: Any) -> Any:
    parts = parts_of(delivery.message, "topic", "orderingKey", "ordering_key")
    module = sys.modules.get(_MODULE)
    own = SubscriberMessage(delivery, parts, attempt, requests)
    if module is None:
        return own
    types: Any = sys.modules["google.cloud.pubsub_v1.types"]
    content = types.PubsubMessage(
        data=own.data,
        attributes=own.attributes,
        message_id=own.message_id,
        publish_time=own.publish_time,
        ordering_key=own.ordering_key,
    )
    return module.Message(content._pb, own.ack_id, attempt or 0, requests)  # noqa: SLF001 - what it takes
