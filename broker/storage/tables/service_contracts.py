"""Service contracts, their results, and what came of comparing them."""

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
)

from broker.storage.tables.columns import BigId, id_column, metadata, moment, reference

# Distinct service contracts of a pacticipant, stored once by hash.
service_contracts = Table(
    "service_contracts",
    metadata,
    id_column(),
    reference("pacticipant_id", "pacticipants"),
    Column("sha", String(40), nullable=False),
    Column("specification", String, nullable=False),  # "openapi", "asyncapi", …
    Column("document", LargeBinary, nullable=False),  # JSON
    Column("operations_count", Integer, nullable=False),
    moment("created_at"),
    UniqueConstraint("pacticipant_id", "sha"),
)

# The documents that a version has, told apart by their names. Equal sets of a pacticipant are stored once.
service_contract_sets = Table(
    "service_contract_sets",
    metadata,
    id_column(),
    reference("pacticipant_id", "pacticipants"),
    Column("sha", String(40), nullable=False),  # of the names and hashes of its documents
    moment("created_at"),
    UniqueConstraint("pacticipant_id", "sha"),
)

service_contract_set_documents = Table(
    "service_contract_set_documents",
    metadata,
    Column("set_id", BigId, ForeignKey("service_contract_sets.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String, primary_key=True),
    reference("service_contract_id", "service_contracts"),
    Index(None, "service_contract_id"),
)

service_contract_publications = Table(
    "service_contract_publications",
    metadata,
    Column("version_id", BigId, ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    reference("set_id", "service_contract_sets"),
    # False for what was published when service contracts decided nothing: it decides when there is a policy.
    Column("decides", Boolean, nullable=False),
    moment("created_at"),
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
    moment("updated_at"),
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
    id_column(),
    reference("service_contract_id", "service_contracts"),
    reference("version_id", "versions"),
    Column("success", Boolean, nullable=False),
    Column("build_url", Text),
    Column("test_results", LargeBinary),
    Column("verified_by", LargeBinary),
    moment("created_at"),
    Index(None, "service_contract_id", "id"),
    Index(None, "version_id", "service_contract_id", "id"),
)

# What came of comparing a pact with the documents of a set, as the policy of the provider asks for it. A row
# never changes: another policy makes another one.
comparisons = Table(
    "comparisons",
    metadata,
    id_column(),
    reference("consumer_id", "pacticipants"),
    reference("provider_id", "pacticipants"),
    reference("pact_version_id", "pact_versions"),
    reference("set_id", "service_contract_sets"),
    Column("guaranteed", Boolean, nullable=False),
    Column("verdict", String, nullable=False),  # compatible, incompatible or unknown
    Column("findings", LargeBinary, nullable=False),  # JSON as `tally compare` prints it; zlib
    moment("created_at"),
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
    id_column(),
    reference("pact_version_id", "pact_versions"),
    reference("set_id", "service_contract_sets"),
    Column("base_url", Text, nullable=False),  # "" when nobody is to be told
    Column("claims", Integer, nullable=False, default=0),
    Column("claimed", Boolean, nullable=False, default=False),
    moment("due_at"),
    # Tries that ended without an answer, when the last one did, and why.
    Column("failures", Integer, nullable=False, default=0),
    moment("failed_at", nullable=True),
    Column("reason", Text, nullable=False, default=""),
    UniqueConstraint("pact_version_id", "set_id"),
    Index(None, "due_at"),
    Index(None, "set_id"),
)

# How a document compares with one that an earlier version has. Like comparisons, a row never changes.
compatibilities = Table(
    "compatibilities",
    metadata,
    id_column(),
    reference("earlier_id", "service_contracts"),
    reference("later_id", "service_contracts"),
    Column("mode", String, nullable=False),
    Column("lenient", Boolean, nullable=False),
    Column("verdict", String, nullable=False),
    Column("changes", LargeBinary, nullable=False),  # JSON as `tally check-compatibility` prints it
    moment("created_at"),
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
    id_column(),
    reference("service_contract_id", "service_contracts"),
    reference("consumer_id", "pacticipants"),
    reference("provider_id", "pacticipants"),
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
