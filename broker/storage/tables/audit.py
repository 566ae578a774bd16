"""The audit log: who did what, and the seals that show whether it was changed afterwards."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, text

from broker.storage.tables.columns import id_column, metadata, moment, reference

# A seal of the entries that have its id, which is its number: *hash* is of the hash of the seal before it and
# of *digests*: 16 bytes of the UUID and 32 of the hash of each entry. No seal has two that follow it.
# *removed_at* is when the entries were removed because of their age, and the digests; the hash stays.
audit_seals = Table(
    "audit_seals",
    metadata,
    id_column(),
    Column("previous", LargeBinary, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("entries", Integer, nullable=False),
    Column("digests", LargeBinary),
    moment("sealed_at"),
    moment("removed_at", nullable=True),
    Index(None, "sealed_at"),
)

# One row for each write, in its transaction, and for refused writes and log-ins. Only *seal_id* changes,
# once. *before* and *after* are JSON, without secrets.
audit_entries = Table(
    "audit_entries",
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    moment("at"),
    Column("actor_uuid", String(36)),
    Column("actor_name", String, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("via", String, nullable=False),
    Column("address", String),
    Column("action", String, nullable=False),
    Column("subject_kind", String(32), nullable=False),
    Column("subject_name", Text, nullable=False),
    Column("team", String),
    Column("before", LargeBinary),
    Column("after", LargeBinary),
    Column("request_id", String),
    Column("outcome", String(16), nullable=False),
    reference("seal_id", "audit_seals", nullable=True, ondelete="RESTRICT"),
    Index(
        "ix_audit_entries_unsealed",
        "id",
        sqlite_where=text("seal_id IS NULL"),
        postgresql_where=text("seal_id IS NULL"),
    ),
    # Lists are in the order of the seals: entries that are committed late come after those that were read.
    Index(None, "seal_id", "id"),
    Index(None, "actor_name", "seal_id", "id"),
    Index(None, "action", "seal_id", "id"),
    Index(None, "subject_name", "seal_id", "id"),
    Index(None, "team", "seal_id", "id"),
)
