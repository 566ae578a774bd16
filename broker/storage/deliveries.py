"""The outbox: deliveries of webhooks, written in the transaction of their cause and claimed with a lease."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import Connection, Select, bindparam, func, insert, literal, select, update

from broker.domain.deliveries import Delivery, Execution, Status
from broker.domain.model import Version
from broker.domain.triggering import Hook, Occurrence
from broker.domain.webhooks import Webhook
from broker.storage.tables import pacticipants, triggered_webhooks, webhook_executions, webhooks

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_table = triggered_webhooks.c

_SHOWN = (
    select(
        _table.uuid,
        _table.webhook_uuid,
        _table.webhook_id.is_not(None),
        _table.name,
        _table.event,
        _consumers.c.name,
        _providers.c.name,
        _table.status,
        _table.attempts,
        _table.trigger_type,
        _table.created_at,
    )
    .join_from(triggered_webhooks, _consumers, _consumers.c.id == _table.consumer_id)
    .join(_providers, _providers.c.id == _table.provider_id)
    .order_by(_table.id.desc())
)
_BY_UUID = _SHOWN.where(_table.uuid == bindparam("uuid"))
_BETWEEN = (_consumers.c.name == bindparam("consumer"), _providers.c.name == bindparam("provider"))
_OF_VERSION = _SHOWN.where(
    _table.consumer_version_id == bindparam("version_id"), _providers.c.name == bindparam("provider")
)
_OF_RESULT = _SHOWN.where(_table.verification_id == bindparam("number"))
_OF_WEBHOOK = _SHOWN.where(_table.webhook_id == bindparam("webhook_id")).limit(bindparam("most"))
_others = triggered_webhooks.alias("others")
_newest_of_webhook = (
    select(_others.c.id)
    .where(_others.c.webhook_id == webhooks.c.id)
    .order_by(_others.c.id.desc())
    .limit(1)
    .correlate(webhooks)
)
_newest_of_each = select(_newest_of_webhook.scalar_subquery()).select_from(webhooks)
_LATEST_OF_EACH = _SHOWN.where(_table.id.in_(_newest_of_each))
_newest = (
    select(func.max(_table.id))
    .join_from(triggered_webhooks, _consumers, _consumers.c.id == _table.consumer_id)
    .join(_providers, _providers.c.id == _table.provider_id)
    .where(*_BETWEEN, _table.webhook_id.is_not(None))
    .group_by(_table.webhook_id, _table.event)
)
_LATEST_BETWEEN = _SHOWN.where(_table.id.in_(_newest))
_EXECUTIONS = (
    select(webhook_executions.c.success, webhook_executions.c.logs, webhook_executions.c.created_at)
    .join(triggered_webhooks, _table.id == webhook_executions.c.triggered_webhook_id)
    .where(_table.uuid == bindparam("uuid"))
    .order_by(webhook_executions.c.id)
)
_ADD = insert(triggered_webhooks)
_NOW = bindparam("now", type_=_table.due_at.type)
_ANY_DUE = select(literal(1)).where(_table.due_at <= _NOW).limit(1)
_DUE = (
    select(
        _table.id,
        _table.uuid,
        _table.webhook_id,
        _table.event,
        _table.receiver,
        _table.attempts,
        _table.claims + 1,
        _table.parameters,
    )
    .where(_table.due_at <= _NOW)
    .order_by(_table.due_at)
    .limit(bindparam("most"))
    # Two workers must not send the same delivery, and neither waits for the other.
    .with_for_update(skip_locked=True)
)
_DUE_EXCEPT = _DUE.where(_table.receiver.not_in(bindparam("receivers", expanding=True)))
_DUE_ONLY = _DUE.where(_table.receiver.in_(bindparam("receivers", expanding=True)))
_CLAIM = (
    update(triggered_webhooks)
    .where(_table.id.in_(bindparam("ids", expanding=True)))
    .values(claims=_table.claims + 1, due_at=bindparam("until"))
)
_RECORD = (
    update(triggered_webhooks)
    .where(
        _table.id == bindparam("delivery_id"),
        _table.claims == bindparam("claim"),
        _table.attempts == bindparam("made_before"),
        _table.due_at.is_not(None),
    )
    .values(status=bindparam("new_status"), attempts=_table.attempts + 1, due_at=bindparam("next_due"))
)
_ADD_EXECUTION = insert(webhook_executions)
_SEND_AGAIN = (
    update(triggered_webhooks)
    .where(_table.uuid == bindparam("delivery_uuid"), _table.due_at.is_(None))
    .values(status=Status.NOT_RUN.value, attempts=0, due_at=bindparam("now"))
)


@dataclass(frozen=True)
class Claimed:
    """A delivery that this worker, and no other, may attempt once until its lease ends."""

    id: int
    uuid: str
    webhook_id: int | None
    event: str
    receiver: str
    attempts: int
    claim: int
    parameters: bytes


@dataclass(frozen=True)
class Result:
    """What came of an attempt; *next_due* is when to try again, None when it is finished."""

    status: Status
    logs: str
    next_due: datetime | None

    @property
    def success(self) -> bool:
        """Whether the delivery arrived."""
        return self.status is Status.SUCCESS


class Deliveries:
    """What has to be sent, and what was."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, triggered: Sequence[tuple[Hook, Occurrence]], now: datetime) -> list[str]:
        """Store deliveries that are due at once, and return their uuids."""
        rows = [_row(hook, occurrence, now) for hook, occurrence in triggered]
        if rows:
            self._connection.execute(_ADD, rows)
        return [str(row["uuid"]) for row in rows]

    def any_due(self, now: datetime) -> bool:
        """Return whether there is anything to claim."""
        return self._connection.scalar(_ANY_DUE, {"now": now}) is not None

    def claim(
        self,
        now: datetime,
        until: datetime,
        *,
        most: int,
        receivers: Iterable[str] = (),
        only: bool = False,
    ) -> list[Claimed]:
        """Take those that are due longest, up to *most*; nobody else may have them *until* then.

        *receivers* are those to leave out or, with *only*, the only ones.
        """
        values = {"now": now, "most": most, "receivers": list(receivers)}
        found = self._connection.execute(_DUE_ONLY if only else _DUE_EXCEPT, values)
        claimed = [Claimed(*row) for row in found]
        if claimed:
            self._connection.execute(_CLAIM, {"ids": [item.id for item in claimed], "until": until})
        return claimed

    def record(self, claimed: Claimed, result: Result, now: datetime) -> bool:
        """Store what came of the attempt.

        Return False, having changed nothing, when another worker has taken over since, when it is recorded
        already, or when the delivery is gone.
        """
        recorded = self._connection.execute(
            _RECORD,
            {
                "delivery_id": claimed.id,
                "claim": claimed.claim,
                "made_before": claimed.attempts,
                "new_status": result.status.value,
                "next_due": result.next_due,
            },
        )
        if not recorded.rowcount:
            return False
        values = {
            "triggered_webhook_id": claimed.id,
            "success": result.success,
            "logs": result.logs,
            "created_at": now,
        }
        self._connection.execute(_ADD_EXECUTION, values)
        return True

    def send_again(self, uuid: str, now: datetime) -> bool:
        """Make a finished delivery due; return False when it is not finished."""
        return self._connection.execute(_SEND_AGAIN, {"delivery_uuid": uuid, "now": now}).rowcount > 0

    def find(self, uuid: str) -> Delivery | None:
        """Return the delivery with this uuid."""
        return next(iter(self._some(_BY_UUID, uuid=uuid)), None)

    def of_version(self, version: Version, provider: str) -> list[Delivery]:
        """Return what a consumer version's pact with a provider triggered, newest first."""
        return self._some(_OF_VERSION, version_id=version.id, provider=provider)

    def of_result(self, number: int) -> list[Delivery]:
        """Return what the verification result triggered, newest first."""
        return self._some(_OF_RESULT, number=number)

    def of_webhook(self, webhook: Webhook, most: int) -> list[Delivery]:
        """Return the newest deliveries of a webhook, newest first."""
        return self._some(_OF_WEBHOOK, webhook_id=webhook.id, most=most)

    def latest_of_each(self) -> Mapping[str, Delivery]:
        """Return the newest delivery of each webhook that has any, by the webhook's uuid."""
        return {delivery.webhook_uuid: delivery for delivery in self._some(_LATEST_OF_EACH)}

    def latest_between(self, consumer: str, provider: str) -> list[Delivery]:
        """Return the newest of each webhook that still exists and event, newest first."""
        return self._some(_LATEST_BETWEEN, consumer=consumer, provider=provider)

    def executions(self, uuid: str) -> list[Execution]:
        """Return the attempts of a delivery, oldest first."""
        return [Execution(*row) for row in self._connection.execute(_EXECUTIONS, {"uuid": uuid})]

    def _some(self, statement: Select[Any], **values: object) -> list[Delivery]:
        return [_delivery(row) for row in self._connection.execute(statement, values)]


def _row(hook: Hook, occurrence: Occurrence, now: datetime) -> dict[str, object]:
    return {
        "uuid": str(uuid4()),
        "webhook_id": hook.id,
        "webhook_uuid": hook.uuid,
        "consumer_id": occurrence.pair.consumer_id,
        "provider_id": occurrence.pair.provider_id,
        "consumer_version_id": occurrence.consumer_version_id,
        "verification_id": occurrence.verification_id,
        "name": hook.name,
        "event": str(occurrence.event),
        "trigger_type": "resource_creation",
        "parameters": orjson.dumps(occurrence.parameters),
        "receiver": hook.receiver,
        "status": Status.NOT_RUN.value,
        "attempts": 0,
        "claims": 0,
        "due_at": now,
        "created_at": now,
    }


def _delivery(row: Any) -> Delivery:  # noqa: ANN401 - the columns of _SHOWN
    return replace(Delivery(*row), status=Status(row.status))
