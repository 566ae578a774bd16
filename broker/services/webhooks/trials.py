"""Webhooks that are tried from a page: about a consumer and a provider that somebody chooses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from broker.domain.errors import ValidationError
from broker.domain.pagination import Page
from broker.domain.webhooks.parameters import Addresses
from broker.domain.webhooks.webhook import Criterion, WebhookDescription
from broker.services.webhooks import webhooks
from broker.services.webhooks.deliver import Attempt, RequestToSend
from broker.storage.storage import Storage

LONGEST_BODY = 20_000
MOST_SUGGESTED = 100


@dataclass(frozen=True)
class ChosenPair:
    """The consumer and the provider that a trial is about; where nobody chose, those of the newest pact."""

    consumer: str = ""
    provider: str = ""


@dataclass(frozen=True)
class ShownRequest:
    """A request as it would be sent, with stars for what is secret."""

    line: str
    headers: Sequence[tuple[str, str]]
    body: str


def request_about(
    storage: Storage,
    what: WebhookDescription,
    pair: ChosenPair,
    *,
    addresses: Addresses,
    sealed: bytes | None = None,
) -> RequestToSend:
    """Return the request that the webhook would send about the newest pact of the pair.

    *sealed* are the headers and the password of a stored webhook. Raises ValidationError for a pair that the
    webhook is not for.
    """
    _check(storage, what, pair)
    about = replace(
        what,
        consumer=Criterion(pair.consumer) if pair.consumer else what.consumer,
        provider=Criterion(pair.provider) if pair.provider else what.provider,
    )
    to_send = webhooks.request_to_try(storage, about, addresses, sealed=sealed)
    return replace(to_send, webhook=what)


def applications(storage: Storage) -> list[str]:
    """Return the names of applications that a form suggests."""
    return [item.name for item in storage.pacticipants.all(Page(1, MOST_SUGGESTED)).items]


def shown(attempt: Attempt) -> ShownRequest | None:
    """Return what was sent, or would be; None when it could not be made."""
    if attempt.request is None:
        return None
    log, request = attempt.log, attempt.request
    body = log.without_secrets(request.body.decode("utf-8", "replace"))
    return ShownRequest(
        f"{request.method} {log.without_secrets(request.url)}",
        [(name, log.header(name, value)) for name, value in request.headers.items()],
        body if len(body) <= LONGEST_BODY else f"{body[:LONGEST_BODY]}…",
    )


def _check(storage: Storage, what: WebhookDescription, pair: ChosenPair) -> None:
    chosen = {
        "consumer": (pair.consumer, what.consumer.name),
        "provider": (pair.provider, what.provider.name),
    }
    names = [name for name, _ in chosen.values() if name]
    known = storage.pacticipants.find_many(names) if names else {}
    errors = {
        f"pair.{role}": [
            f"must be {own}: the webhook is for no other" if own and own != name else "is not known here"
        ]
        for role, (name, own) in chosen.items()
        if name and (name not in known or own not in {None, name})
    }
    if errors:
        raise ValidationError(errors)
