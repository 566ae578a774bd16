"""What else is told of the versions in the rows of a decision: their branches, tags and environments."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    cast,
    literal,
    null,
    select,
    union_all,
)

from broker.domain.decisions.matrix import VersionDetails
from broker.domain.model import BranchMembership
from broker.storage.conditions import IN_ENVIRONMENT_NOW, IS_LATEST_WITH_TAG
from broker.storage.dialects import among
from broker.storage.tables import branch_versions, branches, tags

BRANCH, TAG, ENVIRONMENT = 0, 1, 2
NOW = union_all(
    select(
        literal(BRANCH).label("kind"),
        branch_versions.c.version_id.label("version_id"),
        branches.c.name.label("name"),
        (branches.c.head_version_id == branch_versions.c.version_id).label("latest"),
        cast(null(), BigInteger).label("environment_id"),
        branch_versions.c.created_at.label("since"),
        branch_versions.c.id.label("id"),
    )
    .join_from(branch_versions, branches)
    .where(among(branch_versions.c.version_id, "ids")),
    select(
        literal(TAG), tags.c.version_id, tags.c.name, IS_LATEST_WITH_TAG, null(), tags.c.created_at, tags.c.id
    ).where(among(tags.c.version_id, "ids")),
    *(
        select(
            literal(ENVIRONMENT),
            table.c.version_id,
            null(),
            null(),
            table.c.environment_id,
            table.c.created_at,
            table.c.id,
        ).where(among(table.c.version_id, "ids"), still)
        for table, still in IN_ENVIRONMENT_NOW
    ),
)


def by_version(rows: Iterable[Any]) -> dict[int, VersionDetails]:
    """Return the details by the version's id; versions without any are left out."""
    found: dict[int, list[Any]] = {}
    for row in sorted(rows, key=lambda row: (row.since, row.id, row.name or "")):
        found.setdefault(row.version_id, []).append(row)
    return {version_id: _details(of_version) for version_id, of_version in found.items()}


def _details(rows: list[Any]) -> VersionDetails:
    return VersionDetails(
        branches=tuple(BranchMembership(row.name, bool(row.latest)) for row in rows if row.kind == BRANCH),
        tags=tuple((row.name, bool(row.latest)) for row in rows if row.kind == TAG),
        environment_ids=tuple(dict.fromkeys(row.environment_id for row in rows if row.kind == ENVIRONMENT)),
    )
