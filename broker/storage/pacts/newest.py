"""Look-ups of the newest publication of a pair. Their cost does not grow with history."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, select

from broker.storage.conditions import is_branch, is_current, newest, newest_first, newest_of_pair
from broker.storage.dialects import ONE
from broker.storage.tables import branch_versions, branches, pact_publications, pact_versions, tags, versions

CANDIDATES = pact_publications.alias("candidates")


def newest_on_branch(
    consumer_id: ColumnElement[int], provider_id: ColumnElement[int], name: ColumnElement[str]
) -> ColumnElement[int]:
    """Return the subquery for the id of the newest publication of a version on the consumer's branch."""
    # It is two subqueries deep: only what is around the inner one would be correlated by itself.
    branch_id = (
        select(branches.c.id).where(is_branch(consumer_id, name)).correlate_except(branches).scalar_subquery()
    )
    return newest_among(branch_versions, consumer_id, provider_id, branch_versions.c.branch_id == branch_id)


def newest_with_tag(
    consumer_id: ColumnElement[int], provider_id: ColumnElement[int], name: ColumnElement[str]
) -> ColumnElement[int]:
    """Return the subquery for the id of the newest publication of a version with the tag."""
    return newest_among(
        tags, consumer_id, provider_id, tags.c.pacticipant_id == consumer_id, tags.c.name == name
    )


def newest_untagged(consumer_id: ColumnElement[int], provider_id: ColumnElement[int]) -> ColumnElement[int]:
    """Return the subquery for the id of the newest publication of a version without tags.

    It looks at one publication after the other, newest first. When every version has a tag, it reads all.
    """
    any_tag = (
        select(tags.c.id)
        .where(tags.c.version_id == CANDIDATES.c.consumer_version_id)
        .limit(ONE)
        .correlate(CANDIDATES)
        .scalar_subquery()
    )
    return (
        newest(CANDIDATES, CANDIDATES.c.id)
        .where(
            CANDIDATES.c.consumer_id == consumer_id,
            CANDIDATES.c.provider_id == provider_id,
            is_current(CANDIDATES),
            any_tag.is_(None),  # not `exists`, which PostgreSQL may answer by reading all tags
        )
        .scalar_subquery()
    )


def newest_with_content(
    consumer_id: ColumnElement[int], provider_id: ColumnElement[int], sha: ColumnElement[str]
) -> Select[Any]:
    """Select the ids of the publications that have or had the content, newest first."""
    return (
        select(CANDIDATES.c.id)
        .where(CANDIDATES.c.pact_version_id == _content(consumer_id, provider_id, sha))
        .order_by(newest_first(CANDIDATES), CANDIDATES.c.revision.desc())
    )


def newest_with_content_of(
    consumer_id: ColumnElement[int],
    provider_id: ColumnElement[int],
    sha: ColumnElement[str],
    which: ColumnElement[bool],
) -> Select[Any]:
    """Select the ids of the current publications of the content by *which* versions, newest first."""
    return (
        select(CANDIDATES.c.id)
        .select_from(versions.join(CANDIDATES, CANDIDATES.c.consumer_version_id == versions.c.id))
        .where(
            versions.c.pacticipant_id == consumer_id,
            which,
            CANDIDATES.c.provider_id == provider_id,
            is_current(CANDIDATES),
            # A sum keeps the database from an index on this column, which would lead to every version that
            # ever had the content. It should begin with the versions.
            CANDIDATES.c.pact_version_id + 0 == _content(consumer_id, provider_id, sha),
        )
        .order_by(newest_first(CANDIDATES))
    )


def _content(
    consumer_id: ColumnElement[int], provider_id: ColumnElement[int], sha: ColumnElement[str]
) -> ColumnElement[int]:
    return (
        select(pact_versions.c.id)
        .where(
            pact_versions.c.consumer_id == consumer_id,
            pact_versions.c.provider_id == provider_id,
            pact_versions.c.sha == sha,
        )
        .scalar_subquery()
    )


def newest_among(
    members: Table,
    consumer_id: ColumnElement[int],
    provider_id: ColumnElement[int],
    *which: ColumnElement[bool],
) -> ColumnElement[int]:
    """Return the subquery for the id of the newest publication of a version among *members*.

    It reads the members, not the pacts of the pair: there may be few members, with pacts far back in history.
    It begins at the newest pact of the pair, as there may be many members since: the consumer may have
    stopped publishing pacts with this provider.
    """
    newest_position = newest_of_pair(consumer_id, provider_id, "position")
    return (
        newest(members, CANDIDATES.c.id)
        .select_from(members.join(CANDIDATES, CANDIDATES.c.consumer_version_id == members.c.version_id))
        .where(CANDIDATES.c.provider_id == provider_id, is_current(CANDIDATES))
        .where(members.c.position <= newest_position, *which)
        .scalar_subquery()
    )
