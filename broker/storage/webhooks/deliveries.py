"""Deliveries of webhooks, as they are shown."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from broker.domain.model import Version
from broker.domain.webhooks.delivery import Delivery, DeliveryAttempt, Status
from broker.domain.webhooks.webhook import Webhook
from broker.storage.tables import deliveries, delivery_attempts, pacticipants, webhooks

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_webhooks = webhooks.alias("sending_webhooks")
_table = deliveries.c

SHOWN = (
    select(
        _table.uuid,
        _table.webhook_uuid,
        _table.webhook_id.is_not(None),
        _table.name,
        _table.event,
        func.coalesce(_consumers.c.name, ""),
        func.coalesce(_providers.c.name, ""),
        _table.status,
        _table.attempts,
        _table.trigger_type,
        _table.created_at,
        _table.answer,
        _webhooks.c.team_id,
    )
    .join_from(deliveries, _consumers, _consumers.c.id == _table.consumer_id, isouter=True)
    .join(_providers, _providers.c.id == _table.provider_id, isouter=True)
    .outerjoin(_webhooks, _webhooks.c.id == _table.webhook_id)
    .order_by(_table.id.desc())
)
_BY_UUID = SHOWN.where(_table.uuid == bindparam("uuid"))
_BETWEEN = (_consumers.c.name == bindparam("consumer"), _providers.c.name == bindparam("provider"))
_OF_VERSION = SHOWN.where(
    _table.consumer_version_id == bindparam("version_id"), _providers.c.name == bindparam("provider")
)
_OF_RESULT = SHOWN.where(_table.verification_id == bindparam("number"))
_OF_WEBHOOK = SHOWN.where(_table.webhook_id == bindparam("webhook_id")).limit(bindparam("most"))
_newest = (
    select(func.max(_table.id))
    .join_from(deliveries, _consumers, _consumers.c.id == _table.consumer_id)
    .join(_providers, _providers.c.id == _table.provider_id)
    .where(*_BETWEEN, _table.webhook_id.is_not(None))
    .group_by(_table.webhook_id, _table.event)
)
_LATEST_BETWEEN = SHOWN.where(_table.id.in_(_newest)).order_by(None).order_by(_table.id)
_ATTEMPTS = (
    select(delivery_attempts.c.success, delivery_attempts.c.logs, delivery_attempts.c.created_at)
    .join(deliveries, _table.id == delivery_attempts.c.triggered_webhook_id)
    .where(_table.uuid == bindparam("uuid"))
    .order_by(delivery_attempts.c.id)
)


class Deliveries:
    """Deliveries that wait, and those that are finished."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, uuid: str) -> Delivery | None:
        """Return the delivery with this uuid."""
        return next(iter(self._some(_BY_UUID, uuid=uuid)), None)

    def of_version(self, version: Version, provider: str) -> list[Delivery]:
        """Return the deliveries about a consumer version's pact with a provider, newest first."""
        return self._some(_OF_VERSION, version_id=version.id, provider=provider)

    def of_result(self, number: int) -> list[Delivery]:
        """Return the deliveries about a verification result, newest first."""
        return self._some(_OF_RESULT, number=number)

    def of_webhook(self, webhook: Webhook, most: int) -> list[Delivery]:
        """Return the newest deliveries of a webhook, newest first."""
        return self._some(_OF_WEBHOOK, webhook_id=webhook.id, most=most)

    def latest_between(self, consumer: str, provider: str) -> list[Delivery]:
        """Return the newest delivery of each existing webhook for each event, oldest first."""
        return self._some(_LATEST_BETWEEN, consumer=consumer, provider=provider)

    def attempts(self, uuid: str) -> list[DeliveryAttempt]:
        """Return the attempts of a delivery, oldest first."""
        return [DeliveryAttempt(*row) for row in self._connection.execute(_ATTEMPTS, {"uuid": uuid})]

    def _some(self, statement: Select[Any], **values: object) -> list[Delivery]:
        return [delivery(row) for row in self._connection.execute(statement, values)]


def delivery(row: Any) -> Delivery:
    """Return the delivery of a row of `SHOWN`."""
    return replace(Delivery(*row), status=Status(row.status))
