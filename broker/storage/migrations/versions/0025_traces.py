"""The trace that a delivery of a webhook belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("triggered_webhooks", sa.Column("traceparent", sa.String(55)))
