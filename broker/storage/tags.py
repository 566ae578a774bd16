"""Tags of versions."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Delete, Insert, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant, Version
from broker.domain.version import Tag
from broker.storage.tables import former_tags, tags

_BY_NAME = select(tags.c.name, tags.c.created_at).where(
    tags.c.version_id == bindparam("version_id"), tags.c.name == bindparam("tag")
)
_ADD = insert(tags).on_conflict_do_nothing(index_elements=["version_id", "name"]).returning(tags.c.name)


def _removal(which: ColumnElement[bool]) -> tuple[Insert, Delete]:
    """Return what takes tags off a version, and before that remembers that it had them."""
    kept = ("pacticipant_id", "version_id", "name", "position", "created_at")
    now = bindparam("now", type_=former_tags.c.removed_at.type)
    of_version = tags.c.version_id == bindparam("version_id")
    doomed = select(*(tags.c[name] for name in kept), now).where(of_version, which)
    return (
        insert(former_tags).from_select([*kept, "removed_at"], doomed),
        delete(tags).where(of_version, which),
    )


_REMOVE_ONE = _removal(tags.c.name == bindparam("tag"))
_REMOVE_OTHERS = _removal(tags.c.name.not_in(bindparam("kept", expanding=True)))


class Tags:
    """Tags."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, version: Version, name: str) -> Tag | None:
        """Return the tag of the version with this name."""
        row = self._connection.execute(_BY_NAME, {"version_id": version.id, "tag": name}).first()
        return Tag(*row) if row else None

    def add(
        self, pacticipant: Pacticipant, version: Version, names: Collection[str], now: datetime
    ) -> set[str]:
        """Tag the version; return those of *names* that it did not have yet."""
        values = {
            "pacticipant_id": pacticipant.id,
            "version_id": version.id,
            "position": version.position,
            "created_at": now,
        }
        rows = [{**values, "name": name} for name in sorted(set(names))]
        return set(self._connection.scalars(_ADD, rows)) if rows else set()

    def delete(self, version: Version, name: str, now: datetime) -> None:
        """Take the tag off the version, if it has it."""
        for statement in _REMOVE_ONE:
            self._connection.execute(statement, {"version_id": version.id, "tag": name, "now": now})

    def keep_only(self, version: Version, names: Collection[str], now: datetime) -> None:
        """Take every tag off the version that is not among *names*."""
        values = {"version_id": version.id, "kept": list(names), "now": now}
        for statement in _REMOVE_OTHERS:
            self._connection.execute(statement, values)
