"""What the page of an application lists, newest first. What it costs does not grow with history."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from broker.domain.pacticipants.applications import BranchHead, NewestVersion, Presence
from broker.storage.conditions import is_branch, is_current, latest_branch, newest_first, newest_result
from broker.storage.dialects import is_in
from broker.storage.tables import (
    branch_versions,
    branches,
    deployed_versions,
    environments,
    pact_publications,
    released_versions,
    tags,
    verifications,
    versions,
)

_OF: BindParameter[int] = bindparam("pacticipant_id")
_VERSION = (
    versions.c.id,
    versions.c.number,
    latest_branch(versions.c.id),
    versions.c.build_url,
    versions.c.created_at,
)


def _paged(statement: Select[Any]) -> Select[Any]:
    return statement.limit(bindparam("size")).offset(bindparam("skipped"))


_VERSIONS = _paged(select(*_VERSION).where(versions.c.pacticipant_id == _OF).order_by(newest_first(versions)))
_ON_BRANCH = _paged(
    select(*_VERSION)
    .join_from(branch_versions, versions, versions.c.id == branch_versions.c.version_id)
    .where(
        branch_versions.c.branch_id
        == select(branches.c.id).where(is_branch(_OF, bindparam("branch"))).scalar_subquery()
    )
    .order_by(newest_first(branch_versions))
)
_NAMES = union_all(
    select(branch_versions.c.version_id, literal("branch"), branches.c.name, branch_versions.c.id)
    .join_from(branch_versions, branches)
    .where(is_in(branch_versions.c.version_id, "ids")),
    select(tags.c.version_id, literal("tag"), tags.c.name, tags.c.id).where(is_in(tags.c.version_id, "ids")),
).order_by(literal_column("2"), literal_column("4"))


def _presences(
    table: Table, instance: ColumnElement[str], *, released: bool, until: ColumnElement[Any]
) -> Select[Any]:
    newest = table.alias("newest")
    of_newest_versions = (
        select(newest.c.id)
        .where(newest.c.pacticipant_id == _OF, newest.c.environment_id == environments.c.id)
        .order_by(newest.c.version_id.desc())
        .limit(bindparam("size"))
        .correlate(environments)
    )
    return (
        select(
            environments.c.name,
            environments.c.production,
            versions.c.number,
            literal_column("1" if released else "0").label("released"),
            instance.label("instance"),
            table.c.created_at.label("since"),
            until.label("until"),
        )
        .join_from(environments, table, table.c.id.in_(of_newest_versions))
        .join(versions, versions.c.id == table.c.version_id)
    )


_DEPLOYMENTS = _presences(
    deployed_versions,
    deployed_versions.c.application_instance,
    released=False,
    until=deployed_versions.c.undeployed_at,
)
_RELEASES = _presences(
    released_versions, cast(literal(""), String), released=True, until=released_versions.c.support_ended_at
)
_HISTORY = union_all(_DEPLOYMENTS, _RELEASES).order_by(literal_column("since DESC"))

_of_pacts = verifications.alias("of_pacts")


def _as_provider(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        select(func.count())
        .where(
            verifications.c.provider_version_id == branches.c.head_version_id,
            is_current(verifications),
            condition,
        )
        .correlate(branches)
        .scalar_subquery()
    )


def _as_consumer(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Count the pacts of the head whose newest result is so."""
    return (
        select(func.count())
        .select_from(pact_publications)
        .outerjoin(_of_pacts, _of_pacts.c.id == newest_result(pact_publications.c.pact_version_id))
        .where(
            pact_publications.c.consumer_version_id == branches.c.head_version_id,
            is_current(pact_publications),
            condition,
        )
        .correlate(branches)
        .scalar_subquery()
    )


_BRANCHES = (
    select(
        branches.c.name,
        versions.c.number,
        branches.c.updated_at,
        (_as_provider(~verifications.c.success) + _as_consumer(~_of_pacts.c.success)).label("failed"),
        (_as_provider(verifications.c.success) + _as_consumer(_of_pacts.c.success)).label("verified"),
        _as_consumer(_of_pacts.c.id.is_(None)).label("unverified"),
    )
    .outerjoin_from(branches, versions, versions.c.id == branches.c.head_version_id)
    .where(branches.c.pacticipant_id == _OF)
)
_PAGE_OF_BRANCHES = _paged(_BRANCHES.order_by(branches.c.updated_at.desc(), branches.c.id.desc()))
_BRANCH = _BRANCHES.where(branches.c.name == bindparam("branch"))


class ApplicationDetails:
    """Lists of an application. Each method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def versions(
        self, pacticipant_id: int, branch: str | None, size: int, *, skipped: int = 0
    ) -> list[NewestVersion]:
        """Return at most *size* versions, the newest first: all of them, or those on a branch."""
        values = {"pacticipant_id": pacticipant_id, "branch": branch, "size": size, "skipped": skipped}
        statement = _VERSIONS if branch is None else _ON_BRANCH
        return [NewestVersion(*row) for row in self._connection.execute(statement, values)]

    def names_of(self, version_ids: Collection[int]) -> Mapping[int, list[tuple[str, str]]]:
        """Return the names of the branches and tags of each version, each with "branch" or "tag"."""
        found: dict[int, list[tuple[str, str]]] = {}
        rows = self._connection.execute(_NAMES, {"ids": list(version_ids)})
        for version_id, kind, name, _ in rows:
            found.setdefault(version_id, []).append((kind, name))
        return found

    def history(self, pacticipant_id: int, size: int) -> list[Presence]:
        """Return where the newest versions were: of each environment *size* deployments and releases."""
        values = {"pacticipant_id": pacticipant_id, "size": size}
        return [
            Presence(name, bool(production), number, bool(released), instance, since, until)
            for name, production, number, released, instance, since, until in self._connection.execute(
                _HISTORY, values
            )
        ]

    def branches(self, pacticipant_id: int, size: int, *, skipped: int = 0) -> list[BranchHead]:
        """Return at most *size* branches, the one that changed last before the others."""
        values = {"pacticipant_id": pacticipant_id, "size": size, "skipped": skipped}
        return [BranchHead(*row) for row in self._connection.execute(_PAGE_OF_BRANCHES, values)]

    def branch(self, pacticipant_id: int, name: str) -> BranchHead | None:
        """Return the branch, or None."""
        values = {"pacticipant_id": pacticipant_id, "branch": name}
        row = self._connection.execute(_BRANCH, values).first()
        return BranchHead(*row) if row else None
