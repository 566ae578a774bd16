"""The event of a new entry of the audit log, and who may be told of it.

It happens when the entry is sealed, by the worker: a write needs no statement for it. Neither sealing nor
sending makes an entry, so that none follows from itself.
"""

from collections.abc import Sequence
from datetime import datetime

from broker.domain.accounts.permissions import Action
from broker.domain.audit.entry import Entry, moment_text
from broker.domain.errors import ValidationError
from broker.domain.webhooks.delivery import NewDelivery
from broker.domain.webhooks.events import Event, commit_statuses
from broker.domain.webhooks.parameters import of_integration, of_provider_version
from broker.domain.webhooks.triggers import LabelledIntegration
from broker.domain.webhooks.webhook import ANY, Webhook, WebhookDescription
from broker.services import permission
from broker.services.webhooks.contract_events import NO_PACT
from broker.storage.storage import Storage

_EVENT = Event.AUDIT_ENTRY_CREATED
_NOTHING = {
    **of_integration({"consumer": "", "provider": ""}, LabelledIntegration(0, 0)),
    **NO_PACT,
    **of_provider_version(None),
    **commit_statuses(success=None),
    "buildUrl": "",
}


def created(storage: Storage, entries: Sequence[Entry], now: datetime) -> None:
    """Write a delivery for each entry and each webhook that is told of new entries."""
    triggers = [trigger for trigger in storage.triggers.of_event(_EVENT) if trigger.enabled]
    if not triggers:
        return
    values = [_parameters(entry) for entry in entries]
    storage.outbox.add(
        [
            NewDelivery(trigger, _EVENT.value, None, None, None, parameters)
            for parameters in values
            for trigger in triggers
        ],
        now,
    )


def check(storage: Storage, what: WebhookDescription, existing: Webhook | None = None) -> None:
    """Let only who may read the whole audit log store a webhook that is told of it, or change one.

    Raises PermissionDeniedError, and ValidationError for one that is for some consumer or provider.
    """
    if _EVENT in what.events or (existing and _EVENT in existing.what.events):
        permission.require_everywhere(storage, Action.ACCOUNTS)
    if _EVENT in what.events and (what.consumer, what.provider) != (ANY, ANY):
        message = f"{_EVENT.value} is about no pacticipant: leave out consumer and provider"
        raise ValidationError({"events": [message]})


def check_removal(storage: Storage, existing: Webhook) -> None:
    """Let only who may read the whole audit log remove what is told of it. Raises PermissionDeniedError."""
    if _EVENT in existing.what.events:
        permission.require_everywhere(storage, Action.ACCOUNTS)


def _parameters(entry: Entry) -> dict[str, str]:
    return {
        **_NOTHING,
        "eventName": _EVENT.value,
        "auditEntry": entry.canonical().decode(),
        "auditEntryUuid": entry.uuid,
        "auditEntryAt": moment_text(entry.at),
        "auditActor": entry.actor_name,
        "auditAction": entry.action,
        "auditSubject": entry.subject_name,
        "auditOutcome": entry.outcome,
    }
