"""Find what was deployed or released last."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    for table in ("deployed_versions", "released_versions"):
        op.create_index(op.f(f"ix_{table}_updated_at"), table, ["updated_at"])
