"""Comparisons that could not be made are tried again. What was kept of such tries is forgotten."""

import zlib

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    table = "comparisons_to_make"
    no = sa.false()
    op.add_column(table, sa.Column("claimed", sa.Boolean(), nullable=False, server_default=no))
    op.add_column(table, sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(table, sa.Column("failed_at", sa.DateTime(timezone=True)))
    op.add_column(table, sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    _forget()


def _forget() -> None:
    """Delete what a try brought that had no answer: the next publication or question asks for it again."""
    connection = op.get_bind()
    comparisons = sa.table(
        "comparisons", sa.column("id"), sa.column("verdict"), sa.column("findings", sa.LargeBinary())
    )
    found = sa.select(comparisons.c.id, comparisons.c.findings).where(comparisons.c.verdict == "unknown")
    ids = [row.id for row in connection.execute(found) if _was_not_made(bytes(row.findings))]
    for number in ids:
        connection.execute(sa.delete(comparisons).where(comparisons.c.id == number))


def _was_not_made(packed: bytes) -> bool:
    told = orjson.loads(zlib.decompress(packed))
    return told.get("reason", "").startswith("It took longer than") or any(
        finding["code"] == "comparison.failed"
        for interaction in told.get("interactions", ())
        for finding in interaction["findings"]
    )
