"""Which comparisons are still to be made, and how the versions of documents compare with each other."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply this step."""
    table = "comparisons_to_make"
    op.create_table(
        table,
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *_reference(table, "pact_version_id", "pact_versions"),
        *_reference(table, "set_id", "service_contract_sets"),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("pact_version_id", "set_id", name=op.f(f"uq_{table}_pact_version_id_set_id")),
    )
    op.create_index(op.f(f"ix_{table}_due_at"), table, ["due_at"])
    op.create_index(op.f(f"ix_{table}_set_id"), table, ["set_id"])
    table = "compatibilities"
    op.create_table(
        table,
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *_reference(table, "earlier_id", "service_contracts"),
        *_reference(table, "later_id", "service_contracts"),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("lenient", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "later_id",
            "earlier_id",
            "mode",
            "lenient",
            name=op.f(f"uq_{table}_later_id_earlier_id_mode_lenient"),
        ),
    )
    op.create_index(op.f(f"ix_{table}_earlier_id"), table, ["earlier_id"])


def _reference(table: str, column: str, target: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], ondelete="CASCADE", name=op.f(f"fk_{table}_{column}_{target}")
    )
    return sa.Column(column, BIG_ID, nullable=False), key
