"""What users do with webhooks."""

import secrets as randomness
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from broker.domain.errors import NotFoundError, StateRuleError, ValidationError
from broker.domain.webhooks import request_rules
from broker.domain.webhooks.delivery import Delivery
from broker.domain.webhooks.parameters import Addresses
from broker.domain.webhooks.redaction import with_stored_secrets
from broker.domain.webhooks.webhook import Webhook, WebhookDescription
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import pacticipants
from broker.services.webhooks import credentials, deliver, entry_events, sample, secrets
from broker.services.webhooks.deliver import Attempt, RequestToSend
from broker.settings import Settings
from broker.storage.storage import Storage

MOST_DELIVERIES = 100


@dataclass(frozen=True)
class StoredWebhook:
    """A webhook that was created or replaced; *dropped* names the stored secrets that it lost by that."""

    webhook: Webhook
    is_new: bool
    dropped: tuple[str, ...] = ()


def find(storage: Storage, uuid: str) -> Webhook:
    """Return the webhook as it is stored. Raises NotFoundError."""
    found = storage.webhooks.find(uuid)
    if found is None:
        raise NotFoundError(f"No webhook with the uuid {uuid} found")
    return found


def find_readable(storage: Storage, uuid: str, settings: Settings) -> Webhook:
    """Return the webhook with its password and its headers. Raises NotFoundError."""
    return credentials.readable(find(storage, uuid), settings)


def every(storage: Storage) -> list[Webhook]:
    """Return all webhooks."""
    return storage.webhooks.all()


def scoped(storage: Storage, consumer: str | None, provider: str | None) -> list[Webhook]:
    """Return the webhooks for exactly these pacticipants; None is "any". Raises NotFoundError."""
    for role, name in (("consumer", consumer), ("provider", provider)):
        if name is not None:
            pacticipants.find(storage, name, role)
    return storage.webhooks.scoped(consumer, provider)


def create(storage: Storage, what: WebhookDescription, circumstances: Circumstances) -> Webhook:
    """Store a new webhook. Raises ValidationError for names that do not exist."""
    return _create(storage, new_uuid(), what, circumstances)


def _create(storage: Storage, uuid: str, what: WebhookDescription, circumstances: Circumstances) -> Webhook:
    entry_events.check(storage, what)
    storage.webhooks.create(
        uuid,
        what,
        sealed=credentials.seal(what.request, circumstances.settings),
        pacticipant_ids=_check(storage, what),
        now=circumstances.now,
    )
    return find_readable(storage, uuid, circumstances.settings)


def new_uuid() -> str:
    """Return 22 random letters, digits, "-" and "_"; the first is a letter or a digit.

    A word of a command line that begins with "-" would be read as an option.
    """
    while not (uuid := randomness.token_urlsafe(16))[0].isalnum():
        pass
    return uuid


def put(storage: Storage, uuid: str, what: WebhookDescription, circumstances: Circumstances) -> StoredWebhook:
    """Create or replace the webhook.

    A password that is missing, and values of headers that are nothing but asterisks, stay as they were,
    unless the webhook is sent to another place from now on: then they are dropped. Raises ValidationError,
    or StateRuleError for values that stay and cannot be read.
    """
    settings = circumstances.settings
    found = storage.webhooks.find(uuid)
    if found is None:
        if not request_rules.UUID.match(uuid):
            raise ValidationError(
                {"uuid": ["must have 16 characters or more, all of them letters, digits, '-' or '_'"]}
            )
        return StoredWebhook(_create(storage, uuid, what, circumstances), is_new=True)
    entry_events.check(storage, what, found)
    existing = credentials.readable(found, settings)
    if existing.is_unreadable:
        credentials.check_replaceable(what.request, found)
    completed = with_stored_secrets(what.request, existing.what.request)
    what = replace(what, request=completed.request)
    storage.webhooks.replace(
        existing,
        what,
        sealed=credentials.seal(what.request, settings),
        pacticipant_ids=_check(storage, what),
        now=circumstances.now,
    )
    return StoredWebhook(find_readable(storage, uuid, settings), is_new=False, dropped=completed.dropped)


def completed(
    storage: Storage, uuid: str, what: WebhookDescription, settings: Settings
) -> WebhookDescription:
    """Return the description with what `put` would keep of the stored webhook. Raises NotFoundError."""
    existing = find_readable(storage, uuid, settings)
    return replace(what, request=with_stored_secrets(what.request, existing.what.request).request)


def delete(storage: Storage, uuid: str) -> None:
    """Remove the webhook; its deliveries stay. Raises NotFoundError."""
    found = find(storage, uuid)
    entry_events.check_removal(storage, found)
    storage.webhooks.delete(found)


def request_to_try(
    storage: Storage, what: WebhookDescription, addresses: Addresses, *, sealed: bytes | None = None
) -> RequestToSend:
    """Return the request that the webhook would send about the latest pact that it is for.

    *sealed* are the headers and the password of a stored one, encrypted.
    """
    parameters = sample.sample(storage, what, addresses)
    return RequestToSend(what, parameters, deliver.tokens_for(storage, what), delivery="test", sealed=sealed)


def execute(
    request: RequestToSend, settings: Settings, clock: Callable[[], datetime], *, dry_run: bool
) -> Attempt:
    """Send the request now, or only compose it; no transaction may be open meanwhile."""
    return (deliver.compose if dry_run else deliver.send_request)(request, settings, clock)


def find_delivery(storage: Storage, uuid: str) -> Delivery:
    """Return the delivery. Raises NotFoundError."""
    found = storage.deliveries.find(uuid)
    if found is None:
        raise NotFoundError(f"No triggered webhook with the uuid {uuid} found")
    return found


def redeliver(storage: Storage, uuid: str) -> Delivery:
    """Make a finished delivery due again, with as many attempts as a new one.

    Raises NotFoundError or StateRuleError.
    """
    delivery = find_delivery(storage, uuid)
    if not delivery.webhook_exists:
        raise StateRuleError({"webhook": ["was deleted: its deliveries cannot be sent again"]})
    if not storage.outbox.send_again(uuid):
        raise StateRuleError({"status": [f"is {delivery.status}: it will be sent anyway"]})
    return find_delivery(storage, uuid)


def _check(storage: Storage, what: WebhookDescription) -> Mapping[str, int]:
    """Return the ids of the webhook's pacticipants. Raises ValidationError for what does not exist."""
    names = [name for name in (what.consumer.name, what.provider.name) if name is not None]
    known = storage.pacticipants.find_many(names) if names else {}
    errors = {
        f"{role}.name": ["does not match an existing pacticipant"]
        for role, name in (("consumer", what.consumer.name), ("provider", what.provider.name))
        if name is not None and name not in known
    }
    if missing := secrets.missing(storage, deliver.secrets_of(what)):
        errors["request"] = [f"there is no secret '{name}': create it first" for name in missing]
    if errors:
        raise ValidationError(errors)
    return {name: pacticipant.id for name, pacticipant in known.items()}
