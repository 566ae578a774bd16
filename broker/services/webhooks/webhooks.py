"""What users do with webhooks."""

import secrets as randomness
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from broker.domain.accounts.permissions import Action
from broker.domain.errors import NotFoundError, StateRuleError, ValidationError
from broker.domain.webhooks import request_rules
from broker.domain.webhooks.delivery import Delivery
from broker.domain.webhooks.parameters import Addresses
from broker.domain.webhooks.redaction import with_stored_secrets, without_query
from broker.domain.webhooks.secret_texts import starred
from broker.domain.webhooks.webhook import Webhook, WebhookDescription
from broker.services import belonging, permission
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import pacticipants
from broker.services.webhooks import credentials, deliver, entry_events, sample, secrets
from broker.services.webhooks.deliver import Attempt, RequestToSend
from broker.settings.settings import Settings
from broker.storage.storage import Storage
from broker.storage.webhooks.webhooks import ReferredIds
from tally.values import dataclass

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
    """Store a new webhook. Raises ValidationError for names that do not exist, and PermissionDeniedError."""
    return _create(storage, new_uuid(), what, circumstances)


def _create(storage: Storage, uuid: str, what: WebhookDescription, circumstances: Circumstances) -> Webhook:
    entry_events.check(storage, what)
    team_id = belonging.team_of_new(storage, Action.WEBHOOKS, what.belonging)
    storage.webhooks.create(
        uuid,
        what,
        sealed=credentials.seal(what.request, circumstances.settings),
        ids=_check(storage, what, team_id),
        now=circumstances.now,
    )
    created = find_readable(storage, uuid, circumstances.settings)
    storage.note("webhook", uuid, team=created.team, after=_summary(created))
    return created


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
    StateRuleError for values that stay and cannot be read, and PermissionDeniedError: who moves a webhook to
    another team may change those of both.
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
    team_id = belonging.team_of_changed(storage, Action.WEBHOOKS, found.team_id, what.belonging)
    existing = credentials.readable(found, settings)
    if existing.is_unreadable:
        credentials.check_replaceable(what.request, found)
    completed = with_stored_secrets(what.request, existing.what.request)
    what = replace(what, request=completed.request)
    storage.webhooks.replace(
        existing,
        what,
        sealed=credentials.seal(what.request, settings),
        ids=_check(storage, what, team_id),
        now=circumstances.now,
    )
    stored = find_readable(storage, uuid, settings)
    storage.note("webhook", uuid, team=stored.team, before=_summary(found), after=_summary(stored))
    return StoredWebhook(stored, is_new=False, dropped=completed.dropped)


def find_changeable(storage: Storage, uuid: str) -> Webhook:
    """Return the webhook as it is stored, for who may change it.

    Raises NotFoundError and PermissionDeniedError.
    """
    found = find(storage, uuid)
    permission.require_team(storage, Action.WEBHOOKS, found.team_id)
    return found


def described(
    storage: Storage, uuid: str, what: WebhookDescription, settings: Settings
) -> tuple[WebhookDescription, int | None]:
    """Return the webhook that `put` would store, with the id of its team; of a new one without a *uuid*.

    Raises NotFoundError and PermissionDeniedError.
    """
    if not uuid:
        team_id = belonging.team_of_new(storage, Action.WEBHOOKS, what.belonging)
    else:
        found = find(storage, uuid)
        team_id = belonging.team_of_changed(storage, Action.WEBHOOKS, found.team_id, what.belonging)
        existing = credentials.readable(found, settings)
        request = with_stored_secrets(what.request, existing.what.request).request
        what = replace(what, request=request)
    _check_names(storage, what, team_id)
    return what, team_id


def delete(storage: Storage, uuid: str) -> None:
    """Remove the webhook; its deliveries stay. Raises NotFoundError and PermissionDeniedError."""
    found = find_changeable(storage, uuid)
    entry_events.check_removal(storage, found)
    storage.webhooks.delete(found)
    storage.note("webhook", uuid, team=found.team, before=_summary(found))


def request_to_try(
    storage: Storage,
    what: WebhookDescription,
    addresses: Addresses,
    *,
    team_id: int | None,
    sealed: bytes | None = None,
) -> RequestToSend:
    """Return the request that the webhook of a team would send about the latest pact that it is for.

    *sealed* are the headers and the password of a stored one, encrypted.
    """
    parameters = sample.sample(storage, what, addresses)
    secrets_of_it = deliver.secrets_for(storage, what)
    return RequestToSend(
        what,
        parameters,
        secrets_of_it,
        delivery="test",
        sealed=sealed,
        team_id=team_id,
        span=deliver.span_in(storage),
    )


def execute(
    request: RequestToSend, settings: Settings, clock: Callable[[], datetime], *, dry_run: bool
) -> Attempt:
    """Send the request now, or only compose it; no transaction may be open meanwhile."""
    if dry_run:  # nothing is sent in any trace
        return deliver.compose(replace(request, span=None), settings, clock)
    return deliver.send_request(request, settings, clock)


def find_delivery(storage: Storage, uuid: str) -> Delivery:
    """Return the delivery. Raises NotFoundError."""
    found = storage.deliveries.find(uuid)
    if found is None:
        raise NotFoundError(f"No triggered webhook with the uuid {uuid} found")
    return found


def redeliver(storage: Storage, uuid: str) -> Delivery:
    """Make a finished delivery due again, with as many attempts as a new one.

    Raises NotFoundError, StateRuleError or PermissionDeniedError.
    """
    delivery = find_delivery(storage, uuid)
    permission.require_team(storage, Action.WEBHOOKS, delivery.team_id)
    if not delivery.webhook_exists:
        raise StateRuleError({"webhook": ["was deleted: its deliveries cannot be sent again"]})
    if not storage.outbox.send_again(uuid):
        raise StateRuleError({"status": [f"is {delivery.status}: it will be sent anyway"]})
    if storage.entry is not None:
        webhook = find(storage, delivery.webhook_uuid)
        what = {"delivery": uuid, "event": delivery.event, "description": webhook.what.title}
        storage.note("webhook", webhook.uuid, team=webhook.team, after=what)
    return find_delivery(storage, uuid)


def _check(storage: Storage, what: WebhookDescription, team_id: int | None) -> ReferredIds:
    """Return the ids of what the webhook names.

    Raises ValidationError for what does not exist, and for secrets that it may not use.
    """
    _check_names(storage, what, team_id)
    names = [name for name in (what.consumer.name, what.provider.name) if name is not None]
    known = storage.pacticipants.find_many(names) if names else {}
    errors = {
        f"{role}.name": ["does not match an existing pacticipant"]
        for role, name in (("consumer", what.consumer.name), ("provider", what.provider.name))
        if name is not None and name not in known
    }
    if broken := secrets.broken_rules(storage, what, team_id):
        errors["request"] = broken
    if errors:
        raise ValidationError(errors)
    return ReferredIds({name: pacticipant.id for name, pacticipant in known.items()}, team_id)


def _check_names(storage: Storage, what: WebhookDescription, team_id: int | None) -> None:
    """Raise PermissionDeniedError unless the webhook names a pacticipant of its team.

    Webhooks by label or for all are for those who may change all: anybody may give a label.
    """
    if team_id is None or storage.asking.actor.may_everywhere(Action.WEBHOOKS):
        return
    names = [name for name in (what.consumer.name, what.provider.name) if name is not None]
    owners = storage.access.owners(names) if names else {}
    if not any(team_id in teams for teams in owners.values()):
        permission.refuse(
            storage, Action.WEBHOOKS, "a webhook that names no consumer or provider of its team"
        )


def _summary(webhook: Webhook) -> dict[str, object]:
    """Return what the audit log says of a webhook: nothing that may be secret."""
    what = webhook.what
    return {
        "description": what.description,
        "events": what.events,
        "method": what.request.method,
        "url": without_query(starred(what.request.url)),
        "consumer": vars(what.consumer),
        "provider": vars(what.provider),
        "enabled": what.enabled,
        "team": webhook.team,
    }
