"""Every table, in one long file, so that the schema can be read as a whole.

Each question of CI is a look-up by index, so its cost does not grow with history: the newest row of a group
is the first in an index on (group, position), and partial indexes leave out rows that a newer one has
replaced.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python, `timestamptz` in PostgreSQL, text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite gives ids only to a key of type INTEGER


def _id() -> Column[int]:
    return Column("id", BigId, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, *, nullable: bool = False, ondelete: str = "CASCADE") -> Column[int]:
    return Column(name, BigId, ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


pacticipants = Table(
    "pacticipants",
    metadata,
    _id(),
    Column("name", String, nullable=False, unique=True),
    Column("display_name", String, nullable=False),
    Column("repository_url", String),
    Column("repository_name", String),
    Column("repository_namespace", String),
    Column("main_branch", String),
    _moment("created_at"),
    _moment("updated_at"),
)

labels = Table(
    "labels",
    metadata,
    _id(),
    _ref("pacticipant_id", "pacticipants"),
    Column("name", String, nullable=False),
    _moment("created_at"),
    UniqueConstraint("pacticipant_id", "name"),
    Index(None, "name"),
)

# One increasing sequence orders the versions of all pacticipants (reference §5.2). SQLite, which has no
# sequences, takes the next number under its write lock: see versions.next_position.
version_positions = Sequence("version_positions", metadata=metadata)

versions = Table(
    "versions",
    metadata,
    _id(),
    _ref("pacticipant_id", "pacticipants"),
    Column("number", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("build_url", Text),
    _moment("created_at"),
    _moment("updated_at"),
    UniqueConstraint("pacticipant_id", "number"),
    Index(None, "pacticipant_id", "position"),
    Index(None, "position"),
)

branches = Table(
    "branches",
    metadata,
    _id(),
    _ref("pacticipant_id", "pacticipants"),
    Column("name", String, nullable=False),
    # The version added last: what "latest of the branch" means (reference §5.2). Null for an empty branch.
    _ref("head_version_id", "versions", nullable=True, ondelete="SET NULL"),
    _moment("created_at"),
    _moment("updated_at"),
    UniqueConstraint("pacticipant_id", "name"),
    Index(None, "head_version_id"),
)

branch_versions = Table(
    "branch_versions",
    metadata,
    _id(),  # grows in the order in which versions were added
    _ref("branch_id", "branches"),
    _ref("version_id", "versions"),
    Column("position", BigInteger, nullable=False),  # a copy of the version's
    Column("auto_created", Boolean, nullable=False, default=False),
    _moment("created_at"),
    _moment("updated_at"),
    UniqueConstraint("branch_id", "version_id"),
    Index(None, "version_id"),
    Index(None, "branch_id", "position"),
)

tags = Table(
    "tags",
    metadata,
    _id(),
    _ref("pacticipant_id", "pacticipants"),
    _ref("version_id", "versions"),
    Column("name", String, nullable=False),
    Column("position", BigInteger, nullable=False),  # a copy of the version's
    _moment("created_at"),
    UniqueConstraint("version_id", "name"),
    Index(None, "pacticipant_id", "name", "position"),
)

# Distinct content between a consumer and a provider, stored once (reference §5.1: "pact version").
pact_versions = Table(
    "pact_versions",
    metadata,
    _id(),
    _ref("consumer_id", "pacticipants"),
    _ref("provider_id", "pacticipants"),
    Column("sha", String(40), nullable=False),
    Column("content", LargeBinary, nullable=False),  # JSON with `_id`s, as it is sent to clients
    Column("interactions_count", Integer, nullable=False),
    Column("messages_count", Integer, nullable=False),
    _moment("created_at"),
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

# The pact of a consumer version with a provider. Only the newest revision counts: superseded is false.
# SQLite uses a partial index only for a condition that is written the same; SQLAlchemy writes "= 0" for it.
pact_publications = Table(
    "pact_publications",
    metadata,
    _id(),
    _ref("consumer_id", "pacticipants"),
    _ref("provider_id", "pacticipants"),
    _ref("consumer_version_id", "versions"),
    _ref("pact_version_id", "pact_versions"),
    Column("revision", Integer, nullable=False),
    Column("superseded", Boolean, nullable=False, default=False),
    Column("position", BigInteger, nullable=False),  # a copy of the consumer version's
    _moment("created_at"),
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

# Results. Only the newest of a (content, provider version) counts: superseded is false.
verifications = Table(
    "verifications",
    metadata,
    _id(),  # the number of the result, one sequence for all (reference §7.1)
    _ref("pact_version_id", "pact_versions"),
    _ref("consumer_id", "pacticipants"),
    _ref("provider_id", "pacticipants"),
    _ref("provider_version_id", "versions"),
    Column("success", Boolean, nullable=False),
    Column("superseded", Boolean, nullable=False, default=False),
    Column("wip", Boolean, nullable=False, default=False),
    Column("pending", Boolean),
    Column("build_url", Text),
    Column("test_results", LargeBinary),  # JSON as it was sent
    Column("verified_by", LargeBinary),  # JSON as it was sent
    Column("consumer_version_numbers", LargeBinary),  # JSON list: which versions the result was made for
    _moment("created_at"),
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
    _moment("since_at"),
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
    _moment("first_at"),
    Index(None, "branch_id"),
)

# Parts of a verification that was divided between machines, until the last one arrives and they are merged.
verification_parts = Table(
    "verification_parts",
    metadata,
    _id(),
    _ref("pact_version_id", "pact_versions"),
    _ref("provider_version_id", "versions"),
    Column("run", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("test_results", LargeBinary),  # JSON as it was sent
    _moment("created_at"),
    UniqueConstraint("pact_version_id", "provider_version_id", "run", "number"),
    Index(None, "provider_version_id"),
)

integrations = Table(
    "integrations",
    metadata,
    _id(),
    _ref("consumer_id", "pacticipants"),
    _ref("provider_id", "pacticipants"),
    _moment("created_at"),
    _moment("contract_data_updated_at", nullable=True),
    Column("uses_since", LargeBinary),  # JSON: since when the consumer uses what, seconds by the key of a use
    UniqueConstraint("consumer_id", "provider_id"),
    Index(None, "provider_id"),
    Index(None, "contract_data_updated_at"),
)

environments = Table(
    "environments",
    metadata,
    _id(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("name", String, nullable=False, unique=True),
    Column("display_name", String, nullable=False),
    Column("production", Boolean, nullable=False),
    Column("contacts", LargeBinary),  # JSON list of {name, details}
    _moment("created_at"),
    _moment("updated_at"),
)

# How each integration stands on main, and in each environment that it is in: what pages show of it. Every
# transaction that changes it renews it. *place* is 0 for main, or else the id of the environment; *verdict*
# is the rank of a PactStatus, the worst first. The ids of versions refer to nothing: to delete one renews.
standings = Table(
    "standings",
    metadata,
    _id(),
    _ref("integration_id", "integrations"),
    _ref("consumer_id", "pacticipants"),
    _ref("provider_id", "pacticipants"),
    _ref("environment_id", "environments", nullable=True),
    Column("place", BigInteger, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("consumer_version_id", BigInteger),
    Column("provider_version_id", BigInteger),
    Column("pact_version_id", BigInteger),
    Column("verification_id", BigInteger),  # the result that decided, if one did
    Column("interactions", Integer, nullable=False),  # of the pact, with messages
    Column("since_version_id", BigInteger),
    _moment("since", nullable=True),
    Column("failures", LargeBinary),  # JSON: which interactions failed, and the first mismatch
    Column("results", String, nullable=False),  # of main: the newest results of the pair, a letter each
    UniqueConstraint("integration_id", "place"),
    Index(None, "place", "verdict", "since"),
    Index(None, "consumer_id", "place"),
    Index(None, "provider_id", "place"),
    Index(None, "environment_id"),
)

# It has no rows. PostgreSQL locks it, so that transactions that renew standings do so one after the other.
standings_lock = Table("standings_lock", metadata, Column("id", Integer, primary_key=True))

# One version is currently deployed in each slot (reference §9): the unique partial index ensures it.
deployed_versions = Table(
    "deployed_versions",
    metadata,
    _id(),
    Column("uuid", String(36), nullable=False, unique=True),
    _ref("version_id", "versions"),
    _ref("pacticipant_id", "pacticipants"),
    _ref("environment_id", "environments"),
    Column("application_instance", String, nullable=False, default=""),  # "" is "no instance"
    Column("auto_created", Boolean, nullable=False, default=False),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("undeployed_at", nullable=True),
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
    Index(None, "pacticipant_id", "id"),
    Index(None, "updated_at"),
)

released_versions = Table(
    "released_versions",
    metadata,
    _id(),
    Column("uuid", String(36), nullable=False, unique=True),
    _ref("version_id", "versions"),
    _ref("pacticipant_id", "pacticipants"),
    _ref("environment_id", "environments"),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("support_ended_at", nullable=True),
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
    Index(None, "pacticipant_id", "id"),
    Index(None, "updated_at"),
)

# Distinct service contracts of a pacticipant, stored once by hash.
service_contracts = Table(
    "service_contracts",
    metadata,
    _id(),
    _ref("pacticipant_id", "pacticipants"),
    Column("sha", String(40), nullable=False),
    Column("specification", String, nullable=False),  # "openapi", "asyncapi", …
    Column("document", LargeBinary, nullable=False),  # JSON
    Column("operations_count", Integer, nullable=False),
    _moment("created_at"),
    UniqueConstraint("pacticipant_id", "sha"),
)

# The documents that a version has, told apart by their names. Equal sets of a pacticipant are stored once.
service_contract_sets = Table(
    "service_contract_sets",
    metadata,
    _id(),
    _ref("pacticipant_id", "pacticipants"),
    Column("sha", String(40), nullable=False),  # of the names and hashes of its documents
    _moment("created_at"),
    UniqueConstraint("pacticipant_id", "sha"),
)

service_contract_set_documents = Table(
    "service_contract_set_documents",
    metadata,
    Column("set_id", BigId, ForeignKey("service_contract_sets.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String, primary_key=True),
    _ref("service_contract_id", "service_contracts"),
    Index(None, "service_contract_id"),
)

service_contract_publications = Table(
    "service_contract_publications",
    metadata,
    Column("version_id", BigId, ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    _ref("set_id", "service_contract_sets"),
    # False for what was published when service contracts decided nothing: it decides when there is a policy.
    Column("decides", Boolean, nullable=False),
    _moment("created_at"),
    Index(None, "set_id"),
    Index(None, "created_at"),
)

# How the contracts of a service are judged. Without a row, as domain/service_contracts/policy.py says.
service_contract_policies = Table(
    "service_contract_policies",
    metadata,
    Column("pacticipant_id", BigId, ForeignKey("pacticipants.id", ondelete="CASCADE"), primary_key=True),
    Column("mode", String, nullable=False),
    Column("lenient", Boolean, nullable=False),
    Column("incompatible", String, nullable=False),
    Column("evidence", String, nullable=False),
    Column("guaranteed", Boolean, nullable=False),
    _moment("updated_at"),
)

# What is another way for a document, by its name.
service_contract_document_policies = Table(
    "service_contract_document_policies",
    metadata,
    Column(
        "pacticipant_id",
        BigId,
        ForeignKey("service_contract_policies.pacticipant_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("document", String, primary_key=True),
    Column("mode", String, nullable=False),
    Column("lenient", Boolean, nullable=False),
)

service_contract_verifications = Table(
    "service_contract_verifications",
    metadata,
    _id(),
    _ref("service_contract_id", "service_contracts"),
    _ref("version_id", "versions"),
    Column("success", Boolean, nullable=False),
    Column("build_url", Text),
    Column("test_results", LargeBinary),
    Column("verified_by", LargeBinary),
    _moment("created_at"),
    Index(None, "service_contract_id", "id"),
    Index(None, "version_id", "service_contract_id", "id"),
)

# What came of comparing a pact with the documents of a set, as the policy of the provider asks for it. A row
# never changes: another policy makes another one.
comparisons = Table(
    "comparisons",
    metadata,
    _id(),
    _ref("consumer_id", "pacticipants"),
    _ref("provider_id", "pacticipants"),
    _ref("pact_version_id", "pact_versions"),
    _ref("set_id", "service_contract_sets"),
    Column("guaranteed", Boolean, nullable=False),
    Column("verdict", String, nullable=False),  # compatible, incompatible or unknown
    Column("findings", LargeBinary, nullable=False),  # JSON as `tally compare` prints it; zlib
    _moment("created_at"),
    UniqueConstraint("pact_version_id", "set_id", "guaranteed"),
    Index(None, "set_id"),
    Index(None, "consumer_id", "provider_id"),
    Index(None, "provider_id"),
)

# Comparisons that a publication asks for, until they are made: due_at is when to make one or, while somebody
# does, when that lease ends. *base_url* is where the broker was asked, for what webhooks are told.
comparisons_to_make = Table(
    "comparisons_to_make",
    metadata,
    _id(),
    _ref("pact_version_id", "pact_versions"),
    _ref("set_id", "service_contract_sets"),
    Column("base_url", Text, nullable=False),  # "" when nobody is to be told
    Column("claims", Integer, nullable=False, default=0),
    Column("claimed", Boolean, nullable=False, default=False),
    _moment("due_at"),
    # Tries that ended without an answer, when the last one did, and why.
    Column("failures", Integer, nullable=False, default=0),
    _moment("failed_at", nullable=True),
    Column("reason", Text, nullable=False, default=""),
    UniqueConstraint("pact_version_id", "set_id"),
    Index(None, "due_at"),
    Index(None, "set_id"),
)

# How a document compares with one that an earlier version has. Like comparisons, a row never changes.
compatibilities = Table(
    "compatibilities",
    metadata,
    _id(),
    _ref("earlier_id", "service_contracts"),
    _ref("later_id", "service_contracts"),
    Column("mode", String, nullable=False),
    Column("lenient", Boolean, nullable=False),
    Column("verdict", String, nullable=False),
    Column("changes", LargeBinary, nullable=False),  # JSON as `tally check-compatibility` prints it
    _moment("created_at"),
    UniqueConstraint("later_id", "earlier_id", "mode", "lenient"),
    Index(None, "earlier_id"),
)

# What a document says that decisions look up: by what its operations are asked for, and what it needs of
# other services. *key* is the id of an operation, "GET /orders/{}" or the address of a channel.
service_contract_operations = Table(
    "service_contract_operations",
    metadata,
    Column(
        "service_contract_id",
        BigId,
        ForeignKey("service_contracts.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("key", String, primary_key=True),
)

service_contract_dependencies = Table(
    "service_contract_dependencies",
    metadata,
    _id(),
    _ref("service_contract_id", "service_contracts"),
    _ref("consumer_id", "pacticipants"),
    _ref("provider_id", "pacticipants"),
    Column("required", Boolean, nullable=False),
    Column("versions", String),  # a range such as ">=1.4 <2"
    Index(None, "service_contract_id"),
    Index(None, "consumer_id", "provider_id"),
    Index(None, "provider_id"),
)

service_contract_needs = Table(
    "service_contract_needs",
    metadata,
    Column(
        "dependency_id",
        BigId,
        ForeignKey("service_contract_dependencies.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("key", String, primary_key=True),
    Column("name", String, nullable=False),  # as the document writes it
)

# Values that webhooks use by name; each is a Fernet token, unreadable without TALLY_SECRETS_KEY.
# What came of scenarios over several services, and under which versions.
scenario_results = Table(
    "scenario_results",
    metadata,
    _id(),
    Column("title", String, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("build_url", Text),
    Column("test_results", LargeBinary),
    _moment("created_at"),
)

scenario_result_versions = Table(
    "scenario_result_versions",
    metadata,
    Column(
        "scenario_result_id", BigId, ForeignKey("scenario_results.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("version_id", BigId, ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "version_id", "scenario_result_id"),
)

secrets = Table(
    "secrets",
    metadata,
    _id(),
    Column("name", String, nullable=False, unique=True),
    Column("description", Text),
    Column("token", LargeBinary, nullable=False),
    _moment("created_at"),
    _moment("updated_at"),
)

webhooks = Table(
    "webhooks",
    metadata,
    _id(),
    Column("uuid", String, nullable=False, unique=True),
    Column("description", Text),
    _ref("consumer_id", "pacticipants", nullable=True),
    Column("consumer_label", String),  # without an id and a label it is any
    _ref("provider_id", "pacticipants", nullable=True),
    Column("provider_label", String),
    Column("enabled", Boolean, nullable=False),
    Column("request", LargeBinary, nullable=False),  # JSON: method, url, headers, body, username, password
    Column("credentials", LargeBinary),  # encrypted: headers and password, of which request has parameters
    Column("signing_secret", String),  # the name of one
    Column("failures", Integer, nullable=False, default=0),  # deliveries that failed for good, in a row
    _moment("failing_since", nullable=True),  # when the first of these failed
    _moment("disabled_at", nullable=True),  # when the broker disabled it
    _moment("created_at"),
    _moment("updated_at"),
    Index(None, "consumer_id"),
    Index(None, "provider_id"),
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
    _id(),
    Column("uuid", String(36), nullable=False, unique=True),
    _ref("webhook_id", "webhooks", nullable=True, ondelete="SET NULL"),
    Column("webhook_uuid", String, nullable=False),
    _ref("consumer_id", "pacticipants"),
    _ref("provider_id", "pacticipants"),
    _ref("consumer_version_id", "versions", nullable=True, ondelete="SET NULL"),
    _ref("verification_id", "verifications", nullable=True, ondelete="SET NULL"),
    Column("name", String, nullable=False),
    Column("event", String, nullable=False),
    Column("trigger_type", String, nullable=False),
    Column("parameters", LargeBinary, nullable=False),  # JSON: what the template may use
    Column("receiver", String, nullable=False),  # host and port
    Column("status", String, nullable=False),
    Column("answer", String),  # of the last attempt: the status, or why there was none; no secrets
    Column("attempts", Integer, nullable=False, default=0),
    Column("claims", Integer, nullable=False, default=0),
    _moment("due_at", nullable=True),
    _moment("created_at"),
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
    _id(),
    _ref("triggered_webhook_id", "triggered_webhooks"),
    Column("success", Boolean, nullable=False),
    Column("logs", Text, nullable=False),
    _moment("created_at"),
    Index(None, "triggered_webhook_id"),
)

# What was removed, for questions about the past (docs/deciding.md). What the tables above keep, such as
# results that a newer one has replaced, is not here.

former_tags = Table(
    "former_tags",
    metadata,
    _id(),
    _ref("pacticipant_id", "pacticipants"),
    _ref("version_id", "versions"),
    Column("name", String, nullable=False),
    Column("position", BigInteger, nullable=False),  # a copy of the version's
    _moment("created_at"),
    _moment("removed_at"),
    Index(None, "pacticipant_id", "name"),
    Index(None, "version_id"),
)

former_branch_versions = Table(
    "former_branch_versions",
    metadata,
    _id(),
    _ref("branch_id", "branches"),
    _ref("version_id", "versions"),
    _moment("created_at"),
    _moment("removed_at"),
    Index(None, "branch_id"),
    Index(None, "version_id"),
)

# Versions that became the head of a branch because the head was removed, not by joining the branch. Null when
# no version was left.
branch_promotions = Table(
    "branch_promotions",
    metadata,
    _id(),
    _ref("branch_id", "branches"),
    _ref("version_id", "versions", nullable=True),
    _moment("created_at"),
    Index(None, "branch_id"),
    Index(None, "version_id"),
)

former_main_branches = Table(
    "former_main_branches",
    metadata,
    _id(),
    _ref("pacticipant_id", "pacticipants"),
    Column("name", String, nullable=False),  # "" is "none"
    _moment("until"),
    Index(None, "pacticipant_id", "until"),
)

# From the end of a release's support until it was supported again.
support_gaps = Table(
    "support_gaps",
    metadata,
    _id(),
    _ref("released_version_id", "released_versions"),
    _moment("began_at"),
    _moment("ended_at"),
    Index(None, "released_version_id"),
)

# The documents that a version had until it got more, and the policies of services until they were changed.
former_service_contracts = Table(
    "former_service_contracts",
    metadata,
    _id(),
    _ref("version_id", "versions"),
    _ref("set_id", "service_contract_sets"),
    Column("decides", Boolean, nullable=False),
    _moment("created_at"),
    _moment("removed_at"),
    Index(None, "version_id", "removed_at"),
    Index(None, "set_id"),
)

former_service_contract_policies = Table(
    "former_service_contract_policies",
    metadata,
    _id(),
    _ref("pacticipant_id", "pacticipants"),
    Column("evidence", String),  # null when there was no policy
    Column("guaranteed", Boolean, nullable=False),
    _moment("until"),
    Index(None, "pacticipant_id", "until"),
)

# What was deleted for good: an answer about the past says what is missing because of it. *name* is the
# pacticipant or the environment that it belonged to, *oldest_at* when the oldest of it was created.
removals = Table(
    "removals",
    metadata,
    _id(),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("number", Integer, nullable=False),
    _moment("oldest_at"),
    _moment("removed_at"),
    Index(None, "removed_at"),
)

# Requests that were carried out with a key of the client's, for a day. *digest* is of the key and of who
# asked. *request_digest* is made with the key, so nobody who reads the table can guess what was sent.
# *status* and what follows is the answer; *status* is null while a webhook is tried, in no transaction.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    _id(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("method", String, nullable=False),
    Column("path", Text, nullable=False),
    Column("request_digest", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("content_type", String),
    Column("location", Text),
    Column("body", LargeBinary),
    _moment("created_at"),
    Index(None, "created_at"),
)

# Who does what only one may do at a time, and until when: by the clock of the database.
leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    _moment("held_until"),
)

# The index of the search (docs/decisions/0042-search.md). Texts are sorted by their bytes in both databases.
SORTED = String(collation="C").with_variant(String(), "sqlite")

# What has changed and is not in the index yet. Triggers add rows in the transaction of each change, also of
# what a deletion takes with it; *kind* says whose ids these are. See migrations/versions/0017_search.py.
search_queue = Table(
    "search_queue",
    metadata,
    _id(),
    Column("kind", Integer, nullable=False),
    Column("thing_id", BigInteger, nullable=False),
    Column("other_id", BigInteger),  # of the provider, where *thing_id* is of the consumer
)

# One row for each thing that is found. What it belongs to takes it along when it is deleted.
search_entries = Table(
    "search_entries",
    metadata,
    _id(),
    Column("kind", Integer, nullable=False),
    _ref("pacticipant_id", "pacticipants", nullable=True),
    _ref("integration_id", "integrations", nullable=True),
    _ref("branch_id", "branches", nullable=True),
    _ref("version_id", "versions", nullable=True),
    Column("text", Text, nullable=False),  # folded: what is searched
    Column("title", Text, nullable=False, default=""),  # the description of an interaction, or a state
    Column("method", String, nullable=False, default=""),
    Column("path", Text, nullable=False, default=""),
    Column("interaction", String, nullable=False, default=""),  # its `_id`, as on the page of the pact
    Column("on_main", Boolean, nullable=False, default=False),  # whether the pact of the main branch has it
    Column("contents", String, nullable=False, default=""),  # of an integration: those that were read
    *(
        Index(
            None,
            name,
            sqlite_where=text(f"{name} IS NOT NULL"),
            postgresql_where=text(f"{name} IS NOT NULL"),
        )
        for name in ("pacticipant_id", "integration_id", "branch_id", "version_id")
    ),
)

search_words = Table(
    "search_words",
    metadata,
    _id(),
    Column("kind", Integer, nullable=False),
    Column("word", SORTED, nullable=False),
    UniqueConstraint("kind", "word"),
)

# What words end with. Rows go with their word, by a statement: an index for a cascade would be as large.
search_endings = Table(
    "search_endings",
    metadata,
    Column("kind", Integer, primary_key=True),
    Column("ending", SORTED, primary_key=True),
    Column("word_id", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)

search_occurrences = Table(
    "search_occurrences",
    metadata,
    Column("word_id", BigId, ForeignKey("search_words.id", ondelete="CASCADE"), primary_key=True),
    Column("entry_id", BigId, ForeignKey("search_entries.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "entry_id"),
    sqlite_with_rowid=False,
)

# What is still to be counted (docs/decisions/0043-counted-by-day.md): a row is written in the transaction of
# the result or the publication, and deleted in that of its counting. It has a copy of what is counted, so
# that a result may be deleted before. *outcomes* is JSON; null means that they are read from the result.
results_to_count = Table(
    "results_to_count",
    metadata,
    _id(),
    _ref("consumer_id", "pacticipants"),
    _ref("provider_id", "pacticipants"),
    Column("pact_version_id", BigInteger, nullable=False),
    Column("provider_version_id", BigInteger, nullable=False),
    Column("verification_id", BigInteger, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("pending", Boolean, nullable=False),
    Column("replaces", Boolean, nullable=False),  # whether the provider version had a result for the content
    Column("outcomes", LargeBinary),
    _moment("created_at"),
    Index(None, "consumer_id"),
    Index(None, "provider_id"),
)

publications_to_count = Table(
    "publications_to_count",
    metadata,
    _id(),
    _ref("consumer_id", "pacticipants"),
    _ref("provider_id", "pacticipants"),
    Column("interactions", Integer, nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    _moment("created_at"),
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
    _moment("first_at"),  # of a publication or a result
    _moment("result_at", nullable=True),
    _moment("failure_at", nullable=True),
    _moment("published_at", nullable=True),
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
    _moment("published_at"),
    Index(None, "consumer_id"),
)

# What services have to keep: all of them, one, or those with the label `team:…`.
quality_gates = Table(
    "quality_gates",
    metadata,
    _id(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("metric", String, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("days", Integer, nullable=False),
    _ref("pacticipant_id", "pacticipants", nullable=True),
    Column("team", String),  # without an id and a team it is for all
    Column("base_url", Text, nullable=False),  # where the broker was asked for it, for what webhooks are told
    _moment("created_at"),
    _moment("updated_at"),
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
    _moment("since"),
    Index(None, "pacticipant_id"),
)
