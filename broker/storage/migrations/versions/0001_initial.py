"""The first schema, with the environments that are there from the start."""

from datetime import UTC, datetime
from uuid import uuid4

from alembic import op

from broker.storage.tables import environments, metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    metadata.create_all(op.get_bind())
    now = datetime.now(UTC)
    op.bulk_insert(
        environments,
        [
            {
                "uuid": str(uuid4()),
                "name": name,
                "display_name": name.capitalize(),
                "production": name == "production",
                "created_at": now,
                "updated_at": now,
            }
            for name in ("test", "production")
        ],
    )
