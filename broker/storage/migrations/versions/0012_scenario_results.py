"""Results of scenarios over several services are kept, under the versions that took part."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "scenario_results",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("build_url", sa.Text(), nullable=True),
        sa.Column("test_results", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_results")),
    )
    op.create_table(
        "scenario_result_versions",
        sa.Column("scenario_result_id", BIG_ID, nullable=False),
        sa.Column("version_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["scenario_result_id"],
            ["scenario_results.id"],
            ondelete="CASCADE",
            name=op.f("fk_scenario_result_versions_scenario_result_id_scenario_results"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            ondelete="CASCADE",
            name=op.f("fk_scenario_result_versions_version_id_versions"),
        ),
        sa.PrimaryKeyConstraint("scenario_result_id", "version_id", name=op.f("pk_scenario_result_versions")),
    )
    op.create_index(
        op.f("ix_scenario_result_versions_version_id_scenario_result_id"),
        "scenario_result_versions",
        ["version_id", "scenario_result_id"],
    )
