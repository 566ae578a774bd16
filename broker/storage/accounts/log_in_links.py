"""Links by which somebody logs in once, known by the SHA-256 of their code."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from broker.storage.tables import log_in_links

_COLUMNS = log_in_links.c
_ADD = insert(log_in_links)
_USE = (
    delete(log_in_links)
    .where(_COLUMNS.digest == bindparam("asked"), _COLUMNS.expires_at > bindparam("now"))
    .returning(_COLUMNS.account_id)
)
_REMOVE_OF = delete(log_in_links).where(_COLUMNS.account_id == bindparam("account"))
_REMOVABLE = (
    select(_COLUMNS.id)
    .where(_COLUMNS.expires_at <= bindparam("now"))
    .order_by(_COLUMNS.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_REMOVE_EXPIRED = delete(log_in_links).where(_COLUMNS.id.in_(_REMOVABLE))


class LogInLinks:
    """The links that nobody has used yet."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, digest: bytes, account_id: int, *, now: datetime, expires_at: datetime) -> None:
        """Store a link for an account."""
        values = {"digest": digest, "account_id": account_id, "created_at": now, "expires_at": expires_at}
        self._connection.execute(_ADD, values)

    def use(self, digest: bytes, now: datetime) -> int | None:
        """Use a link up; return the id of its account, or None. Of two who use it at once, one gets it."""
        return self._connection.scalar(_USE, {"asked": digest, "now": now})

    def remove_of(self, account_id: int) -> int:
        """Remove the links of an account; return how many."""
        return self._connection.execute(_REMOVE_OF, {"account": account_id}).rowcount

    def remove_expired(self, now: datetime, *, most: int) -> int:
        """Remove at most *most* links that work no more; return how many."""
        return self._connection.execute(_REMOVE_EXPIRED, {"now": now, "most": most}).rowcount
