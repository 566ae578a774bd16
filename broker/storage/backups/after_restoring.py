"""What a restored database must not go on with: what was under way when the backup was made."""

from sqlalchemy import Connection, delete, update

from broker.domain.webhooks.delivery import Status
from broker.storage.tables import (
    content_objects,
    deliveries,
    idempotency_keys,
    leases,
    log_in_links,
    sessions,
)
from tally.values import dataclass

NOT_SENT = "not sent: the database was restored from a backup"


@dataclass(frozen=True)
class Ended:
    """How many log-ins were ended, and how many deliveries of webhooks are not sent."""

    log_ins: int
    deliveries: int


def end_what_was_under_way(connection: Connection, *, deliver: bool) -> Ended:
    """End leases, log-ins and requests under way; and, unless *deliver*, what was still to be sent.

    The processes that had the leases are not those of this database. Who has logged out since must not be
    logged in again. What was to be sent may have been sent since.
    """
    log_ins = connection.execute(delete(sessions)).rowcount
    connection.execute(delete(log_in_links))
    connection.execute(delete(leases))
    # Another database may need the same objects, that of which this is a copy: this one never removes them.
    connection.execute(delete(content_objects))
    # One without an answer: a webhook was being tried, and nobody will ever record what came of it.
    connection.execute(delete(idempotency_keys).where(idempotency_keys.c.status.is_(None)))
    if deliver:
        return Ended(log_ins, 0)
    ended = connection.execute(
        update(deliveries)
        .where(deliveries.c.due_at.is_not(None))
        .values(due_at=None, status=Status.FAILURE.value, answer=NOT_SENT)
    )
    return Ended(log_ins, ended.rowcount)
