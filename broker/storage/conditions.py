"""Conditions and look-ups that many statements share, each under one name.

Those that take *rows* work with a table, an alias of it and a subquery. They are written as the partial
indexes of the tables are: a database uses such an index only for a condition that it recognizes.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    LargeBinary,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    func,
    literal,
    select,
    type_coerce,
)

from broker.storage.dialects import ONE
from broker.storage.elsewhere import MARK
from broker.storage.tables import (
    branch_versions,
    branches,
    deployed_versions,
    pact_publications,
    pact_versions,
    pacticipants,
    released_versions,
    tags,
    verifications,
    versions,
)

IS_DEPLOYED = deployed_versions.c.undeployed_at.is_(None)
"""Whether the version is still in the slot to which it was deployed."""
IS_SUPPORTED = released_versions.c.support_ended_at.is_(None)
"""Whether the release is still supported."""
IN_ENVIRONMENT_NOW: tuple[tuple[Table, ColumnElement[bool]], ...] = (
    (deployed_versions, IS_DEPLOYED),
    (released_versions, IS_SUPPORTED),
)
"""Deployments and releases, each with the condition for those that are current."""

STORED_CONTENT: ColumnElement[bytes] = type_coerce(pact_versions.c.content, LargeBinary)
"""What the database has of a pact: its content, or the key of the object that has it."""
IS_MOVED = func.substr(STORED_CONTENT, 1, 1) == literal(MARK, LargeBinary)
"""Whether that is the key of an object."""


def is_current(rows: FromClause) -> ColumnElement[bool]:
    """Whether no newer row has replaced this pact publication or this result."""
    return ~rows.c.superseded


def newest_first(rows: FromClause) -> ColumnElement[Any]:
    """Order *rows* by the position of their version, which grows with each version that is created."""
    return rows.c.position.desc()


def oldest_first(rows: FromClause) -> ColumnElement[Any]:
    """Order *rows* by the position of their version, the other way round."""
    return rows.c.position.asc()


def newest(rows: FromClause, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select *columns* of the newest of *rows* among those that fulfil what is added with `where`."""
    return select(*columns).order_by(newest_first(rows)).limit(ONE)


def lock(table: Table, *, against_references: bool = False) -> Select[Any]:
    """Return the statement that locks the row with this `id` until the end of the transaction.

    *against_references* keeps out those as well who insert rows that refer to it.
    """
    # FOR NO KEY UPDATE lets PostgreSQL's check of a foreign key pass, which takes FOR KEY SHARE.
    return (
        select(table.c.id)
        .where(table.c.id == bindparam("id"))
        .with_for_update(key_share=not against_references)
    )


def id_of(name: str) -> ScalarSelect[int]:
    """Return the id of the pacticipant whose name is the parameter *name*."""
    return select(pacticipants.c.id).where(pacticipants.c.name == bindparam(name)).scalar_subquery()


def is_branch(pacticipant_id: ColumnElement[Any], name: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the row of `branches` is the pacticipant's branch of this name."""
    return and_(branches.c.pacticipant_id == pacticipant_id, branches.c.name == name)


def has_branch(pacticipant_id: ColumnElement[Any], name: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the pacticipant has a branch of this name with a version on it.

    Without such a branch, a tag may stand for the main branch (reference §5.3).
    """
    found = select(1).where(is_branch(pacticipant_id, name), branches.c.head_version_id.is_not(None))
    # Where the statement around it reads branches as well, this one still means all of them.
    return found.correlate_except(branches).exists()


_tags = tags.alias("newest")


def latest_with_tag(pacticipant_id: ColumnElement[Any], name: ColumnElement[Any]) -> ScalarSelect[int]:
    """Return the id of the pacticipant's latest version that has the tag, by one step in an index."""
    found = newest(_tags, _tags.c.version_id).where(
        _tags.c.pacticipant_id == pacticipant_id, _tags.c.name == name
    )
    return found.correlate_except(_tags).scalar_subquery()


NEWER_TAG = tags.alias("newer")
IS_NEWER_TAG = and_(
    NEWER_TAG.c.pacticipant_id == tags.c.pacticipant_id,
    NEWER_TAG.c.name == tags.c.name,
    NEWER_TAG.c.position > tags.c.position,
)
"""Whether a row of NEWER_TAG is the same tag on a later version of the pacticipant."""
IS_LATEST_WITH_TAG = ~select(1).where(IS_NEWER_TAG).exists()
"""Whether no later version of the pacticipant has the tag."""

_of_pair = pact_publications.alias("newest")


def newest_of_pair(
    consumer_id: ColumnElement[Any], provider_id: ColumnElement[Any], column: str = "id"
) -> ScalarSelect[Any]:
    """Return a column of the newest pact publication of the pair."""
    found = newest(_of_pair, _of_pair.c[column]).where(
        _of_pair.c.consumer_id == consumer_id, _of_pair.c.provider_id == provider_id, is_current(_of_pair)
    )
    return found.correlate_except(_of_pair).scalar_subquery()


_results = verifications.alias("newest_result")


def newest_result(pact_version_id: ColumnElement[Any]) -> ScalarSelect[int]:
    """Return the number of the newest result of a content."""
    found = select(_results.c.id).where(_results.c.pact_version_id == pact_version_id)
    return found.order_by(_results.c.id.desc()).limit(ONE).correlate_except(_results).scalar_subquery()


_with_content = versions.alias("with_content")


def newest_consumer_version(pact_version_id: ColumnElement[Any]) -> ScalarSelect[str]:
    """Return the number of the newest consumer version with a content, which may be replaced by now."""
    found = newest(pact_publications, _with_content.c.number).join_from(
        _with_content, pact_publications, pact_publications.c.consumer_version_id == _with_content.c.id
    )
    return (
        found.where(pact_publications.c.pact_version_id == pact_version_id)
        .correlate_except(pact_publications, _with_content)
        .scalar_subquery()
    )


NEWEST_CONSUMER_VERSION = newest_consumer_version(verifications.c.pact_version_id)
"""The number of the newest consumer version with the content that a result is of, replaced or not."""


def latest_branch(version_id: ColumnElement[int]) -> ColumnElement[str]:
    """Return the subquery for the name of the branch that a version joined last."""
    return (
        select(branches.c.name)
        .join_from(branch_versions, branches)
        .where(branch_versions.c.version_id == version_id)
        .order_by(branch_versions.c.id.desc())
        .limit(ONE)
        .scalar_subquery()
    )
