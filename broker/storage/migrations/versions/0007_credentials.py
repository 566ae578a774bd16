"""Passwords and headers of webhooks have a place of their own, for their encrypted form.

A server or a worker encrypts what is in `request` when it starts: only they know the key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("webhooks", sa.Column("credentials", sa.LargeBinary))
