"""Counts of results by day, and quality gates."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from broker.storage.tables.columns import BigId, id_column, metadata, moment, reference

# What is still to be counted (docs/decisions/0043-counted-by-day.md): a row is written in the transaction of
# the result or the publication, and deleted in that of its counting. It has a copy of what is counted, so
# that a result may be deleted before. *outcomes* is JSON; null means that they are read from the result.
results_to_count = Table(
    "results_to_count",
    metadata,
    id_column(),
    reference("consumer_id", "pacticipants"),
    reference("provider_id", "pacticipants"),
    Column("pact_version_id", BigInteger, nullable=False),
    Column("provider_version_id", BigInteger, nullable=False),
    Column("verification_id", BigInteger, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("pending", Boolean, nullable=False),
    Column("replaces", Boolean, nullable=False),  # whether the provider version had a result for the content
    Column("outcomes", LargeBinary),
    moment("created_at"),
    Index(None, "consumer_id"),
    Index(None, "provider_id"),
)

publications_to_count = Table(
    "publications_to_count",
    metadata,
    id_column(),
    reference("consumer_id", "pacticipants"),
    reference("provider_id", "pacticipants"),
    Column("interactions", Integer, nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    moment("created_at"),
    Index(None, "consumer_id"),
    Index(None, "provider_id"),
)

# Results by day and by week (*span*: 1 or 7 days from *start*), of a pair, of all consumers of a provider,
# and of all: then an id is 0, so no foreign key can be. Deleting a pacticipant also subtracts its rows.
result_counts = Table(
    "result_counts",
    metadata,
    Column("provider_id", BigInteger, primary_key=True, autoincrement=False),
    Column("consumer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("span", Integer, primary_key=True, autoincrement=False),
    Column("start", Date, primary_key=True),
    Column("passed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("pending", Integer, nullable=False),
    Column("interactions", Integer, nullable=False),
    Column("flaky", Integer, nullable=False),
    Column("durations", LargeBinary),  # see domain/insights/durations.py
    Index(None, "consumer_id", "span", "start"),
)

# Interactions by month. *key* is a hash of the name; *p95* the milliseconds that 95 % of them do not exceed.
interaction_counts = Table(
    "interaction_counts",
    metadata,
    Column("provider_id", BigId, ForeignKey("pacticipants.id", ondelete="CASCADE"), primary_key=True),
    Column("consumer_id", BigId, ForeignKey("pacticipants.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("month", Date, primary_key=True),
    Column("identity", String, nullable=False),
    Column("name", String, nullable=False),
    Column("runs", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("flaky", Integer, nullable=False),
    Column("durations", LargeBinary),
    Column("p95", Float),
    Index(None, "consumer_id"),
    Index(None, "month", "p95"),
    Index(None, "month", "flaky"),
)

# What is known last of a pair. The size is that of the newest publication.
integration_activity = Table(
    "integration_activity",
    metadata,
    Column("provider_id", BigId, ForeignKey("pacticipants.id", ondelete="CASCADE"), primary_key=True),
    Column("consumer_id", BigId, ForeignKey("pacticipants.id", ondelete="CASCADE"), primary_key=True),
    moment("first_at"),  # of a publication or a result
    moment("result_at", nullable=True),
    moment("failure_at", nullable=True),
    moment("published_at", nullable=True),
    Column("interactions", Integer, nullable=False, default=0),
    Column("size", Integer, nullable=False, default=0),
    Index(None, "consumer_id"),
    Index(None, "result_at"),
    Index(None, "failure_at"),
)

# How large the pact of a pair was after the last publication of a day.
contract_sizes = Table(
    "contract_sizes",
    metadata,
    Column("provider_id", BigId, ForeignKey("pacticipants.id", ondelete="CASCADE"), primary_key=True),
    Column("consumer_id", BigId, ForeignKey("pacticipants.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("publications", Integer, nullable=False),
    Column("interactions", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    moment("published_at"),
    Index(None, "consumer_id"),
)

# What services have to keep: all of them, one, or those with the label `team:…`.
quality_gates = Table(
    "quality_gates",
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("metric", String, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("days", Integer, nullable=False),
    reference("pacticipant_id", "pacticipants", nullable=True),
    Column("team", String),  # without an id and a team it is for all
    Column("base_url", Text, nullable=False),  # where the broker was asked for it, for what webhooks are told
    moment("created_at"),
    moment("updated_at"),
    Index(None, "pacticipant_id"),
)

# How a gate was judged last for a service. *told* is what webhooks were told last: failed, or nothing.
quality_gate_states = Table(
    "quality_gate_states",
    metadata,
    Column("gate_id", BigId, ForeignKey("quality_gates.id", ondelete="CASCADE"), primary_key=True),
    Column("pacticipant_id", BigId, ForeignKey("pacticipants.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String, nullable=False),  # passed, failed or unknown
    Column("value", Float),
    Column(
        "told", Boolean, nullable=False
    ),  # whether webhooks were told that it failed, and of no recovery since
    moment("since"),
    Index(None, "pacticipant_id"),
)
