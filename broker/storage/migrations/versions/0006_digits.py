"""Remember how the numbers of a content are written, where their values do not tell."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("pact_versions", sa.Column("digits", sa.String(length=40), nullable=True))
