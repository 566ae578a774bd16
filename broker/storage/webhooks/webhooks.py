"""Webhooks, as users describe them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from broker.domain.webhooks.events import Event
from broker.domain.webhooks.webhook import Criterion, Webhook, WebhookDescription
from broker.storage.tables import pacticipants, teams, webhook_events, webhooks
from broker.storage.webhooks.credentials import SealedRequest, read_request, written
from tally.values import dataclass

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")

FOUND = (
    select(
        webhooks.c.id,
        webhooks.c.uuid,
        webhooks.c.request,
        webhooks.c.description,
        _consumers.c.name.label("consumer"),
        webhooks.c.consumer_label,
        _providers.c.name.label("provider"),
        webhooks.c.provider_label,
        webhooks.c.enabled,
        webhooks.c.signing_secret,
        webhooks.c.failures,
        webhooks.c.disabled_at,
        webhooks.c.created_at,
        webhooks.c.updated_at,
        webhooks.c.credentials,
        webhooks.c.failing_since,
        webhooks.c.team_id,
        teams.c.name.label("team"),
    )
    .select_from(webhooks)
    .outerjoin(_consumers, _consumers.c.id == webhooks.c.consumer_id)
    .outerjoin(_providers, _providers.c.id == webhooks.c.provider_id)
    .outerjoin(teams, teams.c.id == webhooks.c.team_id)
    .order_by(webhooks.c.id)
)
_BY_UUID = (
    FOUND.add_columns(webhook_events.c.name.label("event"))
    .outerjoin(webhook_events, webhook_events.c.webhook_id == webhooks.c.id)
    .where(webhooks.c.uuid == bindparam("uuid"))
    .order_by(webhook_events.c.name)
)
_BY_IDS = FOUND.where(webhooks.c.id.in_(bindparam("ids", expanding=True)))
_CONSUMER = {
    True: _consumers.c.name == bindparam("consumer"),
    False: webhooks.c.consumer_id.is_(None) & webhooks.c.consumer_label.is_(None),
}
_PROVIDER = {
    True: _providers.c.name == bindparam("provider"),
    False: webhooks.c.provider_id.is_(None) & webhooks.c.provider_label.is_(None),
}
_SCOPED = {
    (consumer, provider): FOUND.where(_CONSUMER[consumer], _PROVIDER[provider])
    for consumer in (True, False)
    for provider in (True, False)
}
_EVENTS_OF = (
    select(webhook_events.c.webhook_id, webhook_events.c.name)
    .where(webhook_events.c.webhook_id.in_(bindparam("ids", expanding=True)))
    .order_by(webhook_events.c.webhook_id, webhook_events.c.name)
)
_CREATE = insert(webhooks).returning(webhooks.c.id)
_REPLACE = (
    update(webhooks)
    .where(webhooks.c.id == bindparam("webhook_id"))
    .values(
        description=bindparam("description"),
        consumer_id=bindparam("consumer_id"),
        consumer_label=bindparam("consumer_label"),
        provider_id=bindparam("provider_id"),
        provider_label=bindparam("provider_label"),
        enabled=bindparam("enabled"),
        request=bindparam("request"),
        credentials=bindparam("credentials"),
        signing_secret=bindparam("signing_secret"),
        team_id=bindparam("team_id"),
        failures=0,
        failing_since=None,
        disabled_at=None,
        updated_at=bindparam("now"),
    )
)
_ADD_EVENTS = insert(webhook_events)
_REMOVE_EVENTS = delete(webhook_events).where(webhook_events.c.webhook_id == bindparam("webhook_id"))
_DELETE = delete(webhooks).where(webhooks.c.uuid == bindparam("uuid"))


@dataclass(frozen=True)
class ReferredIds:
    """The ids of what a webhook names: its consumer and provider, by name, and its team."""

    pacticipants: Mapping[str, int]
    team: int | None = None


class Webhooks:
    """The webhooks that are stored."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Webhook]:
        """Return every webhook, in the order of their creation."""
        return self._complete(self._connection.execute(FOUND).all())

    def scoped(self, consumer: str | None, provider: str | None) -> list[Webhook]:
        """Return those for exactly these pacticipants; None stands for "any"."""
        statement = _SCOPED[consumer is not None, provider is not None]
        return self._some(statement, consumer=consumer, provider=provider)

    def find(self, uuid: str) -> Webhook | None:
        """Return the webhook with this uuid."""
        rows = self._connection.execute(_BY_UUID, {"uuid": uuid}).all()
        events = tuple(Event(row.event) for row in rows if row.event is not None)
        return _webhook(rows[0], events) if rows else None

    def find_by_ids(self, ids: Collection[int]) -> Mapping[int, Webhook]:
        """Return the webhooks that still exist, by id."""
        return {webhook.id: webhook for webhook in self._some(_BY_IDS, ids=list(ids))} if ids else {}

    def create(
        self,
        uuid: str,
        what: WebhookDescription,
        *,
        sealed: SealedRequest,
        ids: ReferredIds,
        now: datetime,
    ) -> None:
        """Store a new webhook, with its request as it is *sealed*."""
        values = {
            **_values(what, sealed, ids),
            "uuid": uuid,
            "failures": 0,
            "created_at": now,
            "updated_at": now,
        }
        webhook_id = self._connection.execute(_CREATE, values).scalar_one()
        self._add_events(webhook_id, what.events)

    def replace(
        self,
        webhook: Webhook,
        what: WebhookDescription,
        *,
        sealed: SealedRequest,
        ids: ReferredIds,
        now: datetime,
    ) -> None:
        """Change everything but the uuid; the count of its failures begins anew."""
        values = {**_values(what, sealed, ids), "webhook_id": webhook.id, "now": now}
        self._connection.execute(_REPLACE, values)
        self._connection.execute(_REMOVE_EVENTS, {"webhook_id": webhook.id})
        self._add_events(webhook.id, what.events)

    def delete(self, webhook: Webhook) -> None:
        """Remove the webhook; its deliveries stay."""
        self._connection.execute(_DELETE, {"uuid": webhook.uuid})

    def _add_events(self, webhook_id: int, events: Sequence[str]) -> None:
        self._connection.execute(
            _ADD_EVENTS, [{"webhook_id": webhook_id, "name": str(name)} for name in events]
        )

    def _some(self, statement: Select[Any], **values: object) -> list[Webhook]:
        given = {name: value for name, value in values.items() if value is not None}
        return self._complete(self._connection.execute(statement, given).all())

    def _complete(self, rows: Sequence[Any]) -> list[Webhook]:
        events: dict[int, list[Event]] = {}
        if rows:
            found = self._connection.execute(_EVENTS_OF, {"ids": [row.id for row in rows]})
            for webhook_id, name in found:
                events.setdefault(webhook_id, []).append(Event(name))
        return [_webhook(row, tuple(events.get(row.id, ()))) for row in rows]


def _values(what: WebhookDescription, sealed: SealedRequest, ids: ReferredIds) -> dict[str, object]:
    return {
        "description": what.description,
        "consumer_id": ids.pacticipants[what.consumer.name] if what.consumer.name else None,
        "consumer_label": what.consumer.label,
        "provider_id": ids.pacticipants[what.provider.name] if what.provider.name else None,
        "provider_label": what.provider.label,
        "enabled": what.enabled,
        "request": written(sealed.request),
        "credentials": sealed.token,
        "signing_secret": what.signing_secret,
        "team_id": ids.team,
    }


def _webhook(row: Any, events: tuple[Event, ...]) -> Webhook:
    what = WebhookDescription(
        read_request(row.request),
        events,
        row.description,
        Criterion(row.consumer, row.consumer_label),
        Criterion(row.provider, row.provider_label),
        row.enabled,
        row.signing_secret,
    )
    return Webhook(
        row.id,
        row.uuid,
        what,
        row.failures,
        row.disabled_at,
        row.created_at,
        row.updated_at,
        row.credentials,
        failing_since=row.failing_since,
        team_id=row.team_id,
        team=row.team,
    )
