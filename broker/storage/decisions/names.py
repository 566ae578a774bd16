"""What has a name that somebody asks about."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select

from broker.domain.decisions.named import Named
from broker.storage.conditions import id_of, is_branch
from broker.storage.tables import branches, tags, versions

_OF: ColumnElement[Any] = id_of("pacticipant")
_NAME: ColumnElement[str] = bindparam("name")
_KINDS = select(
    select(versions.c.id).where(versions.c.pacticipant_id == _OF, versions.c.number == _NAME).exists(),
    select(branches.c.id).where(is_branch(_OF, _NAME), branches.c.head_version_id.is_not(None)).exists(),
    select(tags.c.version_id).where(tags.c.pacticipant_id == _OF, tags.c.name == _NAME).exists(),
)


class Names:
    """Names of an application's versions, branches and tags."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def kinds(self, pacticipant: str, name: str) -> list[Named]:
        """Return what has this name."""
        row = self._connection.execute(_KINDS, {"pacticipant": pacticipant, "name": name}).one()
        return [kind for kind, there in zip(Named, row, strict=True) if there]
