"""Pacticipants."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant
from broker.domain.naming import display_name
from broker.storage.tables import pacticipants

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
_ALL = select(*_COLUMNS).order_by(func.lower(pacticipants.c.name))
_NAMES = select(pacticipants.c.name)
_BY_NAMES = select(*_COLUMNS).where(pacticipants.c.name.in_(bindparam("names", expanding=True)))
_CREATE = insert(pacticipants).on_conflict_do_nothing(index_elements=["name"])
_SET_MAIN_BRANCH = (
    update(pacticipants)
    .where(pacticipants.c.id == bindparam("pacticipant_id"), pacticipants.c.main_branch.is_(None))
    .values(main_branch=bindparam("branch"), updated_at=bindparam("now"))
)


class Pacticipants:
    """The applications that the broker knows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Pacticipant]:
        """Return every pacticipant, sorted by name regardless of case."""
        return [Pacticipant(*row) for row in self._connection.execute(_ALL)]

    def names(self) -> list[str]:
        """Return the name of every pacticipant."""
        return list(self._connection.scalars(_NAMES))

    def find(self, name: str) -> Pacticipant | None:
        """Return the pacticipant with this name."""
        return self.find_many([name]).get(name)

    def find_many(self, names: Iterable[str]) -> Mapping[str, Pacticipant]:
        """Return those that exist, by name."""
        rows = self._connection.execute(_BY_NAMES, {"names": list(names)})
        return {row.name: Pacticipant(*row) for row in rows}

    def find_or_create(self, names: Iterable[str], now: datetime) -> Mapping[str, Pacticipant]:
        """Return the pacticipants with these names, after creating those that are missing.

        Rows are inserted in the order of their names: two publications at once cannot wait for each other.
        """
        wanted = sorted(set(names))
        found = self.find_many(wanted)
        if missing := [name for name in wanted if name not in found]:
            self._connection.execute(_CREATE, [_new(name, now) for name in missing])
            found = self.find_many(wanted)
        return found

    def set_main_branch_if_unset(self, pacticipant: Pacticipant, branch: str, now: datetime) -> None:
        """Make *branch* the main branch, unless there is one (reference §5.3: first come, first served)."""
        self._connection.execute(
            _SET_MAIN_BRANCH, {"pacticipant_id": pacticipant.id, "branch": branch, "now": now}
        )


def _new(name: str, now: datetime) -> dict[str, object]:
    return {"name": name, "display_name": display_name(name), "created_at": now, "updated_at": now}
