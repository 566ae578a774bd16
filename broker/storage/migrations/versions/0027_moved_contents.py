"""Objects that have contents of pacts, in a store beside the database."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "content_objects",
        sa.Column("key", sa.String(length=97), nullable=False),
        sa.Column("pact_version_id", BIG_ID, nullable=True),
        sa.Column("unneeded_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["pact_version_id"],
            ["pact_versions.id"],
            name=op.f("fk_content_objects_pact_version_id_pact_versions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_content_objects")),
    )
    op.create_index(op.f("ix_content_objects_pact_version_id"), "content_objects", ["pact_version_id"])
