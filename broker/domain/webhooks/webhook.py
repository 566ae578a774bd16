"""Webhooks, as users describe them (Pact Broker reference §10.1)."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from broker.domain.accounts.belonging import Belonging
from broker.domain.model import Notice
from broker.domain.webhooks import templates
from broker.domain.webhooks.events import Event
from broker.domain.webhooks.templates import BodyKind
from tally.values import dataclass

UNREADABLE = (
    "Its headers and its password were encrypted with a key that the broker does not have, so that it cannot "
    "be sent. Give the broker that key in TALLY_SECRETS_KEY, or update the webhook with all of them."
)
DEFAULT_EVENTS = (Event.CONTRACT_CONTENT_CHANGED,)


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
        """The name of its deliveries: method and host."""
        return f"{self.method} {urlsplit(self.url).hostname or ''}"

    @property
    def receiver(self) -> str:
        """The receiver: host and port."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"

    @property
    def destination(self) -> tuple[str, str, str]:
        """Where it goes: scheme, receiver, and which of the receiver's sites, if a header chooses one."""
        return urlsplit(self.url).scheme, self.receiver, self.headers.get("host", "").lower()

    @property
    def body_kind(self) -> BodyKind:
        """The format of the body: what its content type says or, without one, what it looks like."""
        if self.body is not None and not isinstance(self.body, str):
            return BodyKind.JSON
        kind = self.headers.get("content-type", "").lower()
        looks_like_json = not kind and (self.body or "").lstrip()[:1] in {"{", "["}
        if "json" in kind or looks_like_json:
            return BodyKind.JSON
        return BodyKind.FORM if kind.startswith("application/x-www-form-urlencoded") else BodyKind.TEXT

    @property
    def secrets(self) -> set[str]:
        """The names of the secrets that it uses."""
        return templates.secrets_in(text for _, texts in self.templates for text in texts)

    @property
    def templates(self) -> list[tuple[str, list[str]]]:
        """The texts that may have parameters, each with the name of its field."""
        return [
            ("url", [self.url]),
            ("headers", list(self.headers.values())),
            ("username", [self.username or ""]),
            ("password", [self.password or ""]),
            ("body", list(_texts(self.body))),
        ]


@dataclass(frozen=True)
class Criterion:
    """Which pacticipants a webhook is for: one by name, those with a label, or any."""

    name: str | None = None
    label: str | None = None


ANY = Criterion()


@dataclass(frozen=True)
class WebhookDescription:
    """What a user says about a webhook."""

    request: WebhookRequest
    events: tuple[Event, ...] = DEFAULT_EVENTS
    description: str | None = None
    consumer: Criterion = ANY
    provider: Criterion = ANY
    enabled: bool = True
    signing_secret: str | None = None
    belonging: Belonging | None = None

    @property
    def secrets(self) -> set[str]:
        """The names of the secrets that it uses, also to sign."""
        return self.request.secrets | ({self.signing_secret} if self.signing_secret else set())

    @property
    def title(self) -> str:
        """What the webhook is called."""
        return self.description or self.request.name


@dataclass(frozen=True)
class Webhook:
    """A stored webhook; *failures* counts its last deliveries that failed for good, *failing_since* then.

    *disabled_at* is when the broker disabled it because there were too many; None when it did not. *sealed*
    has its headers and its password, encrypted, of which its request has only the parameters; None when the
    request has them. It *is_unreadable* when the broker has no key for them.
    """

    id: int
    uuid: str
    what: WebhookDescription
    failures: int
    disabled_at: datetime | None
    created_at: datetime
    updated_at: datetime
    sealed: bytes | None = None
    is_unreadable: bool = False
    failing_since: datetime | None = None
    team_id: int | None = None
    team: str | None = None
    """The name of its team; None is all of the broker."""

    @property
    def is_failing(self) -> bool:
        """Whether its last deliveries failed for good."""
        return self.failures > 0 or self.disabled_at is not None

    @property
    def notices(self) -> list[Notice]:
        """Notices for its owner."""
        return [*self._failures(), *([Notice("danger", UNREADABLE)] if self.is_unreadable else [])]

    def _failures(self) -> list[Notice]:
        if self.disabled_at is not None:
            count = _in_a_row(self.failures) if self.failures else "deliveries"
            when = f"{self.disabled_at:%Y-%m-%d at %H:%M} UTC"
            text = (
                f"Disabled on {when}, because its {count} failed for good. "
                'PUT it with "enabled": true to switch it on again, or run tally webhooks enable.'
            )
            return [Notice("danger", text)]
        if self.failures:
            return [Notice("warning", f"Its {_in_a_row(self.failures)} failed for good.")]
        return []


def _in_a_row(count: int) -> str:
    return "last delivery" if count == 1 else f"last {count} deliveries"


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        return [*value, *_texts(list(value.values()))]
    return []
