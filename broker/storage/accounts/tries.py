"""How often something was tried, counted for all processes together.

What was tried is stored as a digest alone: names that were typed may be passwords.
"""

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.storage.tables import tries

_ADD = insert(tries)
_COUNT = _ADD.on_conflict_do_update(
    index_elements=["digest", "start"], set_={"count": tries.c.count + 1}
).returning(tries.c.count)
_SO_FAR = select(tries.c.count).where(
    tries.c.digest == bindparam("asked"), tries.c.start == bindparam("begin")
)
_FORGET = delete(tries).where(tries.c.digest == bindparam("asked"))
_FORGET_OLD = delete(tries).where(tries.c.start < bindparam("before"))


class Tries:
    """Counts of tries, each in a period that begins at *start*: seconds since 1970."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, digest: bytes, start: int) -> int:
        """Count a try; return how many there were in this period, with this one."""
        return int(self._connection.scalars(_COUNT, {"digest": digest, "start": start, "count": 1}).one())

    def so_far(self, digest: bytes, start: int) -> int:
        """Return how many there were in this period."""
        return self._connection.scalar(_SO_FAR, {"asked": digest, "begin": start}) or 0

    def forget(self, digest: bytes) -> None:
        """Count from nothing again."""
        self._connection.execute(_FORGET, {"asked": digest})

    def forget_before(self, start: int) -> int:
        """Forget what was tried in earlier periods; return how many counts that were."""
        return self._connection.execute(_FORGET_OLD, {"before": start}).rowcount
