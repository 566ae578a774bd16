"""How much there is to do: the depth of the queue of webhooks."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from broker.storage.tables import triggered_webhooks

_due_at = triggered_webhooks.c.due_at
# An expired lease is due as well: whoever had it is gone.
_DEPTH = select(
    func.count().filter(_due_at <= bindparam("now", type_=_due_at.type)), func.count(), func.min(_due_at)
).where(_due_at.is_not(None))


@dataclass(frozen=True)
class Depth:
    """Deliveries that are *due*, that come *later* or are under way, and since when the *oldest* is due."""

    due: int
    later: int
    oldest: datetime | None


class Queue:
    """The queue of webhooks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def depth(self, now: datetime) -> Depth:
        """Return how much is waiting."""
        due, everything, oldest = self._connection.execute(_DEPTH, {"now": now}).one()
        return Depth(due, everything - due, oldest if due else None)
