"""Labels of pacticipants."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant
from broker.domain.pacticipants.details import Label
from broker.domain.pagination import Page, PartOfList
from broker.storage.pagination import Pageable
from broker.storage.tables import labels, webhooks

_THIS = (labels.c.pacticipant_id == bindparam("pacticipant_id"), labels.c.name == bindparam("label"))
_FIND = select(labels.c.name, labels.c.created_at).where(*_THIS)
_ADD = (
    insert(labels)
    .on_conflict_do_nothing(index_elements=["pacticipant_id", "name"])
    .returning(labels.c.pacticipant_id)
)
_DELETE = delete(labels).where(*_THIS)
_OF_MANY = (
    select(labels.c.pacticipant_id, labels.c.name)
    .where(labels.c.pacticipant_id.in_(bindparam("pacticipant_ids", expanding=True)))
    .order_by(labels.c.name)
)
_OF_WEBHOOKS = (
    select(webhooks.c.id)
    .where(
        or_(webhooks.c.consumer_label == bindparam("label"), webhooks.c.provider_label == bindparam("label"))
    )
    .limit(1)
)
_BEGINNING_WITH = (
    select(labels.c.name)
    .where(labels.c.name.startswith(bindparam("beginning"), autoescape=False))
    .distinct()
    .order_by(labels.c.name)
    .limit(bindparam("most"))
)
_NAMES = Pageable(select(labels.c.name).distinct().order_by(labels.c.name))


class Labels:
    """Labels; a pacticipant has each at most once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, pacticipant: Pacticipant, name: str) -> Label | None:
        row = self._connection.execute(_FIND, {"pacticipant_id": pacticipant.id, "label": name}).first()
        return Label(*row) if row else None

    def add(self, pacticipant: Pacticipant, name: str, now: datetime) -> bool:
        """Give the pacticipant the label. Return whether it did not have it yet."""
        values = {"pacticipant_id": pacticipant.id, "name": name, "created_at": now}
        return self._connection.execute(_ADD, values).first() is not None

    def delete(self, pacticipant: Pacticipant, name: str) -> bool:
        """Take the label off the pacticipant. Return whether it had it."""
        values = {"pacticipant_id": pacticipant.id, "label": name}
        return self._connection.execute(_DELETE, values).rowcount > 0

    def chooses_for_webhooks(self, name: str) -> bool:
        """Return whether a webhook is for the consumers or the providers that have this label."""
        return self._connection.execute(_OF_WEBHOOKS, {"label": name}).first() is not None

    def names(self, page: Page | None = None) -> PartOfList[str]:
        """Return the names of all labels, each once, sorted."""
        rows, total = _NAMES.read(self._connection, {}, page)
        return PartOfList([row.name for row in rows], total, page)

    def beginning_with(self, beginning: str, most: int) -> list[str]:
        """Return at most so many names of labels that begin so, which has no wildcards, each once, sorted."""
        return list(self._connection.scalars(_BEGINNING_WITH, {"beginning": beginning, "most": most}))

    def of_many(self, pacticipants: Iterable[Pacticipant]) -> Mapping[int, tuple[str, ...]]:
        """Return the labels of each pacticipant, sorted, by its id."""
        ids = [pacticipant.id for pacticipant in pacticipants]
        found: dict[int, tuple[str, ...]] = {}
        for pacticipant_id, name in self._connection.execute(_OF_MANY, {"pacticipant_ids": ids}):
            found[pacticipant_id] = (*found.get(pacticipant_id, ()), name)
        return found
