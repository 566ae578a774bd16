"""What was removed or replaced, for questions about the past (docs/deciding.md).

What other tables keep, such as results that a newer one has replaced, is not here.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table

from broker.storage.tables.columns import id_column, metadata, moment, reference

former_tags = Table(
    "former_tags",
    metadata,
    id_column(),
    reference("pacticipant_id", "pacticipants"),
    reference("version_id", "versions"),
    Column("name", String, nullable=False),
    Column("position", BigInteger, nullable=False),  # a copy of the version's
    moment("created_at"),
    moment("removed_at"),
    Index(None, "pacticipant_id", "name"),
    Index(None, "version_id"),
)

former_branch_versions = Table(
    "former_branch_versions",
    metadata,
    id_column(),
    reference("branch_id", "branches"),
    reference("version_id", "versions"),
    moment("created_at"),
    moment("removed_at"),
    Index(None, "branch_id"),
    Index(None, "version_id"),
)

# Versions that became the head of a branch because the head was removed, not by joining the branch. Null when
# no version was left.
branch_promotions = Table(
    "branch_promotions",
    metadata,
    id_column(),
    reference("branch_id", "branches"),
    reference("version_id", "versions", nullable=True),
    moment("created_at"),
    Index(None, "branch_id"),
    Index(None, "version_id"),
)

former_main_branches = Table(
    "former_main_branches",
    metadata,
    id_column(),
    reference("pacticipant_id", "pacticipants"),
    Column("name", String, nullable=False),  # "" is "none"
    moment("until"),
    Index(None, "pacticipant_id", "until"),
)

# From the end of a release's support until it was supported again.
support_gaps = Table(
    "support_gaps",
    metadata,
    id_column(),
    reference("released_version_id", "released_versions"),
    moment("began_at"),
    moment("ended_at"),
    Index(None, "released_version_id"),
)

# The documents that a version had until it got more, and the policies of services until they were changed.
former_service_contracts = Table(
    "former_service_contracts",
    metadata,
    id_column(),
    reference("version_id", "versions"),
    reference("set_id", "service_contract_sets"),
    Column("decides", Boolean, nullable=False),
    moment("created_at"),
    moment("removed_at"),
    Index(None, "version_id", "removed_at"),
    Index(None, "set_id"),
)

former_service_contract_policies = Table(
    "former_service_contract_policies",
    metadata,
    id_column(),
    reference("pacticipant_id", "pacticipants"),
    Column("evidence", String),  # null when there was no policy
    Column("guaranteed", Boolean, nullable=False),
    moment("until"),
    Index(None, "pacticipant_id", "until"),
)

# What was deleted for good: an answer about the past says what is missing because of it. *name* is the
# pacticipant or the environment that it belonged to, *oldest_at* when the oldest of it was created.
removals = Table(
    "removals",
    metadata,
    id_column(),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("number", Integer, nullable=False),
    moment("oldest_at"),
    moment("removed_at"),
    Index(None, "removed_at"),
)
