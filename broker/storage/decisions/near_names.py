"""What a name or a version number that is asked about may mean, and what is near one that does not exist."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select

from broker.domain.decisions.near import Named
from broker.storage.conditions import id_of, is_branch, newest_first
from broker.storage.tables import branches, tags, versions

MOST = 300
"""How many of the newest names are looked at."""
_OF: ColumnElement[Any] = id_of("pacticipant")
_NAME: ColumnElement[str] = bindparam("name")
_KINDS = select(
    select(versions.c.id).where(versions.c.pacticipant_id == _OF, versions.c.number == _NAME).exists(),
    select(branches.c.id).where(is_branch(_OF, _NAME), branches.c.head_version_id.is_not(None)).exists(),
    select(tags.c.version_id).where(tags.c.pacticipant_id == _OF, tags.c.name == _NAME).exists(),
)


def _newest(column: ColumnElement[str], rows: Any, order: ColumnElement[Any]) -> Select[Any]:
    found = select(column).where(rows.c.pacticipant_id == _OF).order_by(order).limit(MOST)
    return select(found.subquery().c[0])


_NEWEST = {
    Named.VERSION: _newest(versions.c.number, versions, newest_first(versions)),
    Named.BRANCH: _newest(branches.c.name, branches, branches.c.id.desc()),
    Named.TAG: _newest(tags.c.name, tags, newest_first(tags)),
}


class NearNames:
    """Names of an application's versions, branches and tags. Each method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def kinds(self, pacticipant: str, name: str) -> list[Named]:
        """Return what has this name."""
        row = self._connection.execute(_KINDS, {"pacticipant": pacticipant, "name": name}).one()
        return [kind for kind, there in zip(Named, row, strict=True) if there]

    def newest(self, pacticipant: str, kind: Named) -> list[str]:
        """Return the newest names of this kind, each once."""
        found = self._connection.scalars(_NEWEST[kind], {"pacticipant": pacticipant})
        return list(dict.fromkeys(found))
