"""What becomes of a branch that loses its head: another version is promoted, and the promotion recorded."""

from sqlalchemy import ColumnElement, Insert, Update, bindparam, insert, select, update

from broker.storage.conditions import newest
from broker.storage.tables import branch_promotions, branch_versions, branches

REMAINING = branch_versions.alias("remaining")
"""The versions of the branch, for conditions that tell which of them stay there."""


def promote(losing: ColumnElement[bool], *stays: ColumnElement[bool]) -> tuple[Insert, Update]:
    """Return the statements for the branches that are *losing* their head. They take the parameter `now`.

    The latest of the versions that stay on the branch becomes its head. The record of it comes first, as it
    reads which branches lose their head.
    """
    next_head = (
        newest(REMAINING, REMAINING.c.version_id)
        .where(REMAINING.c.branch_id == branches.c.id, *stays)
        .scalar_subquery()
    )
    promotions = select(
        branches.c.id, next_head, bindparam("now", type_=branch_promotions.c.created_at.type)
    ).where(losing)
    return (
        insert(branch_promotions).from_select(["branch_id", "version_id", "created_at"], promotions),
        update(branches).where(losing).values(head_version_id=next_head),
    )
