"""Pacticipants: the applications that the broker knows."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Select, String, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant, PacticipantDescription
from broker.domain.names import display_name
from broker.domain.pagination import Page, PartOfList
from broker.storage.dialects import is_in_unseen
from broker.storage.insights.counters import Counters
from broker.storage.pagination import Pageable, containing, pattern
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import former_main_branches, labels, pacticipants

_COLUMNS = (
    pacticipants.c.id,
    pacticipants.c.name,
    pacticipants.c.display_name,
    pacticipants.c.repository_url,
    pacticipants.c.repository_name,
    pacticipants.c.repository_namespace,
    pacticipants.c.main_branch,
    pacticipants.c.created_at,
    pacticipants.c.updated_at,
)
_in_order = select(*_COLUMNS).order_by(func.lower(pacticipants.c.name), pacticipants.c.name)
_ALL = Pageable(_in_order)
_SEARCH = Pageable(_in_order.where(containing(pacticipants.c.name)))
_has_label = (
    select(labels.c.id)
    .where(labels.c.pacticipant_id == pacticipants.c.id, labels.c.name == bindparam("label"))
    .exists()
)
_WITH_LABEL = Pageable(_in_order.where(_has_label))
_SEARCH_WITH_LABEL = Pageable(_in_order.where(_has_label, containing(pacticipants.c.name)))
_NAMES = select(pacticipants.c.name)
_BY_NAMES = select(*_COLUMNS).where(is_in_unseen(pacticipants.c.name, "names"))
_CREATE = insert(pacticipants).on_conflict_do_nothing(index_elements=["name"])
_SET_MAIN_BRANCH = (
    update(pacticipants)
    .where(pacticipants.c.id == bindparam("pacticipant_id"), pacticipants.c.main_branch.is_(None))
    .values(main_branch=bindparam("branch"), updated_at=bindparam("now"))
)
_DESCRIBE = (
    update(pacticipants)
    .where(pacticipants.c.id == bindparam("pacticipant_id"))
    .values(
        display_name=bindparam("display_name"),
        repository_url=bindparam("repository_url"),
        repository_name=bindparam("repository_name"),
        repository_namespace=bindparam("repository_namespace"),
        main_branch=bindparam("main_branch"),
        updated_at=bindparam("now"),
    )
)
_main_branch_changes = select(
    pacticipants.c.id,
    func.coalesce(pacticipants.c.main_branch, ""),
    bindparam("now", type_=former_main_branches.c.until.type),
).where(
    pacticipants.c.id == bindparam("pacticipant_id"),
    pacticipants.c.main_branch.is_distinct_from(bindparam("main_branch", type_=String)),
)


def _remember(changes: Select[Any]) -> Insert:
    return insert(former_main_branches).from_select(["pacticipant_id", "name", "until"], changes)


_REMEMBER_MAIN_BRANCH = _remember(_main_branch_changes)
_REMEMBER_NONE = _remember(_main_branch_changes.where(pacticipants.c.main_branch.is_(None)))
_DELETE = delete(pacticipants).where(pacticipants.c.id == bindparam("pacticipant_id"))


class Pacticipants:
    """Pacticipants, by name."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def all(self, page: Page | None = None, search: str | None = None) -> PartOfList[Pacticipant]:
        """Return those whose name contains *search*, sorted by name, both regardless of case."""
        if search is None:
            rows, total = _ALL.read(self._connection, {}, page)
        else:
            rows, total = _SEARCH.read(self._connection, {"q": pattern(search)}, page)
        return PartOfList([_pacticipant(row) for row in rows], total, page)

    def with_label(
        self, label: str, page: Page | None = None, search: str | None = None
    ) -> PartOfList[Pacticipant]:
        """Return those with the label, and with *search* in their name if it is given; sorted as `all`."""
        values = {"label": label}
        if search is None:
            rows, total = _WITH_LABEL.read(self._connection, values, page)
        else:
            rows, total = _SEARCH_WITH_LABEL.read(self._connection, {**values, "q": pattern(search)}, page)
        return PartOfList([_pacticipant(row) for row in rows], total, page)

    def names(self) -> list[str]:
        return list(self._connection.scalars(_NAMES))

    def find(self, name: str) -> Pacticipant | None:
        return self.find_many([name]).get(name)

    def find_many(self, names: Iterable[str]) -> Mapping[str, Pacticipant]:
        """Return those that exist, by name."""
        rows = self._connection.execute(_BY_NAMES, {"names": list(names)})
        return {row.name: _pacticipant(row) for row in rows}

    def create(self, names: Iterable[str], now: datetime) -> Mapping[str, Pacticipant]:
        """Create the pacticipants that are missing, and return all of these.

        Rows are inserted in the order of their names. Otherwise two publications at once could each wait for
        a name that the other has inserted.
        """
        wanted = sorted(set(names))
        self._connection.execute(_CREATE, [_new(name, now) for name in wanted])
        return self.find_many(wanted)

    def find_or_create(self, names: Iterable[str], now: datetime) -> Mapping[str, Pacticipant]:
        """Return the pacticipants with these names, after creating those that are missing."""
        wanted = list(names)
        found = self.find_many(wanted)
        missing = [name for name in wanted if name not in found]
        return {**found, **self.create(missing, now)} if missing else found

    def describe(self, pacticipant: Pacticipant, description: PacticipantDescription, now: datetime) -> None:
        """Replace the description of the pacticipant, and record which main branch it had until now."""
        values = {**vars(description), "pacticipant_id": pacticipant.id, "now": now}
        if self._connection.execute(_REMEMBER_MAIN_BRANCH, values).rowcount:
            self._marks.changed(pacticipant.name)
        self._connection.execute(_DESCRIBE, values)

    def delete(self, pacticipant: Pacticipant) -> None:
        """Remove the pacticipant with its versions, pacts and results."""
        counters = Counters(self._connection)
        counters.hold()
        self._connection.execute(_DELETE, {"pacticipant_id": pacticipant.id})
        counters.forget_deleted([pacticipant.id])

    def set_main_branch_if_unset(self, pacticipant: Pacticipant, branch: str, now: datetime) -> None:
        """Make *branch* the main branch unless there is one: the first branch wins (reference §5.3)."""
        values = {"pacticipant_id": pacticipant.id, "now": now}
        if pacticipant.created_at < now:
            self._connection.execute(_REMEMBER_NONE, {**values, "main_branch": branch})
        if self._connection.execute(_SET_MAIN_BRANCH, {**values, "branch": branch}).rowcount:
            self._marks.changed(pacticipant.name)


def _pacticipant(row: Any) -> Pacticipant:
    return Pacticipant(*row)  # _COLUMNS has the fields in their order


def _new(name: str, now: datetime) -> dict[str, object]:
    return {"name": name, "display_name": display_name(name), "created_at": now, "updated_at": now}
