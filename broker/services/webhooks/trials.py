"""Webhooks that are tried from a page: about a consumer and a provider that somebody chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from broker.domain.errors import ValidationError
from broker.domain.pagination import Page
from broker.domain.webhooks.parameters import Addresses
from broker.domain.webhooks.webhook import Criterion, WebhookDescription
from broker.services.webhooks import deliver, sample
from broker.services.webhooks.deliver import Attempt, RequestToSend
from broker.storage.storage import Storage
from tally.values import dataclass

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


def request_about(  # noqa: PLR0913 - a webhook, what it is tried with, and what belongs to a stored one
    storage: Storage,
    what: WebhookDescription,
    pair: ChosenPair,
    *,
    addresses: Addresses,
    sealed: bytes | None = None,
    team_id: int | None = None,
) -> RequestToSend:
    """Return the request that the webhook of a team would send about the newest pact of the pair.

    *sealed* are the headers and the password of a stored webhook. Raises ValidationError for a pair that the
    webhook is not for.
    """
    chosen = {
        "consumer": (pair.consumer, what.consumer.name),
        "provider": (pair.provider, what.provider.name),
    }
    others = {role: own for role, (name, own) in chosen.items() if name and own not in {None, name}}
    if others:
        raise ValidationError(
            {f"pair.{role}": [f"must be {own}: the webhook is for no other"] for role, own in others.items()}
        )
    about = replace(
        what,
        consumer=Criterion(pair.consumer) if pair.consumer else what.consumer,
        provider=Criterion(pair.provider) if pair.provider else what.provider,
    )
    found = storage.event_context.latest_publication(about.consumer, about.provider)
    if found is None:
        _check_known(storage, {role: name for role, (name, _) in chosen.items() if name})
        parameters = sample.invented(about, addresses)
    else:
        parameters = sample.of_pact(storage, found, addresses)
    sealed_secrets = deliver.secrets_for(storage, what)
    return RequestToSend(
        what,
        parameters,
        sealed_secrets,
        delivery="test",
        sealed=sealed,
        team_id=team_id,
        span=deliver.span_in(storage),
    )


def _check_known(storage: Storage, names: Mapping[str, str]) -> None:
    known = storage.pacticipants.find_many(names.values()) if names else {}
    errors = {f"pair.{role}": ["is not known here"] for role, name in names.items() if name not in known}
    if errors:
        raise ValidationError(errors)


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
