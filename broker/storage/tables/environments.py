"""Environments, and which versions are in them."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, String, Table, UniqueConstraint, text

from broker.storage.tables.columns import id_column, metadata, moment, reference

environments = Table(
    "environments",
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("name", String, nullable=False, unique=True),
    Column("display_name", String, nullable=False),
    Column("production", Boolean, nullable=False),
    Column("contacts", LargeBinary),  # JSON list of {name, details}
    Column("protected", Boolean),  # null: as *production*
    Column("requires_can_i_deploy", Boolean),  # null: no
    moment("created_at"),
    moment("updated_at"),
)

# One version is currently deployed in each slot (reference §9): the unique partial index ensures it.
deployed_versions = Table(
    "deployed_versions",
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    reference("version_id", "versions"),
    reference("pacticipant_id", "pacticipants"),
    reference("environment_id", "environments"),
    Column("application_instance", String, nullable=False, default=""),  # "" is "no instance"
    Column("auto_created", Boolean, nullable=False, default=False),
    moment("created_at"),
    moment("updated_at"),
    moment("undeployed_at", nullable=True),
    Index(
        "uq_deployed_versions_current",
        "environment_id",
        "pacticipant_id",
        "application_instance",
        unique=True,
        sqlite_where=text("undeployed_at IS NULL"),
        postgresql_where=text("undeployed_at IS NULL"),
    ),
    Index(
        "ix_deployed_versions_current",
        "pacticipant_id",
        "version_id",
        "environment_id",
        "undeployed_at",  # with it, the index covers the look-ups; without it, SQLite prefers the other index
        sqlite_where=text("undeployed_at IS NULL"),
        postgresql_where=text("undeployed_at IS NULL"),
    ),
    Index(None, "version_id"),
    Index(None, "pacticipant_id", "environment_id", "version_id"),
    Index(None, "updated_at"),
)

released_versions = Table(
    "released_versions",
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    reference("version_id", "versions"),
    reference("pacticipant_id", "pacticipants"),
    reference("environment_id", "environments"),
    moment("created_at"),
    moment("updated_at"),
    moment("support_ended_at", nullable=True),
    UniqueConstraint("version_id", "environment_id"),
    Index(
        "ix_released_versions_supported",
        "environment_id",
        "pacticipant_id",
        sqlite_where=text("support_ended_at IS NULL"),
        postgresql_where=text("support_ended_at IS NULL"),
    ),
    Index(
        "ix_released_versions_current",
        "pacticipant_id",
        "version_id",
        "environment_id",
        "support_ended_at",
        sqlite_where=text("support_ended_at IS NULL"),
        postgresql_where=text("support_ended_at IS NULL"),
    ),
    Index(None, "pacticipant_id", "environment_id", "version_id"),
    Index(None, "updated_at"),
)
