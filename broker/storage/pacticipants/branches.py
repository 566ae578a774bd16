"""Branches of pacticipants, and the versions on them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant, Version
from broker.domain.pacticipants.details import Branch, BranchVersion
from broker.domain.pagination import Page, PartOfList
from broker.storage.conditions import is_branch
from broker.storage.direct_statements import later, soon
from broker.storage.pacticipants.branch_heads import REMAINING, promote
from broker.storage.pagination import Pageable, containing, pattern
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import (
    branch_successes,
    branch_versions,
    branches,
    former_branch_versions,
    verifications,
)

_COLUMNS = (branches.c.name, branches.c.created_at, branches.c.updated_at)
_OF_PACTICIPANT = (
    select(*_COLUMNS)
    .where(branches.c.pacticipant_id == bindparam("pacticipant_id"))
    .order_by(branches.c.updated_at.desc(), branches.c.id.desc())
)
_ALL = Pageable(_OF_PACTICIPANT)
_SEARCH = Pageable(_OF_PACTICIPANT.where(containing(branches.c.name)))
_BY_NAME = select(*_COLUMNS).where(is_branch(bindparam("pacticipant_id"), bindparam("name")))
_MEMBERSHIP = (
    select(branch_versions.c.created_at, branch_versions.c.updated_at)
    .join(branches, and_(branches.c.id == branch_versions.c.branch_id, branches.c.name == bindparam("name")))
    .where(branch_versions.c.version_id == bindparam("version_id"))
)
# The update changes nothing, but locks a branch that is there: versions join it one after the other, and the
# last one is its head. It may not set a column of a key: PostgreSQL would take a lock that keeps out
# transactions which only insert references to the branch.
_FIND_OR_CREATE = (
    insert(branches)
    .on_conflict_do_update(
        index_elements=["pacticipant_id", "name"], set_={"updated_at": branches.c.updated_at}
    )
    .returning(branches.c.id, branches.c.head_version_id)
)
_JOIN = (
    insert(branch_versions)
    .values(
        branch_id=select(branches.c.id)
        .where(is_branch(bindparam("of_pacticipant"), bindparam("of_name")))
        .scalar_subquery()
    )
    .on_conflict_do_nothing(index_elements=["branch_id", "version_id"])
    .returning(branch_versions.c.id)
)
_SET_HEAD = (
    update(branches)
    .where(branches.c.id == bindparam("branch_id"))
    .values(head_version_id=bindparam("version_id"), updated_at=bindparam("now"))
)
_DELETE = delete(branches).where(is_branch(bindparam("pacticipant_id"), bindparam("branch")))
_DELETE_OTHERS = (
    delete(branches)
    .where(
        branches.c.pacticipant_id == bindparam("pacticipant_id"),
        branches.c.name.not_in(bindparam("kept", expanding=True)),
    )
    .returning(branches.c.name)
)

# A version is taken off all of its branches, or off the one with a name.
_its_branches = select(branch_versions.c.branch_id).where(
    branch_versions.c.version_id == bindparam("of_version_id")
)
_its_branch = _its_branches.join(
    branches, and_(branches.c.id == branch_versions.c.branch_id, branches.c.name == bindparam("branch"))
)
_remains = REMAINING.c.version_id != bindparam("of_version_id")
_loses_its_head = branches.c.head_version_id == bindparam("of_version_id")
_others = verifications.alias("others")
_others_on_branch = branch_versions.alias("others_on_branch")
_FORGET = delete(branch_successes).where(
    branch_successes.c.pact_version_id.in_(
        select(verifications.c.pact_version_id).where(
            verifications.c.provider_version_id == bindparam("of_version_id"), verifications.c.success
        )
    ),
    ~(
        select(_others.c.id)
        .join_from(
            _others, _others_on_branch, _others_on_branch.c.version_id == _others.c.provider_version_id
        )
        .where(
            _others.c.pact_version_id == branch_successes.c.pact_version_id,
            _others_on_branch.c.branch_id == branch_successes.c.branch_id,
            _others.c.provider_version_id != bindparam("of_version_id"),
            _others.c.wip == branch_successes.c.wip,
            _others.c.success,
        )
        .exists()
    ),
)
_LEAVE = delete(branch_versions).where(branch_versions.c.version_id == bindparam("of_version_id"))
_REMEMBER_MEMBERSHIP = insert(former_branch_versions).from_select(
    ["branch_id", "version_id", "created_at", "removed_at"],
    select(
        branch_versions.c.branch_id,
        branch_versions.c.version_id,
        branch_versions.c.created_at,
        bindparam("now", type_=former_branch_versions.c.removed_at.type),
    ).where(
        branch_versions.c.version_id == bindparam("of_version_id"),
        branch_versions.c.branch_id.in_(_its_branch),
    ),
)
_of_name = branches.c.name == bindparam("branch")
_TAKE_OFF_ALL = (
    *promote(_loses_its_head, _remains),
    _FORGET.where(branch_successes.c.branch_id.in_(_its_branches)),
    _LEAVE,
)
_TAKE_OFF_ONE = (
    *promote(and_(_loses_its_head, _of_name), _remains),
    _FORGET.where(branch_successes.c.branch_id.in_(_its_branch)),
    _REMEMBER_MEMBERSHIP,
    _LEAVE.where(branch_versions.c.branch_id.in_(_its_branch)),
)


class Branches:
    """Branches. The head of a branch is the version that joined it last."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def all(
        self, pacticipant: Pacticipant, page: Page | None, search: str | None = None
    ) -> PartOfList[Branch]:
        """Return the branches whose name contains *search*, beginning with the one that changed last."""
        values = {"pacticipant_id": pacticipant.id}
        if search is None:
            rows, total = _ALL.read(self._connection, values, page)
        else:
            rows, total = _SEARCH.read(self._connection, {**values, "q": pattern(search)}, page)
        return PartOfList([_branch(row) for row in rows], total, page)

    def find(self, pacticipant: Pacticipant, name: str) -> Branch | None:
        row = self._connection.execute(_BY_NAME, {"pacticipant_id": pacticipant.id, "name": name}).first()
        return _branch(row) if row else None

    def membership(self, version: Version, branch: str) -> BranchVersion | None:
        """Return the version as a member of the branch, or None when it is not on it."""
        row = self._connection.execute(_MEMBERSHIP, {"version_id": version.id, "name": branch}).first()
        return BranchVersion(*row) if row else None

    def add(
        self,
        pacticipant: Pacticipant,
        version: Version,
        branch: str,
        now: datetime,
        *,
        automatic: bool = False,
    ) -> bool:
        """Put the version on the branch. Return whether it was not there yet.

        A version that was not there becomes the head, even if it is not the latest (reference §5.2).
        """
        stamp = {"created_at": now, "updated_at": now}
        name = {"pacticipant_id": pacticipant.id, "name": branch}
        found = soon(self._connection, _FIND_OR_CREATE, {**name, **stamp})
        membership = {
            "of_pacticipant": pacticipant.id,
            "of_name": branch,
            "version_id": version.id,
            "position": version.position,
        }
        joined = self._connection.execute(_JOIN, {**membership, "auto_created": automatic, **stamp}).scalar()
        if joined is None:
            return False
        ((branch_id, head_id),) = found()
        head = {"branch_id": branch_id, "version_id": version.id, "now": now}
        later(self._connection, _SET_HEAD, head)
        if head_id is None:
            self._marks.branch_moved(pacticipant.name, [branch])
        else:
            self._marks.version_joined(pacticipant.name, version.id, [branch])
        return True

    def take_off(self, version: Version, branch: str, now: datetime) -> None:
        """Take the version off the branch. If it was the head, the latest version that remains becomes it.

        Content that no other version on the branch has verified no longer counts as verified from the branch.
        """
        for statement in _TAKE_OFF_ONE:
            self._connection.execute(statement, {"of_version_id": version.id, "branch": branch, "now": now})
        self._marks.branch_moved(version.pacticipant, [branch])

    def take_off_all(self, version: Version, now: datetime) -> None:
        """Take a version that is about to be deleted off every branch, as `take_off` does."""
        for statement in _TAKE_OFF_ALL:
            self._connection.execute(statement, {"of_version_id": version.id, "now": now})
        self._marks.moved(version.pacticipant)

    def delete(self, pacticipant: Pacticipant, branch: str) -> None:
        """Remove the branch; its versions stay."""
        self._connection.execute(_DELETE, {"pacticipant_id": pacticipant.id, "branch": branch})
        self._marks.branch_moved(pacticipant.name, [branch])

    def delete_others(self, pacticipant: Pacticipant, kept: Collection[str]) -> list[str]:
        """Remove every branch but *kept*. Return the names of those that were removed."""
        values = {"pacticipant_id": pacticipant.id, "kept": list(kept)}
        removed = list(self._connection.scalars(_DELETE_OTHERS, values))
        self._marks.branch_moved(pacticipant.name, removed)
        return removed


def _branch(row: Any) -> Branch:
    return Branch(*row)  # _COLUMNS has the fields in their order
