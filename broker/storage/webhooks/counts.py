"""How many deliveries wait in the outbox, and how many webhooks there are and fail."""

from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from broker.storage.moments import NOW
from broker.storage.tables import deliveries, webhooks
from tally.values import dataclass

_due_at = deliveries.c.due_at
# A delivery whose lease has ended is due as well: the worker that claimed it is gone.
_DEPTH = select(
    func.count().filter(_due_at <= NOW).label("due"),
    func.count().label("waiting"),
    func.min(_due_at).label("oldest"),
    NOW.label("now"),
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
class WebhookStates:
    """How many webhooks are *enabled*, were *disabled* by a user, or *given_up*: disabled by the broker.

    The names are labels of the metric `tally_webhooks`.
    """

    enabled: int
    disabled: int
    given_up: int


@dataclass(frozen=True)
class OutboxDepth:
    """How many deliveries are *due*, how many come *later* or are under way; how long the oldest is due."""

    due: int
    later: int
    seconds_late: float


class WebhookCounts:
    """Counts of deliveries that wait, and of webhooks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def depth(self) -> OutboxDepth:
        """Return how many deliveries wait."""
        row = self._connection.execute(_DEPTH).one()
        late = (row.now - row.oldest).total_seconds() if row.due else 0.0
        return OutboxDepth(row.due, row.waiting - row.due, late)

    def failing(self, most: int) -> dict[str, int]:
        """Return how many deliveries in a row failed for good, by uuid of the webhook: the worst *most*."""
        return self._by_uuid(_FAILING, most)

    def retrying(self, most: int) -> dict[str, int]:
        """Return how many deliveries failed and are tried again, by webhook (uuid): *most* of them."""
        return self._by_uuid(_RETRYING, most)

    def states(self) -> WebhookStates:
        """Return how many webhooks there are, by state."""
        return WebhookStates(*self._connection.execute(_STATES).one())

    def _by_uuid(self, statement: Select[Any], most: int) -> dict[str, int]:
        return {row.uuid: row.number for row in self._connection.execute(statement, {"most": most})}
