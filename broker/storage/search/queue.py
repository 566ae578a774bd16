"""What has changed and is not in the index of the search yet; triggers of the database write it."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select

from broker.storage.dialects import is_in
from broker.storage.tables import search_queue

_FIRST = select(*search_queue.c).order_by(search_queue.c.id).limit(bindparam("most"))
_some = select(search_queue.c.id).limit(bindparam("most")).subquery()
_COUNT = select(func.count()).select_from(_some)
_REMOVE = delete(search_queue).where(is_in(search_queue.c.id, "ids"))


class WaitingKind(IntEnum):
    """Whose ids wait."""

    PACTICIPANT = 1
    BRANCH = 2
    VERSION = 3
    INTEGRATION = 4


class Waiting(NamedTuple):
    """Something that has changed; *other_id* is of the provider when *thing_id* is of the consumer."""

    id: int
    kind: int
    thing_id: int
    other_id: int | None


class SearchQueue:
    """What waits for the index."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def first(self, most: int) -> list[Waiting]:
        """Return at most as many, the oldest first."""
        return [Waiting(*row) for row in self._connection.execute(_FIRST, {"most": most})]

    def count(self, most: int) -> int:
        """Return how many wait, and no more than *most*."""
        return self._connection.scalar(_COUNT, {"most": most}) or 0

    def remove(self, ids: Sequence[int]) -> None:
        """Forget what is in the index now."""
        self._connection.execute(_REMOVE, {"ids": list(ids)})
