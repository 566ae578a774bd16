"""Deliveries: one request for one event, what became of it, and when it is tried again (reference §10.5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from broker.domain.webhooks.triggers import LabelledIntegration, Trigger
from tally.values import dataclass


class Status(StrEnum):
    """The state of a delivery."""

    NOT_RUN = "not_run"
    RETRYING = "retrying"
    SUCCESS = "success"
    FAILURE = "failure"


UNFINISHED = frozenset({Status.NOT_RUN, Status.RETRYING})


@dataclass(frozen=True)
class NewDelivery:
    """A delivery to be written to the outbox; *parameters* are without the prefix `pactbroker.`."""

    trigger: Trigger
    event: str
    integration: LabelledIntegration | None
    """None for what is about no consumer and no provider."""
    consumer_version_id: int | None
    verification_id: int | None
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Delivery:
    """A delivery, as it is shown. *webhook_exists* is false once the webhook was deleted.

    *answer* is what the last attempt brought: a status, or why there was none. It is None before the first
    attempt, and for deliveries of earlier releases.
    """

    uuid: str
    webhook_uuid: str
    webhook_exists: bool
    name: str
    event: str
    consumer: str
    provider: str
    status: Status
    attempts: int
    trigger_type: str
    triggered_at: datetime
    answer: str | None = None
    team_id: int | None = None
    """That of the webhook, while it exists."""


@dataclass(frozen=True)
class DeliveryAttempt:
    """One attempt that was recorded."""

    success: bool
    logs: str
    created_at: datetime


def attempts_remaining(delivery: Delivery, schedule: Sequence[int]) -> int:
    """Return how many attempts may follow (reference §10.5)."""
    return max(0, len(schedule) + 1 - delivery.attempts) if delivery.status in UNFINISHED else 0


def seconds_until_next(attempts: int, schedule: Sequence[int]) -> int | None:
    """Return how long to wait after so many failed attempts; None when the delivery has failed for good."""
    return schedule[attempts - 1] if attempts <= len(schedule) else None
