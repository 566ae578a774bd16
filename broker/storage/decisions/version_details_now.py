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
from broker.storage.dialects import among
from broker.storage.tables import branch_versions, branches, deployed_versions, released_versions, tags

_newer = tags.alias("newer")
_NO_NEWER = ~(
    select(literal(1))
    .where(
        _newer.c.pacticipant_id == tags.c.pacticipant_id,
        _newer.c.name == tags.c.name,
        _newer.c.position > tags.c.position,
    )
    .exists()
)
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
        literal(TAG), tags.c.version_id, tags.c.name, _NO_NEWER, null(), tags.c.created_at, tags.c.id
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
        for table, still in (
            (deployed_versions, deployed_versions.c.undeployed_at.is_(None)),
            (released_versions, released_versions.c.support_ended_at.is_(None)),
        )
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
