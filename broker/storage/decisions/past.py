"""What was so at a moment, the parameter `at`: conditions and look-ups that stand for those of today.

The tables keep what was replaced; what was removed, and may come again, is in tables of its own.
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
    """Whether a row of the two tables of TAGGED, or of ON_BRANCH, tells of then."""
    still = [table.c.removed_at > AT] if "removed_at" in table.c else []
    return and_(table.c.created_at <= AT, *still)


def is_current_pact(publications: FromClause) -> ColumnElement[bool]:
    """Whether a publication was the newest revision."""
    newer = pact_publications.alias("newer_revisions")
    replaced = select(literal(1)).where(
        newer.c.consumer_version_id == publications.c.consumer_version_id,
        newer.c.provider_id == publications.c.provider_id,
        newer.c.revision > publications.c.revision,
        newer.c.created_at <= AT,
    )
    return and_(publications.c.created_at <= AT, not_(replaced.correlate(publications).exists()))


def is_current_result() -> ColumnElement[bool]:
    """Whether a result was the newest of its content and provider version."""
    newer = verifications.alias("newer_results")
    replaced = select(literal(1)).where(
        newer.c.pact_version_id == verifications.c.pact_version_id,
        newer.c.provider_version_id == verifications.c.provider_version_id,
        newer.c.id > verifications.c.id,
        newer.c.created_at <= AT,
    )
    return and_(verifications.c.created_at <= AT, not_(replaced.correlate(verifications).exists()))


def head() -> ScalarSelect[Any]:
    """Return the head of the branch: who joined it last, or took the place of one that went away."""
    events = union_all(
        *(
            # Of one moment, a promotion is the later one: a version was taken away from what had joined.
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
    """Return the latest version that had the tag; *of* is the table that the other two are from."""
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
    """Return the main branch of a pacticipant, "" for none."""
    former = (
        select(former_main_branches.c.name)
        .where(former_main_branches.c.pacticipant_id == pacticipants.c.id, former_main_branches.c.until > AT)
        .order_by(former_main_branches.c.until, former_main_branches.c.id)
        .limit(ONE)
        .correlate(pacticipants)
        .scalar_subquery()
    )
    return func.coalesce(former, pacticipants.c.main_branch, "")
