"""Which version becomes the head of a branch when the head goes away: remembered, then done."""

from typing import Any

from sqlalchemy import ColumnElement, Insert, ScalarSelect, Update, bindparam, insert, select, update

from broker.storage.tables import branch_promotions, branches


def promote(next_head: ScalarSelect[Any], losing: ColumnElement[bool]) -> tuple[Insert, Update]:
    """Return the statements, which take `now`, for the branches that are *losing* their head."""
    promotions = select(
        branches.c.id, next_head, bindparam("now", type_=branch_promotions.c.created_at.type)
    ).where(losing)
    return (
        insert(branch_promotions).from_select(["branch_id", "version_id", "created_at"], promotions),
        update(branches).where(losing).values(head_version_id=next_head),
    )
