"""Facts about versions and branches that a clean-up decides on, and counts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    func,
    literal,
    select,
    union_all,
)

from broker.domain.retention.policy import BranchFacts, VersionFacts
from broker.storage.conditions import IN_ENVIRONMENT_NOW, IS_LATEST_WITH_TAG
from broker.storage.tables import (
    branch_versions,
    branches,
    environments,
    metadata,
    pacticipants,
    tags,
    versions,
)

_newest = versions.alias("newest")
_VERSIONS = (
    select(
        versions.c.id,
        pacticipants.c.name,
        pacticipants.c.main_branch,
        versions.c.number,
        versions.c.position,
        versions.c.created_at,
        versions.c.position
        == select(func.max(_newest.c.position))
        .where(_newest.c.pacticipant_id == versions.c.pacticipant_id)
        .scalar_subquery(),
    )
    .join_from(versions, pacticipants, pacticipants.c.id == versions.c.pacticipant_id)
    .order_by(versions.c.position)
)


def _with_conditions(condition: ColumnElement[bool]) -> tuple[Select[Any], ...]:
    """Return the statements for the facts about the versions that fulfil the condition."""
    tagged = select(versions.c.id, tags.c.name, IS_LATEST_WITH_TAG).join_from(
        versions, tags, tags.c.version_id == versions.c.id
    )
    on_branches = select(
        versions.c.id, branches.c.name, branches.c.head_version_id.is_not_distinct_from(versions.c.id)
    ).select_from(
        versions.join(branch_versions, branch_versions.c.version_id == versions.c.id).join(
            branches, branches.c.id == branch_versions.c.branch_id
        )
    )
    return (
        _VERSIONS.where(condition),
        tagged.where(condition),
        on_branches.where(condition),
        *(_in_environments(table, still).where(condition) for table, still in IN_ENVIRONMENT_NOW),
    )


def _in_environments(record: Table, still_there: ColumnElement[bool]) -> Select[Any]:
    return (
        select(versions.c.id, environments.c.name)
        .select_from(
            versions.join(record, record.c.version_id == versions.c.id).join(
                environments, environments.c.id == record.c.environment_id
            )
        )
        .where(still_there)
    )


_OF_PACTICIPANT = _with_conditions(versions.c.pacticipant_id == bindparam("pacticipant_id"))
_OF_IDS = _with_conditions(versions.c.id.in_(bindparam("ids", expanding=True)))
_PACTICIPANTS = select(pacticipants.c.id, pacticipants.c.name).order_by(pacticipants.c.name)
_BRANCHES = (
    select(
        branches.c.id, pacticipants.c.name, pacticipants.c.main_branch, branches.c.name, branches.c.updated_at
    )
    .join_from(branches, pacticipants, pacticipants.c.id == branches.c.pacticipant_id)
    .order_by(branches.c.updated_at, branches.c.id)
)
_BRANCHES_OF_IDS = _BRANCHES.where(branches.c.id.in_(bindparam("ids", expanding=True)))
_COUNT_TABLES = union_all(
    *(
        select(literal(table.name).label("table"), func.count().label("rows")).select_from(table)
        for table in metadata.sorted_tables
    )
)


class RetentionFacts:
    """Facts that decide what a clean-up keeps."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_pacticipant(self) -> Iterator[tuple[str, list[VersionFacts]]]:
        """Yield the name of each pacticipant with its versions, oldest first: five statements for each."""
        for pacticipant_id, name in self._connection.execute(_PACTICIPANTS).all():
            yield name, self._facts(_OF_PACTICIPANT, {"pacticipant_id": pacticipant_id})

    def of_ids(self, ids: Sequence[int]) -> list[VersionFacts]:
        """Return the facts about these versions."""
        return self._facts(_OF_IDS, {"ids": list(ids)})

    def branches(self, ids: Sequence[int] | None = None) -> list[BranchFacts]:
        """Return the facts about all branches, or about these, in the order of their last versions."""
        found = (
            self._connection.execute(_BRANCHES)
            if ids is None
            else self._connection.execute(_BRANCHES_OF_IDS, {"ids": list(ids)})
        )
        return [BranchFacts(*row) for row in found]

    def count_tables(self) -> dict[str, int]:
        """Return the number of rows by the name of the table. It reads every table."""
        return {row.table: row.rows for row in self._connection.execute(_COUNT_TABLES)}

    def _facts(self, statements: Sequence[Select[Any]], values: dict[str, Any]) -> list[VersionFacts]:
        answers: list[Sequence[Any]] = [
            self._connection.execute(statement, values).all() for statement in statements
        ]
        rows, tagged, on_branches, deployed, released = answers
        names_of_tags = _flags(tagged)
        names_of_branches = _flags(on_branches)
        deployed_in, released_in = _names(deployed), _names(released)
        return [
            replace(
                VersionFacts(*row),  # _VERSIONS has the first fields in their order
                tags=names_of_tags.get(row.id, {}),
                branches=names_of_branches.get(row.id, {}),
                deployed_in=deployed_in.get(row.id, ()),
                released_in=released_in.get(row.id, ()),
            )
            for row in rows
        ]


def _flags(rows: Sequence[Any]) -> dict[int, dict[str, bool]]:
    found: dict[int, dict[str, bool]] = {}
    for version_id, name, flag in rows:
        found.setdefault(version_id, {})[name] = bool(flag)
    return found


def _names(rows: Sequence[Any]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for version_id, name in rows:
        found.setdefault(version_id, []).append(name)
    return found
