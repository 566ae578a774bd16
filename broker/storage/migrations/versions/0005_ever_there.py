"""Find the versions of an application that ever were in an environment without reading those of others."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    columns = ["pacticipant_id", "environment_id", "version_id"]
    for table in ("deployed_versions", "released_versions"):
        op.create_index(op.f(f"ix_{table}_pacticipant_id_environment_id_version_id"), table, columns)
        op.drop_index(op.f(f"ix_{table}_pacticipant_id"), table)
