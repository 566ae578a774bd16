"""Pacticipants with their versions, branches, tags and labels, and who needs whom."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from broker.storage.tables.columns import id_column, metadata, moment, reference

pacticipants = Table(
    "pacticipants",
    metadata,
    id_column(),
    Column("name", String, nullable=False, unique=True),
    Column("display_name", String, nullable=False),
    Column("repository_url", String),
    Column("repository_name", String),
    Column("repository_namespace", String),
    Column("main_branch", String),
    moment("created_at"),
    moment("updated_at"),
)

labels = Table(
    "labels",
    metadata,
    id_column(),
    reference("pacticipant_id", "pacticipants"),
    Column("name", String, nullable=False),
    moment("created_at"),
    UniqueConstraint("pacticipant_id", "name"),
    Index(None, "name"),
)

# One increasing sequence orders the versions of all pacticipants (reference §5.2). SQLite, which has no
# sequences, takes the next number under its write lock: see versions.next_position.
version_positions = Sequence("version_positions", metadata=metadata)

versions = Table(
    "versions",
    metadata,
    id_column(),
    reference("pacticipant_id", "pacticipants"),
    Column("number", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("build_url", Text),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("pacticipant_id", "number"),
    Index(None, "pacticipant_id", "position"),
    Index(None, "position"),
)

branches = Table(
    "branches",
    metadata,
    id_column(),
    reference("pacticipant_id", "pacticipants"),
    Column("name", String, nullable=False),
    # The version added last: what "latest of the branch" means (reference §5.2). Null for an empty branch.
    reference("head_version_id", "versions", nullable=True, ondelete="SET NULL"),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("pacticipant_id", "name"),
    Index(None, "head_version_id"),
)

branch_versions = Table(
    "branch_versions",
    metadata,
    id_column(),  # grows in the order in which versions were added
    reference("branch_id", "branches"),
    reference("version_id", "versions"),
    Column("position", BigInteger, nullable=False),  # a copy of the version's
    Column("auto_created", Boolean, nullable=False, default=False),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("branch_id", "version_id"),
    Index(None, "version_id"),
    Index(None, "branch_id", "position"),
)

tags = Table(
    "tags",
    metadata,
    id_column(),
    reference("pacticipant_id", "pacticipants"),
    reference("version_id", "versions"),
    Column("name", String, nullable=False),
    Column("position", BigInteger, nullable=False),  # a copy of the version's
    moment("created_at"),
    UniqueConstraint("version_id", "name"),
    Index(None, "pacticipant_id", "name", "position"),
)

integrations = Table(
    "integrations",
    metadata,
    id_column(),
    reference("consumer_id", "pacticipants"),
    reference("provider_id", "pacticipants"),
    moment("created_at"),
    moment("contract_data_updated_at", nullable=True),
    Column("uses_since", LargeBinary),  # JSON: since when the consumer uses what, seconds by the key of a use
    UniqueConstraint("consumer_id", "provider_id"),
    Index(None, "provider_id"),
    Index(None, "contract_data_updated_at"),
)
