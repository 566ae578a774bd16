"""What is known of requests, processes and releases: which keys were used, and who does or may do what."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, String, Table, Text

from broker.storage.tables.columns import id_column, metadata, moment

# Requests that were carried out with a key of the client's, for a day. *digest* is of the key and of who
# asked. *request_digest* is made with the key, so nobody who reads the table can guess what was sent.
# *status* and what follows is the answer; *status* is null while a webhook is tried, in no transaction.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    id_column(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("method", String, nullable=False),
    Column("path", Text, nullable=False),
    Column("request_digest", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("content_type", String),
    Column("location", Text),
    Column("body", LargeBinary),
    moment("created_at"),
    Index(None, "created_at"),
)

# Who does what only one may do at a time, and until when: by the clock of the database.
leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    moment("held_until"),
)

# When each regular job last succeeded, by the clock of the database, and how long that took.
job_successes = Table(
    "job_successes",
    metadata,
    Column("name", String, primary_key=True),
    moment("succeeded_at"),
    Column("seconds", Float, nullable=False),
)

# One row: the oldest schema whose release can still use the database. A release that does not know the schema
# that it finds looks here.
schema_compatibility = Table(
    "schema_compatibility", metadata, Column("usable_from", String(32), primary_key=True)
)
