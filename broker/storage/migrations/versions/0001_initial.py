"""The first schema, with the environments that are there from the start.

Frozen: what follows was written by Alembic from the tables of the first release. Change a table in
broker/storage/tables, and say how to get there in a migration of its own.
"""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("version_positions")))
    op.create_table(
        "environments",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("production", sa.Boolean(), nullable=False),
        sa.Column("contacts", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environments")),
        sa.UniqueConstraint("name", name=op.f("uq_environments_name")),
        sa.UniqueConstraint("uuid", name=op.f("uq_environments_uuid")),
    )
    op.create_table(
        "pacticipants",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("repository_url", sa.String(), nullable=True),
        sa.Column("repository_name", sa.String(), nullable=True),
        sa.Column("repository_namespace", sa.String(), nullable=True),
        sa.Column("main_branch", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pacticipants")),
        sa.UniqueConstraint("name", name=op.f("uq_pacticipants_name")),
    )
    op.create_table(
        "secrets",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrets")),
        sa.UniqueConstraint("name", name=op.f("uq_secrets_name")),
    )
    op.create_table(
        "integrations",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("consumer_id", BIG_ID, nullable=False),
        sa.Column("provider_id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contract_data_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consumer_id"],
            ["pacticipants.id"],
            name=op.f("fk_integrations_consumer_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["pacticipants.id"],
            name=op.f("fk_integrations_provider_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrations")),
        sa.UniqueConstraint(
            "consumer_id", "provider_id", name=op.f("uq_integrations_consumer_id_provider_id")
        ),
    )
    op.create_index(
        op.f("ix_integrations_contract_data_updated_at"),
        "integrations",
        ["contract_data_updated_at"],
        unique=False,
    )
    op.create_index(op.f("ix_integrations_provider_id"), "integrations", ["provider_id"], unique=False)
    op.create_table(
        "labels",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("pacticipant_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pacticipant_id"],
            ["pacticipants.id"],
            name=op.f("fk_labels_pacticipant_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.UniqueConstraint("pacticipant_id", "name", name=op.f("uq_labels_pacticipant_id_name")),
    )
    op.create_index(op.f("ix_labels_name"), "labels", ["name"], unique=False)
    op.create_table(
        "pact_versions",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("consumer_id", BIG_ID, nullable=False),
        sa.Column("provider_id", BIG_ID, nullable=False),
        sa.Column("sha", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("interactions_count", sa.Integer(), nullable=False),
        sa.Column("messages_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_id"],
            ["pacticipants.id"],
            name=op.f("fk_pact_versions_consumer_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["pacticipants.id"],
            name=op.f("fk_pact_versions_provider_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_versions")),
        sa.UniqueConstraint(
            "consumer_id", "provider_id", "sha", name=op.f("uq_pact_versions_consumer_id_provider_id_sha")
        ),
    )
    op.create_index(op.f("ix_pact_versions_provider_id"), "pact_versions", ["provider_id"], unique=False)
    op.create_table(
        "service_contracts",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("pacticipant_id", BIG_ID, nullable=False),
        sa.Column("sha", sa.String(length=40), nullable=False),
        sa.Column("specification", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("operations_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pacticipant_id"],
            ["pacticipants.id"],
            name=op.f("fk_service_contracts_pacticipant_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_contracts")),
        sa.UniqueConstraint("pacticipant_id", "sha", name=op.f("uq_service_contracts_pacticipant_id_sha")),
    )
    op.create_table(
        "versions",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("pacticipant_id", BIG_ID, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("build_url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pacticipant_id"],
            ["pacticipants.id"],
            name=op.f("fk_versions_pacticipant_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("pacticipant_id", "number", name=op.f("uq_versions_pacticipant_id_number")),
    )
    op.create_index(
        op.f("ix_versions_pacticipant_id_position"), "versions", ["pacticipant_id", "position"], unique=False
    )
    op.create_index(op.f("ix_versions_position"), "versions", ["position"], unique=False)
    op.create_table(
        "webhooks",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("uuid", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("consumer_id", BIG_ID, nullable=True),
        sa.Column("consumer_label", sa.String(), nullable=True),
        sa.Column("provider_id", BIG_ID, nullable=True),
        sa.Column("provider_label", sa.String(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("signing_secret", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_id"],
            ["pacticipants.id"],
            name=op.f("fk_webhooks_consumer_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["pacticipants.id"],
            name=op.f("fk_webhooks_provider_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("uuid", name=op.f("uq_webhooks_uuid")),
    )
    op.create_index(op.f("ix_webhooks_consumer_id"), "webhooks", ["consumer_id"], unique=False)
    op.create_index(op.f("ix_webhooks_provider_id"), "webhooks", ["provider_id"], unique=False)
    op.create_table(
        "branches",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("pacticipant_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("head_version_id", BIG_ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["head_version_id"],
            ["versions.id"],
            name=op.f("fk_branches_head_version_id_versions"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["pacticipant_id"],
            ["pacticipants.id"],
            name=op.f("fk_branches_pacticipant_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branches")),
        sa.UniqueConstraint("pacticipant_id", "name", name=op.f("uq_branches_pacticipant_id_name")),
    )
    op.create_index(op.f("ix_branches_head_version_id"), "branches", ["head_version_id"], unique=False)
    op.create_table(
        "deployed_versions",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("version_id", BIG_ID, nullable=False),
        sa.Column("pacticipant_id", BIG_ID, nullable=False),
        sa.Column("environment_id", BIG_ID, nullable=False),
        sa.Column("application_instance", sa.String(), nullable=False),
        sa.Column("auto_created", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undeployed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f("fk_deployed_versions_environment_id_environments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pacticipant_id"],
            ["pacticipants.id"],
            name=op.f("fk_deployed_versions_pacticipant_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_deployed_versions_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployed_versions")),
        sa.UniqueConstraint("uuid", name=op.f("uq_deployed_versions_uuid")),
    )
    op.create_index(
        "ix_deployed_versions_current",
        "deployed_versions",
        ["pacticipant_id", "version_id", "environment_id", "undeployed_at"],
        unique=False,
        sqlite_where=sa.text("undeployed_at IS NULL"),
        postgresql_where=sa.text("undeployed_at IS NULL"),
    )
    op.create_index(
        op.f("ix_deployed_versions_pacticipant_id"), "deployed_versions", ["pacticipant_id"], unique=False
    )
    op.create_index(
        op.f("ix_deployed_versions_version_id"), "deployed_versions", ["version_id"], unique=False
    )
    op.create_index(
        "uq_deployed_versions_current",
        "deployed_versions",
        ["environment_id", "pacticipant_id", "application_instance"],
        unique=True,
        sqlite_where=sa.text("undeployed_at IS NULL"),
        postgresql_where=sa.text("undeployed_at IS NULL"),
    )
    op.create_table(
        "pact_publications",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("consumer_id", BIG_ID, nullable=False),
        sa.Column("provider_id", BIG_ID, nullable=False),
        sa.Column("consumer_version_id", BIG_ID, nullable=False),
        sa.Column("pact_version_id", BIG_ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_id"],
            ["pacticipants.id"],
            name=op.f("fk_pact_publications_consumer_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["consumer_version_id"],
            ["versions.id"],
            name=op.f("fk_pact_publications_consumer_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pact_version_id"],
            ["pact_versions.id"],
            name=op.f("fk_pact_publications_pact_version_id_pact_versions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["pacticipants.id"],
            name=op.f("fk_pact_publications_provider_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_publications")),
        sa.UniqueConstraint(
            "consumer_version_id",
            "provider_id",
            "revision",
            name=op.f("uq_pact_publications_consumer_version_id_provider_id_revision"),
        ),
    )
    op.create_index(
        op.f("ix_pact_publications_consumer_id"), "pact_publications", ["consumer_id"], unique=False
    )
    op.create_index(
        "ix_pact_publications_latest",
        "pact_publications",
        ["provider_id", "consumer_id", "position"],
        unique=False,
        sqlite_where=sa.text("superseded = 0"),
        postgresql_where=sa.text("NOT superseded"),
    )
    op.create_index(
        op.f("ix_pact_publications_pact_version_id_position"),
        "pact_publications",
        ["pact_version_id", "position"],
        unique=False,
    )
    op.create_index(
        "uq_pact_publications_current",
        "pact_publications",
        ["consumer_version_id", "provider_id"],
        unique=True,
        sqlite_where=sa.text("superseded = 0"),
        postgresql_where=sa.text("NOT superseded"),
    )
    op.create_table(
        "released_versions",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("version_id", BIG_ID, nullable=False),
        sa.Column("pacticipant_id", BIG_ID, nullable=False),
        sa.Column("environment_id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("support_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f("fk_released_versions_environment_id_environments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pacticipant_id"],
            ["pacticipants.id"],
            name=op.f("fk_released_versions_pacticipant_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_released_versions_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_released_versions")),
        sa.UniqueConstraint("uuid", name=op.f("uq_released_versions_uuid")),
        sa.UniqueConstraint(
            "version_id", "environment_id", name=op.f("uq_released_versions_version_id_environment_id")
        ),
    )
    op.create_index(
        "ix_released_versions_current",
        "released_versions",
        ["pacticipant_id", "version_id", "environment_id", "support_ended_at"],
        unique=False,
        sqlite_where=sa.text("support_ended_at IS NULL"),
        postgresql_where=sa.text("support_ended_at IS NULL"),
    )
    op.create_index(
        op.f("ix_released_versions_pacticipant_id"), "released_versions", ["pacticipant_id"], unique=False
    )
    op.create_index(
        "ix_released_versions_supported",
        "released_versions",
        ["environment_id", "pacticipant_id"],
        unique=False,
        sqlite_where=sa.text("support_ended_at IS NULL"),
        postgresql_where=sa.text("support_ended_at IS NULL"),
    )
    op.create_table(
        "service_contract_publications",
        sa.Column("version_id", BIG_ID, nullable=False),
        sa.Column("service_contract_id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_contract_id"],
            ["service_contracts.id"],
            name=op.f("fk_service_contract_publications_service_contract_id_service_contracts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_service_contract_publications_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_service_contract_publications")),
    )
    op.create_index(
        op.f("ix_service_contract_publications_service_contract_id"),
        "service_contract_publications",
        ["service_contract_id"],
        unique=False,
    )
    op.create_table(
        "service_contract_verifications",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("service_contract_id", BIG_ID, nullable=False),
        sa.Column("version_id", BIG_ID, nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("build_url", sa.Text(), nullable=True),
        sa.Column("test_results", sa.LargeBinary(), nullable=True),
        sa.Column("verified_by", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_contract_id"],
            ["service_contracts.id"],
            name=op.f("fk_service_contract_verifications_service_contract_id_service_contracts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_service_contract_verifications_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_contract_verifications")),
    )
    op.create_index(
        op.f("ix_service_contract_verifications_service_contract_id_id"),
        "service_contract_verifications",
        ["service_contract_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_service_contract_verifications_version_id"),
        "service_contract_verifications",
        ["version_id"],
        unique=False,
    )
    op.create_table(
        "tags",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("pacticipant_id", BIG_ID, nullable=False),
        sa.Column("version_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pacticipant_id"],
            ["pacticipants.id"],
            name=op.f("fk_tags_pacticipant_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["versions.id"], name=op.f("fk_tags_version_id_versions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("version_id", "name", name=op.f("uq_tags_version_id_name")),
    )
    op.create_index(
        op.f("ix_tags_pacticipant_id_name_position"),
        "tags",
        ["pacticipant_id", "name", "position"],
        unique=False,
    )
    op.create_table(
        "verification_parts",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("pact_version_id", BIG_ID, nullable=False),
        sa.Column("provider_version_id", BIG_ID, nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("test_results", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pact_version_id"],
            ["pact_versions.id"],
            name=op.f("fk_verification_parts_pact_version_id_pact_versions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_version_id"],
            ["versions.id"],
            name=op.f("fk_verification_parts_provider_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_parts")),
        sa.UniqueConstraint(
            "pact_version_id",
            "provider_version_id",
            "run",
            "number",
            name=op.f("uq_verification_parts_pact_version_id_provider_version_id_run_number"),
        ),
    )
    op.create_index(
        op.f("ix_verification_parts_provider_version_id"),
        "verification_parts",
        ["provider_version_id"],
        unique=False,
    )
    op.create_table(
        "verifications",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("pact_version_id", BIG_ID, nullable=False),
        sa.Column("consumer_id", BIG_ID, nullable=False),
        sa.Column("provider_id", BIG_ID, nullable=False),
        sa.Column("provider_version_id", BIG_ID, nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.Column("wip", sa.Boolean(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=True),
        sa.Column("build_url", sa.Text(), nullable=True),
        sa.Column("test_results", sa.LargeBinary(), nullable=True),
        sa.Column("verified_by", sa.LargeBinary(), nullable=True),
        sa.Column("consumer_version_numbers", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_id"],
            ["pacticipants.id"],
            name=op.f("fk_verifications_consumer_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pact_version_id"],
            ["pact_versions.id"],
            name=op.f("fk_verifications_pact_version_id_pact_versions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["pacticipants.id"],
            name=op.f("fk_verifications_provider_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_version_id"],
            ["versions.id"],
            name=op.f("fk_verifications_provider_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    op.create_index(
        op.f("ix_verifications_consumer_id_provider_id"),
        "verifications",
        ["consumer_id", "provider_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_verifications_pact_version_id_id"), "verifications", ["pact_version_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_verifications_provider_version_id"), "verifications", ["provider_version_id"], unique=False
    )
    op.create_index(
        "uq_verifications_current",
        "verifications",
        ["pact_version_id", "provider_version_id"],
        unique=True,
        sqlite_where=sa.text("superseded = 0"),
        postgresql_where=sa.text("NOT superseded"),
    )
    op.create_table(
        "webhook_events",
        sa.Column("webhook_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhooks.id"],
            name=op.f("fk_webhook_events_webhook_id_webhooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("webhook_id", "name", name=op.f("pk_webhook_events")),
    )
    op.create_table(
        "branch_successes",
        sa.Column("pact_version_id", BIG_ID, nullable=False),
        sa.Column("branch_id", BIG_ID, nullable=False),
        sa.Column("wip", sa.Boolean(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"],
            ["branches.id"],
            name=op.f("fk_branch_successes_branch_id_branches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pact_version_id"],
            ["pact_versions.id"],
            name=op.f("fk_branch_successes_pact_version_id_pact_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("pact_version_id", "branch_id", "wip", name=op.f("pk_branch_successes")),
    )
    op.create_index(op.f("ix_branch_successes_branch_id"), "branch_successes", ["branch_id"], unique=False)
    op.create_table(
        "branch_versions",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("branch_id", BIG_ID, nullable=False),
        sa.Column("version_id", BIG_ID, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("auto_created", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"],
            ["branches.id"],
            name=op.f("fk_branch_versions_branch_id_branches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_branch_versions_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch_versions")),
        sa.UniqueConstraint("branch_id", "version_id", name=op.f("uq_branch_versions_branch_id_version_id")),
    )
    op.create_index(
        op.f("ix_branch_versions_branch_id_position"),
        "branch_versions",
        ["branch_id", "position"],
        unique=False,
    )
    op.create_index(op.f("ix_branch_versions_version_id"), "branch_versions", ["version_id"], unique=False)
    op.create_table(
        "triggered_webhooks",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("webhook_id", BIG_ID, nullable=True),
        sa.Column("webhook_uuid", sa.String(), nullable=False),
        sa.Column("consumer_id", BIG_ID, nullable=False),
        sa.Column("provider_id", BIG_ID, nullable=False),
        sa.Column("consumer_version_id", BIG_ID, nullable=True),
        sa.Column("verification_id", BIG_ID, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("trigger_type", sa.String(), nullable=False),
        sa.Column("parameters", sa.LargeBinary(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_id"],
            ["pacticipants.id"],
            name=op.f("fk_triggered_webhooks_consumer_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["consumer_version_id"],
            ["versions.id"],
            name=op.f("fk_triggered_webhooks_consumer_version_id_versions"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["pacticipants.id"],
            name=op.f("fk_triggered_webhooks_provider_id_pacticipants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["verifications.id"],
            name=op.f("fk_triggered_webhooks_verification_id_verifications"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhooks.id"],
            name=op.f("fk_triggered_webhooks_webhook_id_webhooks"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triggered_webhooks")),
        sa.UniqueConstraint("uuid", name=op.f("uq_triggered_webhooks_uuid")),
    )
    op.create_index(
        op.f("ix_triggered_webhooks_consumer_id"), "triggered_webhooks", ["consumer_id"], unique=False
    )
    op.create_index(
        op.f("ix_triggered_webhooks_consumer_version_id"),
        "triggered_webhooks",
        ["consumer_version_id"],
        unique=False,
    )
    op.create_index(
        "ix_triggered_webhooks_due",
        "triggered_webhooks",
        ["due_at", "receiver"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_triggered_webhooks_provider_id_consumer_id_id"),
        "triggered_webhooks",
        ["provider_id", "consumer_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_triggered_webhooks_verification_id"), "triggered_webhooks", ["verification_id"], unique=False
    )
    op.create_index(
        op.f("ix_triggered_webhooks_webhook_id_id"), "triggered_webhooks", ["webhook_id", "id"], unique=False
    )
    op.create_table(
        "webhook_executions",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("triggered_webhook_id", BIG_ID, nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("logs", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["triggered_webhook_id"],
            ["triggered_webhooks.id"],
            name=op.f("fk_webhook_executions_triggered_webhook_id_triggered_webhooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_executions")),
    )
    op.create_index(
        op.f("ix_webhook_executions_triggered_webhook_id"),
        "webhook_executions",
        ["triggered_webhook_id"],
        unique=False,
    )
    _add_environments()


def _add_environments() -> None:
    now = datetime.now(UTC)
    environments = sa.table(
        "environments",
        sa.column("uuid", sa.String),
        sa.column("name", sa.String),
        sa.column("display_name", sa.String),
        sa.column("production", sa.Boolean),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("updated_at", sa.DateTime(timezone=True)),
    )
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
