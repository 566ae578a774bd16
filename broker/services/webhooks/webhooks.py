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
from broker.services.pacticipants import pacticipants
from broker.services.webhooks import deliver, sample, secrets
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
    """Return the webhook. Raises NotFoundError."""
    found = storage.webhooks.find(uuid)
    if found is None:
        raise NotFoundError(f"No webhook with the uuid {uuid} found")
    return found


def every(storage: Storage) -> list[Webhook]:
    """Return all webhooks."""
    return storage.webhooks.all()


def scoped(storage: Storage, consumer: str | None, provider: str | None) -> list[Webhook]:
    """Return the webhooks for exactly these pacticipants; None is "any". Raises NotFoundError."""
    for role, name in (("consumer", consumer), ("provider", provider)):
        if name is not None:
            pacticipants.find(storage, name, role)
    return storage.webhooks.scoped(consumer, provider)


def create(storage: Storage, what: WebhookDescription, now: datetime) -> Webhook:
    """Store a new webhook. Raises ValidationError for names that do not exist."""
    uuid = new_uuid()
    storage.webhooks.create(uuid, what, _check(storage, what), now)
    return find(storage, uuid)


def new_uuid() -> str:
    """Return 22 random letters, digits, "-" and "_"; the first is a letter or a digit.

    A word of a command line that begins with "-" would be read as an option.
    """
    while not (uuid := randomness.token_urlsafe(16))[0].isalnum():
        pass
    return uuid


def put(storage: Storage, uuid: str, what: WebhookDescription, now: datetime) -> StoredWebhook:
    """Create or replace the webhook.

    A password that is missing, and values of headers that are nothing but asterisks, stay as they were,
    unless the webhook is sent to another place from now on: then they are dropped. Raises ValidationError.
    """
    existing = storage.webhooks.find(uuid)
    if existing is None:
        if not request_rules.UUID.match(uuid):
            raise ValidationError(
                {"uuid": ["must have 16 characters or more, all of them letters, digits, '-' or '_'"]}
            )
        storage.webhooks.create(uuid, what, _check(storage, what), now)
        return StoredWebhook(find(storage, uuid), is_new=True)
    completed = with_stored_secrets(what.request, existing.what.request)
    what = replace(what, request=completed.request)
    storage.webhooks.replace(existing, what, _check(storage, what), now)
    return StoredWebhook(find(storage, uuid), is_new=False, dropped=completed.dropped)


def delete(storage: Storage, uuid: str) -> None:
    """Remove the webhook; its deliveries stay. Raises NotFoundError."""
    storage.webhooks.delete(find(storage, uuid))


def request_to_try(storage: Storage, what: WebhookDescription, addresses: Addresses) -> RequestToSend:
    """Return the request that the webhook would send about the latest pact that it is for."""
    parameters = sample.sample(storage, what, addresses)
    return RequestToSend(what, parameters, deliver.tokens_for(storage, what), delivery="test")


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


def redeliver(storage: Storage, uuid: str, now: datetime) -> Delivery:
    """Make a finished delivery due again, with as many attempts as a new one.

    Raises NotFoundError or StateRuleError.
    """
    delivery = find_delivery(storage, uuid)
    if not delivery.webhook_exists:
        raise StateRuleError({"webhook": ["was deleted: its deliveries cannot be sent again"]})
    if not storage.outbox.send_again(uuid, now):
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
