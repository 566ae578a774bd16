"""Webhooks, their secrets, and what is sent."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from broker.storage.tables.columns import BigId, id_column, metadata, moment, reference

# Values that webhooks use by name; each is a Fernet token, unreadable without TALLY_SECRETS_KEY.
secrets = Table(
    "secrets",
    metadata,
    id_column(),
    Column("name", String, nullable=False, unique=True),
    Column("description", Text),
    Column("token", LargeBinary, nullable=False),
    reference(
        "team_id", "teams", nullable=True, ondelete=None
    ),  # whose webhooks may use it; null: those of no team
    Column("hosts", LargeBinary),  # JSON list of the hosts that it may be sent to; null: any
    moment("created_at"),
    moment("updated_at"),
    Index(None, "team_id"),
)

webhooks = Table(
    "webhooks",
    metadata,
    id_column(),
    Column("uuid", String, nullable=False, unique=True),
    Column("description", Text),
    reference("consumer_id", "pacticipants", nullable=True),
    Column("consumer_label", String),  # without an id and a label it is any
    reference("provider_id", "pacticipants", nullable=True),
    Column("provider_label", String),
    Column("enabled", Boolean, nullable=False),
    Column("request", LargeBinary, nullable=False),  # JSON: method, url, headers, body, username, password
    Column("credentials", LargeBinary),  # encrypted: headers and password, of which request has parameters
    Column("signing_secret", String),  # the name of one
    reference("team_id", "teams", nullable=True, ondelete=None),
    Column("failures", Integer, nullable=False, default=0),  # deliveries that failed for good, in a row
    moment("failing_since", nullable=True),  # when the first of these failed
    moment("disabled_at", nullable=True),  # when the broker disabled it
    moment("created_at"),
    moment("updated_at"),
    Index(None, "consumer_id"),
    Index(None, "provider_id"),
    Index(None, "team_id"),
)

webhook_events = Table(
    "webhook_events",
    metadata,
    Column("webhook_id", BigId, ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String, primary_key=True),
)

# The outbox: one row for each delivery, written in the transaction of its cause. due_at is when it is to be
# tried next or, while a worker has it, when that worker's lease ends; null when it is finished. attempts
# counts those that were recorded, claims those that were begun: who records must have the last claim.
#
# This table and the next one keep their names, which are the words of the API, as of the Pact Broker's
# (/triggered-webhooks): while servers are replaced one by one, those of an earlier release still use them.
deliveries = Table(
    "triggered_webhooks",
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    reference("webhook_id", "webhooks", nullable=True, ondelete="SET NULL"),
    Column("webhook_uuid", String, nullable=False),
    # Null for what is about no consumer and no provider: an entry of the audit log.
    reference("consumer_id", "pacticipants", nullable=True),
    reference("provider_id", "pacticipants", nullable=True),
    reference("consumer_version_id", "versions", nullable=True, ondelete="SET NULL"),
    reference("verification_id", "verifications", nullable=True, ondelete="SET NULL"),
    Column("name", String, nullable=False),
    Column("event", String, nullable=False),
    Column("trigger_type", String, nullable=False),
    Column("parameters", LargeBinary, nullable=False),  # JSON: what the template may use
    Column("receiver", String, nullable=False),  # host and port
    Column("status", String, nullable=False),
    Column("answer", String),  # of the last attempt: the status, or why there was none; no secrets
    Column("attempts", Integer, nullable=False, default=0),
    Column("claims", Integer, nullable=False, default=0),
    Column("traceparent", String(55)),  # of the request that caused it; null: of none
    moment("due_at", nullable=True),
    moment("created_at"),
    Index(
        "ix_triggered_webhooks_due",
        "due_at",
        "receiver",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    Index(None, "webhook_id", "id"),
    Index(None, "consumer_version_id"),
    Index(None, "verification_id"),
    Index(None, "provider_id", "consumer_id", "id"),
    Index(None, "consumer_id"),
)

delivery_attempts = Table(
    "webhook_executions",
    metadata,
    id_column(),
    reference("triggered_webhook_id", "triggered_webhooks"),
    Column("success", Boolean, nullable=False),
    Column("logs", Text, nullable=False),
    moment("created_at"),
    Index(None, "triggered_webhook_id"),
)
