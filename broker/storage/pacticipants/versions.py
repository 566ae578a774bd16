"""Versions of pacticipants, with their branches and tags."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, select, union, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import BigInteger

from broker.domain.model import BranchMembership, Environment, HeldVersion, Pacticipant, Version
from broker.domain.pagination import Page, PartOfList
from broker.storage.conditions import is_branch, latest_with_tag, lock, newest, newest_first
from broker.storage.dialects import in_order, is_in_unseen, json_rows
from broker.storage.direct_statements import later, soon
from broker.storage.pagination import Pageable
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import (
    branch_versions,
    branches,
    deliveries,
    deployed_versions,
    pacticipants,
    released_versions,
    tags,
    verifications,
    versions,
)


class next_position(FunctionElement[int]):  # noqa: N801 - reads as the SQL function that it stands for
    """The position of a new version: from a sequence, or the highest + 1 under the lock of SQLite."""

    type = BigInteger()
    inherit_cache = True
    name = "next_position"


@compiles(next_position)
def _next_from_sequence(_element: next_position, _compiler: SQLCompiler, **_: Any) -> str:
    return "nextval('version_positions')"


@compiles(next_position, "sqlite")
def _next_after_highest(_element: next_position, _compiler: SQLCompiler, **_: Any) -> str:
    return "(SELECT coalesce(max(position), 0) + 1 FROM versions)"


_on_branches = (
    select(
        json_rows(
            branch_versions.c.id,
            branches.c.name,
            branches.c.head_version_id == branch_versions.c.version_id,
        )
    )
    .join_from(branch_versions, branches)
    .where(branch_versions.c.version_id == versions.c.id)
    .correlate(versions)
    .scalar_subquery()
)
_tagged = (
    select(json_rows(tags.c.id, tags.c.name))
    .where(tags.c.version_id == versions.c.id)
    .correlate(versions)
    .scalar_subquery()
)
_COLUMNS = (
    versions.c.id,
    pacticipants.c.name,
    versions.c.number,
    versions.c.position,
    versions.c.build_url,
    versions.c.created_at,
    versions.c.updated_at,
    _on_branches,
    _tagged,
)
_FROM = versions.join(pacticipants, pacticipants.c.id == versions.c.pacticipant_id)
_BY_NUMBER = (
    select(*_COLUMNS)
    .select_from(_FROM)
    .where(pacticipants.c.name == bindparam("pacticipant"), versions.c.number == bindparam("number"))
)
_HOLD = (
    select(versions.c.id, versions.c.position)
    .where(versions.c.pacticipant_id == bindparam("pacticipant_id"), versions.c.number == bindparam("number"))
    .with_for_update(key_share=True)
)
_BY_IDS = select(*_COLUMNS).select_from(_FROM).where(is_in_unseen(versions.c.id, "ids"))
_CREATE = (
    insert(versions)
    .values(position=next_position())
    .on_conflict_do_nothing(index_elements=["pacticipant_id", "number"])
    .returning(versions.c.id, versions.c.position)
)
_THERE = select(versions.c.id).where(
    versions.c.pacticipant_id == pacticipants.c.id, versions.c.number == bindparam("number")
)
_CREATE_IF_MISSING = (
    insert(versions)
    .from_select(
        ["pacticipant_id", "number", "position", "build_url", "created_at", "updated_at"],
        select(
            pacticipants.c.id,
            bindparam("number", type_=versions.c.number.type),
            next_position(),
            bindparam("build_url", type_=versions.c.build_url.type),
            bindparam("now", type_=versions.c.created_at.type),
            bindparam("now", type_=versions.c.updated_at.type),
        ).where(pacticipants.c.name == bindparam("pacticipant"), ~_THERE.correlate(pacticipants).exists()),
    )
    .on_conflict_do_nothing(index_elements=["pacticipant_id", "number"])
    .returning(versions.c.id, versions.c.position)
)
_DELETE = delete(versions).where(versions.c.id == bindparam("version_id"))
_results_of_version = select(verifications.c.id).where(
    verifications.c.provider_version_id == bindparam("version_id")
)
_DELETE_DELIVERIES = (  # two statements, each by an index: PostgreSQL reads the whole table for one with OR
    delete(deliveries).where(deliveries.c.consumer_version_id == bindparam("version_id")),
    delete(deliveries).where(deliveries.c.verification_id.in_(_results_of_version)),
)
_LOCK = lock(versions, against_references=True)
_SET_BUILD_URL = (
    update(versions)
    .where(versions.c.id == bindparam("version_id"), versions.c.build_url.is_distinct_from(bindparam("url")))
    .values(build_url=bindparam("url"), updated_at=bindparam("now"))
)
_HEAD_OF_BRANCH = (
    select(branches.c.head_version_id)
    .join_from(branches, pacticipants, and_(pacticipants.c.id == branches.c.pacticipant_id))
    .where(pacticipants.c.name == bindparam("pacticipant"), branches.c.name == bindparam("branch"))
)
_LATEST = newest(versions, versions.c.id).where(versions.c.pacticipant_id == bindparam("pacticipant_id"))
_LATEST_WITH_TAG = select(latest_with_tag(bindparam("pacticipant_id"), bindparam("tag")))
_newest = versions.alias("newest")
_LATEST_OF_MANY = select(
    newest(_newest, _newest.c.id).where(_newest.c.pacticipant_id == pacticipants.c.id).scalar_subquery()
).where(pacticipants.c.id.in_(bindparam("pacticipant_ids", expanding=True)))


def _list_of(members: Table, *which: ColumnElement[bool]) -> Pageable:
    """Return the list of the ids of those *members* that fulfil the conditions, newest first."""
    id_column = members.c.id if members is versions else members.c.version_id
    return Pageable(
        select(id_column).where(*which).order_by(newest_first(members)),
        counted=select(members.c.position).where(*which),
    )


_OF_PACTICIPANT = _list_of(versions, versions.c.pacticipant_id == bindparam("pacticipant_id"))
_ON_BRANCH = _list_of(
    branch_versions,
    branch_versions.c.branch_id
    == select(branches.c.id)
    .where(is_branch(bindparam("pacticipant_id"), bindparam("branch")))
    .scalar_subquery(),
)
_WITH_TAG = _list_of(
    tags, tags.c.pacticipant_id == bindparam("pacticipant_id"), tags.c.name == bindparam("tag")
)
_ever_there = union(
    *(
        select(record.c.version_id).where(
            record.c.pacticipant_id == bindparam("pacticipant_id"),
            record.c.environment_id == bindparam("environment_id"),
        )
        for record in (deployed_versions, released_versions)
    )
)
_EVER_IN_ENVIRONMENT = Pageable(
    select(versions.c.id)
    .where(versions.c.pacticipant_id == bindparam("pacticipant_id"), versions.c.id.in_(_ever_there))
    .order_by(newest_first(versions)),
    counted=_ever_there,
)


class Versions:
    """Versions, each complete with its branches and tags."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def find(self, pacticipant: str, number: str) -> Version | None:
        row = self._connection.execute(_BY_NUMBER, {"pacticipant": pacticipant, "number": number}).first()
        return _version(row) if row else None

    def find_by_ids(self, ids: Iterable[int]) -> Mapping[int, Version]:
        """Return the versions by id."""
        rows = self._connection.execute(_BY_IDS, {"ids": list(ids)})
        return {row.id: _version(row) for row in rows}

    def hold(
        self,
        pacticipant_id: int,
        number: str,
        now: datetime,
        *,
        build_url: str | None = None,
        likely_new: bool = False,
    ) -> HeldVersion:
        """Lock the version until the end of the transaction, after creating it if it is missing.

        No other transaction holds it meanwhile, or deletes it. A use case that changes what belongs to a
        version begins here. As all take this lock first, no two of them can each wait for the other.
        Only a new version gets the *build_url*. One that is *likely_new* takes one statement less if it is.
        """
        key = {"pacticipant_id": pacticipant_id, "number": number}
        values = {**key, "build_url": build_url, "created_at": now, "updated_at": now}
        while True:  # another transaction may create or delete the version between the two statements
            if not likely_new and (found := self._connection.execute(_HOLD, key).first()):
                return HeldVersion(found.id, number, found.position, is_new=False)
            if created := self._connection.execute(_CREATE, values).first():
                return HeldVersion(created.id, number, created.position, is_new=True)
            likely_new = False

    def create_soon(
        self, pacticipant: str, number: str, now: datetime, *, build_url: str | None = None
    ) -> Callable[[], HeldVersion | None]:
        """Create the version together with what is asked for next, and hold it.

        What is returned returns it; None when it was there already, or when there is no such pacticipant.
        """
        values = {"pacticipant": pacticipant, "number": number, "build_url": build_url, "now": now}
        rows = soon(self._connection, _CREATE_IF_MISSING, values)

        def created() -> HeldVersion | None:
            found = rows()
            return HeldVersion(found[0].id, number, found[0].position, is_new=True) if found else None

        return created

    def find_or_create(self, pacticipant: Pacticipant, number: str, now: datetime) -> tuple[Version, bool]:
        """Return the version, held as by `hold`, and whether this call created it."""
        held = self.hold(pacticipant.id, number, now)
        if held.is_new:
            return Version(held.id, pacticipant.name, number, held.position, None, now, now), True
        return self.find_by_ids([held.id])[held.id], False

    def delete(self, version: Version) -> None:
        """Remove the version with its pacts and results, the deliveries about them, and its deployments.

        See `Branches.take_off_all` for the branches that it is on.
        """
        for statement in (*_DELETE_DELIVERIES, _DELETE):
            self._connection.execute(statement, {"version_id": version.id})
        self._marks.removed([version.pacticipant])

    def lock(self, version: Version) -> None:
        """Lock the version until the end of the transaction, also against rows that would refer to it."""
        later(self._connection, _LOCK, {"id": version.id})

    def set_build_url(self, version: Version | HeldVersion, build_url: str | None, now: datetime) -> None:
        """Set the URL of the build that made the version, or None."""
        later(self._connection, _SET_BUILD_URL, {"version_id": version.id, "url": build_url, "now": now})

    def head_of_branch(self, pacticipant: str, branch: str) -> Version | None:
        """Return the version that joined the branch last."""
        head = self._connection.scalar(_HEAD_OF_BRANCH, {"pacticipant": pacticipant, "branch": branch})
        return self.find_by_ids([head])[head] if head else None

    def latest(self, pacticipant: Pacticipant) -> Version | None:
        """Return the version that was created last."""
        latest = self._connection.scalar(_LATEST, {"pacticipant_id": pacticipant.id})
        return self.find_by_ids([latest])[latest] if latest else None

    def latest_with_tag(self, pacticipant: Pacticipant, tag: str) -> Version | None:
        """Return the version that was created last among those with the tag."""
        values = {"pacticipant_id": pacticipant.id, "tag": tag}
        latest = self._connection.scalar(_LATEST_WITH_TAG, values)
        return self.find_by_ids([latest])[latest] if latest else None

    def latest_of_many(self, found: Iterable[Pacticipant]) -> Mapping[str, Version]:
        """Return the latest version of each, by the name of the pacticipant."""
        ids = {"pacticipant_ids": [pacticipant.id for pacticipant in found]}
        latest = [version for version in self._connection.scalars(_LATEST_OF_MANY, ids) if version]
        return {version.pacticipant: version for version in self.find_by_ids(latest).values()}

    def of_pacticipant(self, pacticipant: Pacticipant, page: Page | None) -> PartOfList[Version]:
        """Return the versions, newest first."""
        return self._part(_OF_PACTICIPANT, page, pacticipant_id=pacticipant.id)

    def on_branch(self, pacticipant: Pacticipant, branch: str, page: Page | None) -> PartOfList[Version]:
        """Return the versions on the branch, newest first."""
        return self._part(_ON_BRANCH, page, pacticipant_id=pacticipant.id, branch=branch)

    def with_tag(self, pacticipant: Pacticipant, tag: str, page: Page | None) -> PartOfList[Version]:
        """Return the versions with the tag, newest first."""
        return self._part(_WITH_TAG, page, pacticipant_id=pacticipant.id, tag=tag)

    def ever_in(
        self, pacticipant: Pacticipant, environment: Environment, page: Page | None
    ) -> PartOfList[Version]:
        """Return the versions that are or were deployed or released there, newest first."""
        return self._part(
            _EVER_IN_ENVIRONMENT, page, pacticipant_id=pacticipant.id, environment_id=environment.id
        )

    def _part(self, listed: Pageable, page: Page | None, **values: object) -> PartOfList[Version]:
        rows, total = listed.read(self._connection, values, page)
        found = self.find_by_ids([row[0] for row in rows])
        return PartOfList([found[id_] for (id_,) in rows if id_ in found], total, page)


def _version(row: Any) -> Version:
    *columns, on_branches, tagged = row
    return replace(
        Version(*columns),  # _COLUMNS has the fields in their order
        branches=tuple(BranchMembership(name, bool(latest)) for _, name, latest in in_order(on_branches)),
        tags=tuple(name for _, name in in_order(tagged)),
    )
