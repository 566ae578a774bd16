"""Results of verifications, and what is kept of them so that nobody reads their history."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from broker.storage.tables.columns import BigId, id_column, metadata, moment, reference

# Results. Only the newest of a (content, provider version) counts: superseded is false.
verifications = Table(
    "verifications",
    metadata,
    id_column(),  # the number of the result, one sequence for all (reference §7.1)
    reference("pact_version_id", "pact_versions"),
    reference("consumer_id", "pacticipants"),
    reference("provider_id", "pacticipants"),
    reference("provider_version_id", "versions"),
    Column("success", Boolean, nullable=False),
    Column("superseded", Boolean, nullable=False, default=False),
    Column("wip", Boolean, nullable=False, default=False),
    Column("pending", Boolean),
    Column("build_url", Text),
    Column("test_results", LargeBinary),  # JSON as it was sent
    Column("verified_by", LargeBinary),  # JSON as it was sent
    Column("consumer_version_numbers", LargeBinary),  # JSON list: which versions the result was made for
    moment("created_at"),
    Index(
        "uq_verifications_current",
        "pact_version_id",
        "provider_version_id",
        unique=True,
        sqlite_where=text("superseded = 0"),
        postgresql_where=text("NOT superseded"),
    ),
    Index(
        "ix_verifications_successes",
        "pact_version_id",
        "created_at",
        sqlite_where=text("success = 1"),
        postgresql_where=text("success"),
    ),
    Index(None, "pact_version_id", "id"),
    Index(None, "provider_version_id"),
    Index(None, "consumer_id", "provider_id", "id"),
)

# What failed in a result, and since when (domain/verifications/failing_since.py): of the whole in columns, of
# its interactions in one text, which nobody queries. Kept when the result is published, so that nobody has to
# read the results before it.
failed_results = Table(
    "failed_results",
    metadata,
    Column("verification_id", BigId, ForeignKey("verifications.id", ondelete="CASCADE"), primary_key=True),
    Column("failed", Integer, nullable=False),  # how many interactions
    Column("place", Text, nullable=False),  # of the first problem, as what follows
    Column("text", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("was", Text, nullable=False),
    # The first result of the run of failures. It may have been deleted since.
    Column("since_result", BigId, nullable=False),
    Column("since_version", String, nullable=False),
    moment("since_at"),
    Column("versions", Integer, nullable=False),  # how many failed in the run
    Column("interactions", LargeBinary, nullable=False),  # zlib
)

# "Was this content ever verified successfully from this branch", kept when a result is published and when a
# version joins a branch, so that pending and WIP need not read the history (reference §6.5, §6.6).
branch_successes = Table(
    "branch_successes",
    metadata,
    Column("pact_version_id", BigId, ForeignKey("pact_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("branch_id", BigId, ForeignKey("branches.id", ondelete="CASCADE"), primary_key=True),
    Column("wip", Boolean, primary_key=True),
    moment("first_at"),
    Index(None, "branch_id"),
)

# Parts of a verification that was divided between machines, until the last one arrives and they are merged.
verification_parts = Table(
    "verification_parts",
    metadata,
    id_column(),
    reference("pact_version_id", "pact_versions"),
    reference("provider_version_id", "versions"),
    Column("run", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("test_results", LargeBinary),  # JSON as it was sent
    moment("created_at"),
    UniqueConstraint("pact_version_id", "provider_version_id", "run", "number"),
    Index(None, "provider_version_id"),
)
