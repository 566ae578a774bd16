"""Find a content's first and last success without reading its other results."""

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_index(
        op.f("ix_verifications_successes"),
        "verifications",
        ["pact_version_id", "created_at"],
        sqlite_where=text("success = 1"),
        postgresql_where=text("success"),
    )
