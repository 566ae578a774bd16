"""What pacts use of their providers. Of those that are there it is read when somebody asks."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "pact_usages",
        *_references("pact_usages", pact_version_id="pact_versions"),
        sa.Column("uses", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pact_version_id", name=op.f("pk_pact_usages")),
    )
    op.create_table(
        "usage_beginnings",
        *_references("usage_beginnings", consumer_id="pacticipants", provider_id="pacticipants"),
        sa.Column("moments", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consumer_id", "provider_id", name=op.f("pk_usage_beginnings")),
    )
    op.create_index(op.f("ix_usage_beginnings_provider_id"), "usage_beginnings", ["provider_id"])


def _references(table: str, **targets: str) -> Iterator[Any]:
    for column, target in targets.items():
        yield sa.Column(column, BIG_ID, nullable=False)
        yield sa.ForeignKeyConstraint(
            [column], [f"{target}.id"], ondelete="CASCADE", name=op.f(f"fk_{table}_{column}_{target}")
        )
