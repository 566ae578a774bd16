"""How each integration stands on main and in environments. `upgrade` of the package fills the table."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "standings"


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        TABLE,
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *_reference("integration_id", "integrations"),
        *_reference("consumer_id", "pacticipants"),
        *_reference("provider_id", "pacticipants"),
        *_reference("environment_id", "environments", nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Integer(), nullable=False),
        sa.Column("consumer_version_id", sa.BigInteger()),
        sa.Column("provider_version_id", sa.BigInteger()),
        sa.Column("pact_version_id", sa.BigInteger()),
        sa.Column("verification_id", sa.BigInteger()),
        sa.Column("interactions", sa.Integer(), nullable=False),
        sa.Column("since_version_id", sa.BigInteger()),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.LargeBinary()),
        sa.Column("results", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("integration_id", "place", name=op.f(f"uq_{TABLE}_integration_id_place")),
    )
    for columns in (
        ["place", "verdict", "since"],
        ["consumer_id", "place"],
        ["provider_id", "place"],
        ["environment_id"],
    ):
        op.create_index(op.f(f"ix_{TABLE}_{'_'.join(columns)}"), TABLE, columns)
    op.create_table(
        "standings_lock",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standings_lock")),
    )
    # The newest results of a pair are now found in their order.
    name = op.f("ix_verifications_consumer_id_provider_id")
    op.drop_index(name, "verifications")
    op.create_index(f"{name}_id", "verifications", ["consumer_id", "provider_id", "id"])


def _reference(
    column: str, target: str, *, nullable: bool = False
) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], ondelete="CASCADE", name=op.f(f"fk_{TABLE}_{column}_{target}")
    )
    return sa.Column(column, BIG_ID, nullable=nullable), key
