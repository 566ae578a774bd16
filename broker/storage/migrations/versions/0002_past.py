"""What questions about the past need: removed tags, versions that left a branch, and the like.

What was removed before this step is not known; `removals` says so.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# The newest version on a branch is its head, unless the head was taken away: from when on is not known, so
# from when the newest joined.
HEADS_THAT_DID_NOT_JOIN_LAST = """
INSERT INTO branch_promotions (branch_id, version_id, created_at)
SELECT branches.id, branches.head_version_id, newest.created_at
FROM branches JOIN branch_versions AS newest ON newest.branch_id = branches.id
WHERE newest.id = (SELECT max(id) FROM branch_versions WHERE branch_versions.branch_id = branches.id)
AND newest.version_id <> branches.head_version_id
"""
NOT_RECORDED = sa.text("""
INSERT INTO removals (name, kind, number, oldest_at, removed_at)
SELECT '', 'unrecorded', 0, min(created_at), :now FROM pacticipants HAVING count(*) > 0
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))


def upgrade() -> None:
    """Apply this step."""
    _periods(
        "former_tags",
        _ref("former_tags", "pacticipant_id", "pacticipants"),
        _ref("former_tags", "version_id", "versions"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        moments=("created_at", "removed_at"),
        indices=(("pacticipant_id", "name"), ("version_id",)),
    )
    _periods(
        "former_branch_versions",
        _ref("former_branch_versions", "branch_id", "branches"),
        _ref("former_branch_versions", "version_id", "versions"),
        moments=("created_at", "removed_at"),
        indices=(("branch_id",), ("version_id",)),
    )
    _periods(
        "branch_promotions",
        _ref("branch_promotions", "branch_id", "branches"),
        _ref("branch_promotions", "version_id", "versions", nullable=True),
        moments=("created_at",),
        indices=(("branch_id",), ("version_id",)),
    )
    _periods(
        "former_main_branches",
        _ref("former_main_branches", "pacticipant_id", "pacticipants"),
        sa.Column("name", sa.String(), nullable=False),
        moments=("until",),
        indices=(("pacticipant_id", "until"),),
    )
    _periods(
        "support_gaps",
        _ref("support_gaps", "released_version_id", "released_versions"),
        moments=("began_at", "ended_at"),
        indices=(("released_version_id",),),
    )
    _periods(
        "removals",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        moments=("oldest_at", "removed_at"),
        indices=(("removed_at",),),
    )
    op.execute(HEADS_THAT_DID_NOT_JOIN_LAST)
    now = datetime.now(UTC)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.get_bind().execute(NOT_RECORDED, {"now": now.replace(tzinfo=None) if is_sqlite else now})


def _periods(
    name: str,
    *columns: sa.Column[object] | tuple[sa.Column[object], sa.ForeignKeyConstraint],
    moments: tuple[str, ...],
    indices: tuple[tuple[str, ...], ...],
) -> None:
    parts = [part for column in columns for part in (column if isinstance(column, tuple) else (column,))]
    op.create_table(
        name,
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *parts,
        *(sa.Column(moment, sa.DateTime(timezone=True), nullable=False) for moment in moments),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    for index in indices:
        op.create_index(op.f(f"ix_{name}_{'_'.join(index)}"), name, list(index))


def _ref(
    table: str, column: str, target: str, *, nullable: bool = False
) -> tuple[sa.Column[object], sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], ondelete="CASCADE", name=op.f(f"fk_{table}_{column}_{target}")
    )
    return sa.Column(column, BIG_ID, nullable=nullable), key
