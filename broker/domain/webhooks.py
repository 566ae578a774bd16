"""Webhooks: which fire, what they send, when they are tried again (Pact Broker reference §10)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from broker.domain import templating
from broker.domain.events import Event

STARS = "**********"
_ONLY_STARS = re.compile(r"\*+\Z")
_SENSITIVE = re.compile(r"authorization|token", re.IGNORECASE)
DEFAULT_EVENTS = (Event.CONTRACT_CONTENT_CHANGED,)
TEST_EVENT = "test"


class Status(StrEnum):
    """What became of a delivery."""

    NOT_RUN = "not_run"
    RETRYING = "retrying"
    SUCCESS = "success"
    FAILURE = "failure"


UNFINISHED = frozenset({Status.NOT_RUN, Status.RETRYING})


@dataclass(frozen=True)
class WebhookRequest:
    """The request that a webhook sends, with its parameters. Names of headers are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    username: str | None = None
    password: str | None = None

    @property
    def name(self) -> str:
        """What deliveries of it are called: method and host."""
        return f"{self.method} {urlsplit(self.url).hostname or ''}"

    @property
    def receiver(self) -> str:
        """Who is asked: host and port."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"

    @property
    def has_json_body(self) -> bool:
        """Whether parameters in the body are escaped as text inside JSON."""
        if self.body is None:
            return False
        kind = self.headers.get("content-type")
        if isinstance(self.body, str):
            return "json" in kind.lower() if kind else self.body.lstrip()[:1] in {"{", "["}
        return True

    @property
    def secrets(self) -> set[str]:
        """The names of the secrets that it uses."""
        texts = [self.url, *self.headers.values(), self.username or "", self.password or ""]
        return templating.secrets_in([*texts, *_texts(self.body)])


@dataclass(frozen=True)
class Criterion:
    """Which pacticipants a webhook is for: the one with the name, those with the label, or any."""

    name: str | None = None
    label: str | None = None


ANY = Criterion()


@dataclass(frozen=True)
class WebhookDescription:
    """What a user says of a webhook."""

    request: WebhookRequest
    events: tuple[Event, ...] = DEFAULT_EVENTS
    description: str | None = None
    consumer: Criterion = ANY
    provider: Criterion = ANY
    enabled: bool = True
    signing_secret: str | None = None

    @property
    def title(self) -> str:
        """What the webhook is called."""
        return self.description or self.request.name


@dataclass(frozen=True)
class Webhook:
    """A webhook that is stored; *disabled_at* is when the broker gave up on it after so many *failures*."""

    id: int
    uuid: str
    what: WebhookDescription
    failures: int
    disabled_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Pair:
    """A consumer and a provider, by the storage's identifiers, with their labels."""

    consumer_id: int
    provider_id: int
    consumer_labels: tuple[str, ...] = ()
    provider_labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hook:
    """As much of an enabled webhook as it takes to write a delivery."""

    id: int
    uuid: str
    title: str
    name: str
    receiver: str
    consumer_id: int | None
    consumer_label: str | None
    provider_id: int | None
    provider_label: str | None
    events: frozenset[str]

    def is_for(self, pair: Pair) -> bool:
        """Return whether its criteria match."""
        return (
            self.consumer_id in {None, pair.consumer_id}
            and self.provider_id in {None, pair.provider_id}
            and self.consumer_label in {None, *pair.consumer_labels}
            and self.provider_label in {None, *pair.provider_labels}
        )


def webhooks_for(event: Event, pair: Pair, hooks: Iterable[Hook]) -> list[Hook]:
    """Return those that fire (reference §10.2)."""
    return [hook for hook in hooks if event in hook.events and hook.is_for(pair)]


@dataclass(frozen=True)
class Occurrence:
    """What a delivery is about; *parameters* are without the prefix."""

    event: str
    pair: Pair
    consumer_version_id: int | None
    verification_id: int | None
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Delivery:
    """A triggered webhook, as it is shown. *webhook_exists* is false once the webhook was deleted."""

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


@dataclass(frozen=True)
class Execution:
    """One attempt that was recorded."""

    success: bool
    logs: str
    created_at: datetime


def attempts_remaining(delivery: Delivery, schedule: Sequence[int]) -> int:
    """Return how many attempts may follow (reference §10.5)."""
    return max(0, len(schedule) + 1 - delivery.attempts) if delivery.status in UNFINISHED else 0


def next_attempt(attempts: int, schedule: Sequence[int], now: datetime) -> datetime | None:
    """Return when to try again after so many attempts, all failed; None to give up."""
    return now + timedelta(seconds=schedule[attempts - 1]) if attempts <= len(schedule) else None


def redacted(request: WebhookRequest) -> WebhookRequest:
    """Return the request as it is shown: what may be a secret is starred unless it is a parameter."""
    return replace(
        request,
        headers={
            name: _star(value) if _SENSITIVE.search(name) else value
            for name, value in request.headers.items()
        },
        password=None if request.password is None else _star(request.password),
    )


def is_sensitive(header: str) -> bool:
    """Return whether the value of a header with this name is not shown."""
    return _SENSITIVE.search(header) is not None


def with_stored_secrets(request: WebhookRequest, stored: WebhookRequest) -> WebhookRequest:
    """Return the request with what it leaves out or stars taken from the one that is *stored*.

    That is the password, if it is missing, and every value of a header that is nothing but asterisks.
    """
    keeps_password = request.password is None or _ONLY_STARS.match(request.password)
    return replace(
        request,
        headers={
            name: stored.headers.get(name, value) if _ONLY_STARS.match(value) else value
            for name, value in request.headers.items()
        },
        password=stored.password if keeps_password else request.password,
    )


def _star(value: str) -> str:
    return value if templating.has_parameter(value) else STARS


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
