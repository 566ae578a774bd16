"""Conditions and look-ups for a moment in the past, the parameter `at`, in place of those for now.

What was replaced is still in its table. What was removed, and may come back, is in tables like `former_tags`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Table,
    and_,
    bindparam,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from broker.storage.conditions import IS_DEPLOYED, IS_SUPPORTED, newest
from broker.storage.dialects import ONE
from broker.storage.tables import (
    branch_promotions,
    branch_versions,
    branches,
    deployed_versions,
    former_branch_versions,
    former_main_branches,
    former_tags,
    pact_publications,
    pacticipants,
    released_versions,
    support_gaps,
    tags,
    verifications,
)

AT: BindParameter[datetime] = bindparam("at", type_=tags.c.created_at.type)
TAGGED = (tags, former_tags)
"""The tables of the tags that versions have or had; `was_there` tells which they had then."""
ON_BRANCH = (branch_versions, former_branch_versions)
"""The tables of the versions that are or were on branches."""
_gap = and_(
    support_gaps.c.released_version_id == released_versions.c.id,
    support_gaps.c.began_at <= AT,
    support_gaps.c.ended_at > AT,
)
IN_ENVIRONMENT: tuple[tuple[Table, ColumnElement[bool]], ...] = (
    (
        deployed_versions,
        and_(
            deployed_versions.c.created_at <= AT,
            or_(IS_DEPLOYED, deployed_versions.c.undeployed_at > AT),
        ),
    ),
    (
        released_versions,
        and_(
            released_versions.c.created_at <= AT,
            or_(IS_SUPPORTED, released_versions.c.support_ended_at > AT),
            not_(select(literal(1)).where(_gap).correlate(released_versions).exists()),
        ),
    ),
)
"""Deployments and releases, each with the condition for those that were current then."""


def was_there(table: FromClause) -> ColumnElement[bool]:
    """Whether a row of a table in TAGGED or ON_BRANCH was there at the moment."""
    still = [table.c.removed_at > AT] if "removed_at" in table.c else []
    return and_(table.c.created_at <= AT, *still)


def is_current_pact(publications: FromClause) -> ColumnElement[bool]:
    """Whether a publication was the newest revision at the moment."""
    newer = pact_publications.alias("newer_revisions")
    replaced = select(literal(1)).where(
        newer.c.consumer_version_id == publications.c.consumer_version_id,
        newer.c.provider_id == publications.c.provider_id,
        newer.c.revision > publications.c.revision,
        newer.c.created_at <= AT,
    )
    return and_(publications.c.created_at <= AT, not_(replaced.correlate(publications).exists()))


def is_current_result() -> ColumnElement[bool]:
    """Whether a result was the newest of its content and provider version at the moment."""
    newer = verifications.alias("newer_results")
    replaced = select(literal(1)).where(
        newer.c.pact_version_id == verifications.c.pact_version_id,
        newer.c.provider_version_id == verifications.c.provider_version_id,
        newer.c.id > verifications.c.id,
        newer.c.created_at <= AT,
    )
    return and_(verifications.c.created_at <= AT, not_(replaced.correlate(verifications).exists()))


def head() -> ScalarSelect[Any]:
    """Return the head of the branch: the version that joined last, or was promoted after that."""
    events = union_all(
        *(
            # When both are of one moment, the promotion is the later: it follows the removal of a version
            # that had joined before.
            select(
                table.c.version_id,
                table.c.created_at,
                literal(int(table is branch_promotions)).label("is_promotion"),
                table.c.id,
            )
            .where(table.c.branch_id == branches.c.id, was_there(table))
            .correlate(branches)
            for table in (*ON_BRANCH, branch_promotions)
        )
    ).subquery("head_events")
    return (
        select(events.c.version_id)
        .order_by(events.c.created_at.desc(), events.c.is_promotion.desc(), events.c.id.desc())
        .limit(ONE)
        .scalar_subquery()
    )


def newest_tagged(
    of: FromClause, pacticipant: ColumnElement[Any], name: ColumnElement[Any]
) -> ScalarSelect[Any]:
    """Return the latest version that had the tag. *of* is the table of *pacticipant* and *name*."""
    tables = [table.alias(f"newest_{table.name}") for table in TAGGED]
    found = union_all(
        *(
            select(table.c.version_id, table.c.position)
            .where(table.c.pacticipant_id == pacticipant, table.c.name == name, was_there(table))
            .correlate(of)
            for table in tables
        )
    ).subquery("tagged")
    return newest(found, found.c.version_id).scalar_subquery()


def main_branch() -> ColumnElement[Any]:
    """Return the main branch that a pacticipant had, or "" when it had none."""
    former = (
        select(former_main_branches.c.name)
        .where(former_main_branches.c.pacticipant_id == pacticipants.c.id, former_main_branches.c.until > AT)
        .order_by(former_main_branches.c.until, former_main_branches.c.id)
        .limit(ONE)
        .correlate(pacticipants)
        .scalar_subquery()
    )
    return func.coalesce(former, pacticipants.c.main_branch, "")
