"""What pacts use of their providers. Of those that are there it is read when somebody asks."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "pact_usages",
        sa.Column("pact_version_id", BIG_ID, nullable=False),
        sa.Column("uses", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pact_version_id"],
            ["pact_versions.id"],
            ondelete="CASCADE",
            name=op.f("fk_pact_usages_pact_version_id_pact_versions"),
        ),
        sa.PrimaryKeyConstraint("pact_version_id", name=op.f("pk_pact_usages")),
    )
    op.add_column("integrations", sa.Column("uses_since", sa.LargeBinary()))
