"""The latest changes of what decisions depend on, by any process.

A client that waits for an answer asks for them again and again: one statement, one step in an index.

A change is there from the moment that its transaction is committed, dated by the moment of the change. So a
look sees it if that took less than `SECONDS`. A transaction that takes long says so at its end.
"""

from time import monotonic
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select

from broker.storage.dialects import constant
from broker.storage.moments import NOW, in_seconds
from broker.storage.tables import changes

SECONDS = 30.0
"""How far a look goes back."""
LONG = 10.0
"""Seconds after which a transaction tells everybody at its end that something has changed."""
KEPT = 600.0
"""Seconds until a change may be removed."""
MOST = 2000
"""Changes that one look reads, in about 10 ms. More come with an import: then all may be concerned."""
_NEWEST = (
    select(changes.c.id, changes.c.noted_at, changes.c.pacticipant_id, changes.c.other_id)
    .where(changes.c.noted_at > in_seconds("back"))
    .order_by(changes.c.noted_at.desc())
    .limit(constant(MOST + 1))
)
_TELL_ALL = insert(changes).values(noted_at=NOW)
_OLD = (
    select(changes.c.id)
    .where(changes.c.noted_at < in_seconds("back"))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_REMOVE = delete(changes).where(changes.c.id.in_(_OLD))


class Change(NamedTuple):
    """Something that was changed, and the ids of the pacticipants that it concerns; none means all.

    SQLite may give an id again, of one that was removed: *noted_at* tells them apart.
    """

    id: int
    noted_at: object
    pacticipant_id: int | None
    other_id: int | None


class Changes:
    """The latest changes of what decisions depend on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self) -> frozenset[Change]:
        """Return the changes of the last `SECONDS`; those that an earlier call did not return are new."""
        rows = self._connection.execute(_NEWEST, {"back": -SECONDS}).all()
        found = frozenset(Change(*row) for row in rows)
        # What was not read may be new: another moment makes this a change that no earlier call returned.
        return found | {Change(0, monotonic(), None, None)} if len(rows) > MOST else found

    def tell_all(self) -> None:
        """Note that everybody may be concerned: this transaction has taken long."""
        self._connection.execute(_TELL_ALL)

    def remove_old(self, *, most: int, seconds: float = KEPT) -> int:
        """Remove at most *most* changes that are older than so many seconds; return how many."""
        return self._connection.execute(_REMOVE, {"back": -seconds, "most": most}).rowcount
