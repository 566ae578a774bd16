"""The database says which releases can still use it, to those that do not know its schema."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "schema_compatibility",
        sa.Column("usable_from", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("usable_from", name=op.f("pk_schema_compatibility")),
    )
