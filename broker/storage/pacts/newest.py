"""The newest publication of a pair, among those that are meant: what it costs does not grow with history."""

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
    branch_id = select(branches.c.id).where(is_branch(consumer_id, name)).scalar_subquery()
    return _newest_among(branch_versions, consumer_id, provider_id, branch_versions.c.branch_id == branch_id)


def newest_with_tag(
    consumer_id: ColumnElement[int], provider_id: ColumnElement[int], name: ColumnElement[str]
) -> ColumnElement[int]:
    """Return the subquery for the id of the newest publication of a version with the tag."""
    return _newest_among(
        tags, consumer_id, provider_id, tags.c.pacticipant_id == consumer_id, tags.c.name == name
    )


def newest_untagged(consumer_id: ColumnElement[int], provider_id: ColumnElement[int]) -> ColumnElement[int]:
    """Return the subquery for the id of the newest publication of a version without tags.

    It looks at one after the other, newest first: at all of them where every version has a tag.
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
    """Return the statement for the ids of the publications that ever had the content, newest first."""
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
    """Return the statement for the publications of the content by *which* versions, newest first."""
    return (
        select(CANDIDATES.c.id)
        .select_from(versions.join(CANDIDATES, CANDIDATES.c.consumer_version_id == versions.c.id))
        .where(
            versions.c.pacticipant_id == consumer_id,
            which,
            CANDIDATES.c.provider_id == provider_id,
            is_current(CANDIDATES),
            # A sum, so that nobody begins with all versions that ever had the content.
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


def _newest_among(
    members: Table,
    consumer_id: ColumnElement[int],
    provider_id: ColumnElement[int],
    *which: ColumnElement[bool],
) -> ColumnElement[int]:
    """Return the subquery for the newest publication of a version among *members*, of which there may be few.

    It goes through the members, not through the pacts of the pair: what an old branch has lies far back. And
    it begins where the pair's pacts end, which an application may have stopped to publish long ago.
    """
    newest_position = newest_of_pair(consumer_id, provider_id, "position")
    return (
        newest(members, CANDIDATES.c.id)
        .select_from(members.join(CANDIDATES, CANDIDATES.c.consumer_version_id == members.c.version_id))
        .where(CANDIDATES.c.provider_id == provider_id, is_current(CANDIDATES))
        .where(members.c.position <= newest_position, *which)
        .scalar_subquery()
    )
