"""How much there is to do, and what goes wrong: the depth of the queue of webhooks, and those that fail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from broker.storage.tables import deliveries, webhooks

_due_at = deliveries.c.due_at
# An expired lease is due as well: whoever had it is gone.
_DEPTH = select(
    func.count().filter(_due_at <= bindparam("now", type_=_due_at.type)).label("due"),
    func.count().label("waiting"),
    func.min(_due_at).label("oldest"),
).where(_due_at.is_not(None))

_FAILING = (
    select(webhooks.c.uuid, webhooks.c.failures.label("number"))
    .where(webhooks.c.failures > 0)
    .order_by(webhooks.c.failures.desc(), webhooks.c.id)
    .limit(bindparam("most"))
)
_RETRYING = (
    select(deliveries.c.webhook_uuid.label("uuid"), func.count().label("number"))
    .where(_due_at.is_not(None), deliveries.c.attempts > 0)
    .group_by(deliveries.c.webhook_uuid)
    .order_by(func.count().desc(), deliveries.c.webhook_uuid)
    .limit(bindparam("most"))
)
_STATES = select(
    func.count().filter(webhooks.c.enabled).label("enabled"),
    func.count().filter(~webhooks.c.enabled, webhooks.c.disabled_at.is_(None)).label("disabled"),
    func.count().filter(webhooks.c.disabled_at.is_not(None)).label("given_up"),
).select_from(webhooks)


@dataclass(frozen=True)
class States:
    """How many webhooks are *enabled*, were *disabled* by somebody, or *given_up* by the broker."""

    enabled: int
    disabled: int
    given_up: int


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
        row = self._connection.execute(_DEPTH, {"now": now}).one()
        return Depth(row.due, row.waiting - row.due, row.oldest if row.due else None)

    def failing(self, most: int) -> dict[str, int]:
        """Return how often webhooks failed for good, in a row, by uuid: of *most*, the worst first."""
        return self._by_uuid(_FAILING, most)

    def retrying(self, most: int) -> dict[str, int]:
        """Return how many deliveries failed and are tried again, by the webhook's uuid: of *most* of them."""
        return self._by_uuid(_RETRYING, most)

    def states(self) -> States:
        """Return how many webhooks there are."""
        return States(*self._connection.execute(_STATES).one())

    def _by_uuid(self, statement: Select[Any], most: int) -> dict[str, int]:
        return {row.uuid: row.number for row in self._connection.execute(statement, {"most": most})}
