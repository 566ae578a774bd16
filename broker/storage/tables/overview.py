"""How integrations stand."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from broker.storage.tables.columns import id_column, metadata, moment, reference

# How each integration stands on main, and in each environment that it is in: what pages show of it. Every
# transaction that changes it renews it. *place* is 0 for main, or else the id of the environment; *verdict*
# is the rank of a PactStatus, the worst first. The ids of versions refer to nothing: to delete one renews.
standings = Table(
    "standings",
    metadata,
    id_column(),
    reference("integration_id", "integrations"),
    reference("consumer_id", "pacticipants"),
    reference("provider_id", "pacticipants"),
    reference("environment_id", "environments", nullable=True),
    Column("place", BigInteger, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("consumer_version_id", BigInteger),
    Column("provider_version_id", BigInteger),
    Column("pact_version_id", BigInteger),
    Column("verification_id", BigInteger),  # the result that decided, if one did
    Column("interactions", Integer, nullable=False),  # of the pact, with messages
    Column("since_version_id", BigInteger),
    moment("since", nullable=True),
    Column("failures", LargeBinary),  # JSON: which interactions failed, and the first mismatch
    Column("results", String, nullable=False),  # of main: the newest results of the pair, a letter each
    UniqueConstraint("integration_id", "place"),
    Index(None, "place", "verdict", "since"),
    Index(None, "consumer_id", "place"),
    Index(None, "provider_id", "place"),
    Index(None, "environment_id"),
)

# It has no rows. PostgreSQL locks it: transactions that renew standings share it, or one has it alone.
standings_lock = Table("standings_lock", metadata, Column("id", Integer, primary_key=True))
