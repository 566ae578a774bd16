"""Contents of pacts, and in which versions they were published."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from broker.storage.elsewhere import WholeContent
from broker.storage.tables.columns import BigId, id_column, metadata, moment, reference

# Distinct content between a consumer and a provider, stored once (reference §5.1: "pact version").
pact_versions = Table(
    "pact_versions",
    metadata,
    id_column(),
    reference("consumer_id", "pacticipants"),
    reference("provider_id", "pacticipants"),
    Column("sha", String(40), nullable=False),
    Column("content", WholeContent, nullable=False),  # JSON with `_id`s, as it is sent to clients
    Column("interactions_count", Integer, nullable=False),
    Column("messages_count", Integer, nullable=False),
    moment("created_at"),
    Column("digits", String(40)),  # a hash of numbers such as 2.300, whose values do not tell their digits
    Column("outline", LargeBinary),  # the interactions by id and name (domain/pacts/outline.py); zlib
    UniqueConstraint("consumer_id", "provider_id", "sha"),
    Index(None, "provider_id"),
)

# What the interactions of a content use, as JSON of tally.usage.uses; kept when it is published.
pact_usages = Table(
    "pact_usages",
    metadata,
    Column("pact_version_id", BigId, ForeignKey("pact_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("uses", LargeBinary, nullable=False),
)

# Objects with contents of pacts, and of which content each is. One that is of none, since some moment, is to
# be removed: a content was deleted, is in the database again, or was never replaced by its object.
content_objects = Table(
    "content_objects",
    metadata,
    Column("key", String(97), primary_key=True),
    reference("pact_version_id", "pact_versions", nullable=True, ondelete="SET NULL"),
    moment("unneeded_since", nullable=True),
    Index(None, "pact_version_id"),
)

# The pact of a consumer version with a provider. Only the newest revision counts: superseded is false.
# SQLite uses a partial index only for a condition that is written the same; SQLAlchemy writes "= 0" for it.
pact_publications = Table(
    "pact_publications",
    metadata,
    id_column(),
    reference("consumer_id", "pacticipants"),
    reference("provider_id", "pacticipants"),
    reference("consumer_version_id", "versions"),
    reference("pact_version_id", "pact_versions"),
    Column("revision", Integer, nullable=False),
    Column("superseded", Boolean, nullable=False, default=False),
    Column("position", BigInteger, nullable=False),  # a copy of the consumer version's
    moment("created_at"),
    UniqueConstraint("consumer_version_id", "provider_id", "revision"),
    Index(
        "uq_pact_publications_current",
        "consumer_version_id",
        "provider_id",
        unique=True,
        sqlite_where=text("superseded = 0"),
        postgresql_where=text("NOT superseded"),
    ),
    Index(
        "ix_pact_publications_latest",
        "provider_id",
        "consumer_id",
        "position",
        sqlite_where=text("superseded = 0"),
        postgresql_where=text("NOT superseded"),
    ),
    Index(None, "pact_version_id", "position"),
    Index(None, "consumer_id"),
)
