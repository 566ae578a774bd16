"""Which webhooks an event may fire, and how many of their deliveries failed in a row."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, literal, or_, select, update

from broker.domain.webhooks.events import Event
from broker.domain.webhooks.parameters import CURRENTLY_DEPLOYED
from broker.domain.webhooks.triggers import Trigger
from broker.storage.dialects import is_in
from broker.storage.tables import webhook_events, webhooks
from broker.storage.webhooks.credentials import read_request

_ALL = (
    select(
        webhooks.c.id,
        webhooks.c.uuid,
        webhooks.c.description,
        webhooks.c.request,
        webhooks.c.consumer_id,
        webhooks.c.consumer_label,
        webhooks.c.provider_id,
        webhooks.c.provider_label,
        webhooks.c.enabled,
        webhook_events.c.name,
    )
    .join(webhook_events, webhook_events.c.webhook_id == webhooks.c.id)
    .where(
        # A webhook that the broker disabled does not fire, but whoever publishes a pact is told so.
        or_(webhooks.c.enabled, webhooks.c.disabled_at.is_not(None))
    )
    .order_by(webhooks.c.id)
)
# One that is only for the audit log concerns no integration.
_OF_INTEGRATIONS = _ALL.where(webhook_events.c.name != Event.AUDIT_ENTRY_CREATED.value)
_OF_PROVIDER = _OF_INTEGRATIONS.where(
    or_(
        webhooks.c.provider_id.is_(None),
        is_in(webhooks.c.provider_id, "provider_ids"),
    ),
)
_CONCERNED = _OF_PROVIDER.where(
    or_(webhooks.c.consumer_id.is_(None), webhooks.c.consumer_id == bindparam("consumer_id"))
)
_OF_EVENT = _ALL.where(webhook_events.c.name == bindparam("event"))
_SUCCEEDED = (
    update(webhooks)
    .where(webhooks.c.id == bindparam("webhook_id"), webhooks.c.failures > 0)
    .values(failures=0, failing_since=None)
)
_is_too_much = webhooks.c.enabled & (bindparam("most") > 0) & (webhooks.c.failures + 1 >= bindparam("most"))
_FAILED = (
    update(webhooks)
    .where(webhooks.c.id == bindparam("webhook_id"))
    .values(
        failures=webhooks.c.failures + 1,
        failing_since=func.coalesce(
            webhooks.c.failing_since, bindparam("now", type_=webhooks.c.failing_since.type)
        ),
        enabled=case((_is_too_much, False), else_=webhooks.c.enabled),
        disabled_at=case(
            (_is_too_much, bindparam("now", type_=webhooks.c.disabled_at.type)), else_=webhooks.c.disabled_at
        ),
    )
)


def has_webhooks(consumer_id: ColumnElement[int], provider_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether `Triggers.concerned` finds any for the consumer with the provider."""
    found = _OF_INTEGRATIONS.with_only_columns(literal(1)).where(
        or_(webhooks.c.provider_id.is_(None), webhooks.c.provider_id == provider_id),
        or_(webhooks.c.consumer_id.is_(None), webhooks.c.consumer_id == consumer_id),
    )
    return found.order_by(None).correlate_except(webhooks, webhook_events).exists()


_NAMES_DEPLOYED = f"${{pactbroker.{CURRENTLY_DEPLOYED}}}".encode()


class Triggers:
    """What decides whether webhooks fire, and how often their deliveries failed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def concerned(self, consumer_id: int, provider_ids: Iterable[int]) -> list[Trigger]:
        """Return the webhooks for the consumer with one of the providers, also those the broker disabled."""
        return self._found(_CONCERNED, {"consumer_id": consumer_id, "provider_ids": list(provider_ids)})

    def of_provider(self, provider_id: int) -> list[Trigger]:
        """Return the webhooks for the provider, whichever consumers they are for."""
        return self._found(_OF_PROVIDER, {"provider_ids": [provider_id]})

    def of_event(self, event: Event) -> list[Trigger]:
        """Return the webhooks for an event, also those the broker disabled."""
        return self._found(_OF_EVENT, {"event": event.value})

    def _found(self, statement: Select[Any], values: dict[str, Any]) -> list[Trigger]:
        rows: dict[int, Any] = {}
        events: dict[int, set[str]] = {}
        for row in self._connection.execute(statement, values):
            rows[row.id] = row
            events.setdefault(row.id, set()).add(row.name)
        return [_trigger(row, frozenset(events[row.id])) for row in rows.values()]

    def succeeded(self, webhook_id: int) -> None:
        """Forget the failures of the webhook: a delivery succeeded."""
        self._connection.execute(_SUCCEEDED, {"webhook_id": webhook_id})

    def failed(self, webhook_id: int, now: datetime, *, most: int) -> None:
        """Count a delivery that failed for good; the webhook is disabled at *most* in a row, unless 0."""
        self._connection.execute(_FAILED, {"webhook_id": webhook_id, "most": most, "now": now})


def _trigger(row: Any, events: frozenset[str]) -> Trigger:
    request = read_request(row.request)
    return Trigger(
        row.id,
        row.uuid,
        row.description or request.name,
        request.name,
        request.receiver,
        row.consumer_id,
        row.consumer_label,
        row.provider_id,
        row.provider_label,
        events,
        _NAMES_DEPLOYED in row.request,
        enabled=row.enabled,
    )
