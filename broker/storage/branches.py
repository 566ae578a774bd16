"""Branches of pacticipants, and which versions are on them."""

from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from broker.domain.model import Pacticipant, Version
from broker.domain.paging import Page, Part
from broker.domain.version import Branch, BranchVersion
from broker.storage.paging import Pageable, containing, pattern
from broker.storage.tables import branch_versions, branches

_COLUMNS = (branches.c.name, branches.c.created_at, branches.c.updated_at)
_OF_PACTICIPANT = (
    select(*_COLUMNS)
    .where(branches.c.pacticipant_id == bindparam("pacticipant_id"))
    .order_by(branches.c.updated_at.desc(), branches.c.id.desc())
)
_ALL = Pageable(_OF_PACTICIPANT)
_SEARCH = Pageable(_OF_PACTICIPANT.where(containing(branches.c.name)))
_BY_NAME = select(*_COLUMNS).where(
    branches.c.pacticipant_id == bindparam("pacticipant_id"), branches.c.name == bindparam("name")
)
_MEMBERSHIP = (
    select(branch_versions.c.created_at, branch_versions.c.updated_at)
    .join(branches, and_(branches.c.id == branch_versions.c.branch_id, branches.c.name == bindparam("name")))
    .where(branch_versions.c.version_id == bindparam("version_id"))
)


class Branches:
    """Branches; `Versions` puts versions on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, pacticipant: Pacticipant, page: Page | None, search: str | None = None) -> Part[Branch]:
        """Return the branches whose name contains *search*, the one updated last first."""
        values = {"pacticipant_id": pacticipant.id}
        if search is None:
            rows, total = _ALL.read(self._connection, values, page)
        else:
            rows, total = _SEARCH.read(self._connection, {**values, "q": pattern(search)}, page)
        return Part([_branch(row) for row in rows], total, page)

    def find(self, pacticipant: Pacticipant, name: str) -> Branch | None:
        """Return the branch with this name."""
        row = self._connection.execute(_BY_NAME, {"pacticipant_id": pacticipant.id, "name": name}).first()
        return _branch(row) if row else None

    def membership(self, version: Version, branch: str) -> BranchVersion | None:
        """Return since when the version is on the branch."""
        row = self._connection.execute(_MEMBERSHIP, {"version_id": version.id, "name": branch}).first()
        return BranchVersion(*row) if row else None


def _branch(row: Any) -> Branch:  # noqa: ANN401 - the columns of _COLUMNS
    return Branch(*row)
