"""What came of a delivery is kept beside its log, and since when a webhook fails."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("triggered_webhooks", sa.Column("answer", sa.String()))
    op.add_column("webhooks", sa.Column("failing_since", sa.DateTime(timezone=True)))
    op.execute(_since_when())


def _since_when() -> sa.Update:
    """Return the statement that takes the first failure after the last success of those that fail."""
    webhooks = sa.table(
        "webhooks",
        sa.column("id"),
        sa.column("failures"),
        sa.column("failing_since", sa.DateTime(timezone=True)),
    )
    deliveries = sa.table(
        "triggered_webhooks",
        sa.column("id"),
        sa.column("webhook_id"),
        sa.column("status"),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    earlier = deliveries.alias("earlier")
    last_success = (
        sa.select(sa.func.coalesce(sa.func.max(earlier.c.id), 0))
        .where(earlier.c.webhook_id == webhooks.c.id, earlier.c.status == "success")
        .correlate(webhooks)
    )
    first = (
        sa.select(sa.func.min(deliveries.c.created_at))
        .where(
            deliveries.c.webhook_id == webhooks.c.id,
            deliveries.c.status == "failure",
            deliveries.c.id > last_success.scalar_subquery(),
        )
        .correlate(webhooks)
    )
    return sa.update(webhooks).where(webhooks.c.failures > 0).values(failing_since=first.scalar_subquery())
