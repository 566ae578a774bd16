"""The outbox: deliveries, written in the transaction of their event and claimed with a lease.

When one is due, and until when a worker has it, is told by the clock of the database.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from uuid import uuid4

import orjson
from sqlalchemy import Connection, bindparam, insert, literal, select, update

from broker.domain.trace_parent import TraceParent
from broker.domain.webhooks.delivery import NewDelivery, Status
from broker.storage.dialects import ONE
from broker.storage.direct_statements import later
from broker.storage.moments import NOW, in_seconds
from broker.storage.tables import deliveries, delivery_attempts
from broker.storage.values_of_rows import values_of
from tally.values import dataclass

_table = deliveries.c
_ADD = insert(deliveries).values(due_at=NOW)
_ANY_DUE = select(literal(1)).where(_table.due_at <= NOW).limit(ONE)
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
        _table.traceparent,
    )
    .where(_table.due_at <= NOW, _table.id.not_in(bindparam("under_way", expanding=True)))
    .order_by(_table.due_at)
    .limit(bindparam("most"))
    # Two workers must not send the same delivery, and neither waits for the other.
    .with_for_update(skip_locked=True)
)
_DUE_EXCEPT = _DUE.where(_table.receiver.not_in(bindparam("receivers", expanding=True)))
_DUE_ONLY = _DUE.where(_table.receiver.in_(bindparam("receivers", expanding=True)))
_CLAIM = (
    update(deliveries)
    .where(_table.id.in_(bindparam("ids", expanding=True)))
    .values(claims=_table.claims + 1, due_at=in_seconds("lease"))
)
_IS_TOO_FAR = _table.due_at > in_seconds("longest")
_ANY_TOO_FAR = select(literal(1)).where(_IS_TOO_FAR).limit(ONE)
_BRING_FORWARD = update(deliveries).where(_IS_TOO_FAR).values(due_at=NOW)
_RECORD = (
    update(deliveries)
    .where(
        _table.id == bindparam("delivery_id"),
        _table.claims == bindparam("claim"),
        _table.attempts == bindparam("made_before"),
        _table.due_at.is_not(None),
    )
    .values(
        status=bindparam("new_status"),
        answer=bindparam("new_answer"),
        attempts=_table.attempts + 1,
        due_at=in_seconds("until_next"),
    )
)
_ADD_ATTEMPT = insert(delivery_attempts)
_SEND_AGAIN = (
    update(deliveries)
    .where(_table.uuid == bindparam("delivery_uuid"), _table.due_at.is_(None))
    .values(status=Status.NOT_RUN.value, attempts=0, due_at=NOW)
)


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery that only this worker may attempt, once, until its lease ends."""

    id: int
    uuid: str
    webhook_id: int | None
    event: str
    receiver: str
    attempts: int
    claim: int
    parameters: bytes
    traceparent: str | None
    """That of the request that caused it; None for what no request caused."""


@dataclass(frozen=True)
class AttemptRecord:
    """What is recorded of an attempt, and in how many seconds to try again: None when it is finished."""

    status: Status
    logs: str
    seconds_until_next: float | None
    answer: str = ""

    @property
    def success(self) -> bool:
        """Whether the receiver took the delivery."""
        return self.status is Status.SUCCESS


class Outbox:
    """The deliveries that wait to be sent. *trace* returns the trace of the request that adds some."""

    def __init__(self, connection: Connection, trace: Callable[[], TraceParent] | None = None) -> None:
        self._connection = connection
        self._trace = trace

    def add(self, new: Sequence[NewDelivery], now: datetime) -> list[str]:
        """Store deliveries that are due at once, and return their uuids."""
        rows = [_row(delivery, now) for delivery in new]
        if rows:
            caused_by = str(self._trace()) if self._trace else None
            for row in rows:
                row["traceparent"] = caused_by
            later(self._connection, _ADD, values_of(rows))
        return [str(row["uuid"]) for row in rows]

    def any_due(self) -> bool:
        """Return whether there is anything to claim."""
        return self._connection.scalar(_ANY_DUE) is not None

    def any_due_after(self, longest: float) -> bool:
        """Return whether anything is due in more than *longest* seconds only."""
        return self._connection.scalar(_ANY_TOO_FAR, {"longest": longest}) is not None

    def bring_forward(self, longest: float) -> int:
        """Let everything be due now that is due in more than *longest* seconds; return how much that is."""
        return self._connection.execute(_BRING_FORWARD, {"longest": longest}).rowcount

    def claim(
        self,
        lease: float,
        *,
        most: int,
        receivers: Iterable[str] = (),
        only: bool = False,
        under_way: Collection[int] = (),
    ) -> list[ClaimedDelivery]:
        """Claim up to *most* deliveries, those that are due longest first, for so many seconds (*lease*).

        *receivers* are left out or, with *only*, are the only ones. Those *under_way* are left out.
        """
        values = {"most": most, "receivers": list(receivers), "under_way": list(under_way)}
        found = self._connection.execute(_DUE_ONLY if only else _DUE_EXCEPT, values)
        claimed = [ClaimedDelivery(*row) for row in found]
        if claimed:
            self._connection.execute(_CLAIM, {"ids": [item.id for item in claimed], "lease": float(lease)})
        return claimed

    def record(self, claimed: ClaimedDelivery, attempt: AttemptRecord, now: datetime) -> bool:
        """Store the attempt.

        Return False, having changed nothing, when the lease ended and another worker claimed the delivery,
        when the attempt is recorded already, or when the delivery was deleted.
        """
        seconds = attempt.seconds_until_next
        recorded = self._connection.execute(
            _RECORD,
            {
                "delivery_id": claimed.id,
                "claim": claimed.claim,
                "made_before": claimed.attempts,
                "new_status": attempt.status.value,
                "new_answer": attempt.answer,
                "until_next": None if seconds is None else float(seconds),
            },
        )
        if not recorded.rowcount:
            return False
        values = {
            "triggered_webhook_id": claimed.id,
            "success": attempt.success,
            "logs": attempt.logs,
            "created_at": now,
        }
        self._connection.execute(_ADD_ATTEMPT, values)
        return True

    def send_again(self, uuid: str) -> bool:
        """Make a finished delivery due; return False when it is not finished."""
        return self._connection.execute(_SEND_AGAIN, {"delivery_uuid": uuid}).rowcount > 0


def _row(delivery: NewDelivery, now: datetime) -> dict[str, object]:
    return {
        "uuid": str(uuid4()),
        "webhook_id": delivery.trigger.id,
        "webhook_uuid": delivery.trigger.uuid,
        "consumer_id": delivery.integration and delivery.integration.consumer_id,
        "provider_id": delivery.integration and delivery.integration.provider_id,
        "consumer_version_id": delivery.consumer_version_id,
        "verification_id": delivery.verification_id,
        "name": delivery.trigger.name,
        "event": delivery.event,
        "trigger_type": "resource_creation",
        "parameters": orjson.dumps(delivery.parameters),
        "receiver": delivery.trigger.receiver,
        "status": Status.NOT_RUN.value,
        "attempts": 0,
        "claims": 0,
        "created_at": now,
    }
