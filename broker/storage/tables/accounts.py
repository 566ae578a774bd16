"""Accounts, teams, tokens, sessions, and who may deploy where."""

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from broker.storage.tables.columns import id_column, metadata, moment, reference

# People and service accounts. A service account belongs to a team and has no log-in. *name_key* is the name
# without case, so that no two names differ in that alone.
accounts = Table(
    "accounts",
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False, unique=True),
    Column("display_name", String, nullable=False),
    Column("email", String),
    Column("password_hash", String),
    reference("team_id", "teams", nullable=True),
    moment("disabled_at", nullable=True),
    Column("last_seen_on", Date),
    moment("created_at"),
    moment("updated_at"),
    Index(None, "team_id"),
)

# Who an identity provider says somebody is. Accounts are never found by e-mail: some providers let people
# choose theirs.
identities = Table(
    "identities",
    metadata,
    id_column(),
    reference("account_id", "accounts"),
    Column("issuer", String, nullable=False),
    Column("subject", String, nullable=False),
    moment("created_at"),
    UniqueConstraint("issuer", "subject"),
    Index(None, "account_id"),
)

teams = Table(
    "teams",
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False, unique=True),
    Column("description", Text),
    moment("created_at"),
    moment("updated_at"),
)

# A role in a team; without a team, everywhere. *from_group* is the group of an identity provider that gave
# it: such a role is looked at anew at each log-in.
account_roles = Table(
    "account_roles",
    metadata,
    id_column(),
    reference("account_id", "accounts"),
    Column("role", String(32), nullable=False),
    reference("team_id", "teams", nullable=True),
    Column("from_group", String),
    moment("created_at"),
    Index(
        "uq_account_roles_team",
        "account_id",
        "team_id",
        "role",
        unique=True,
        sqlite_where=text("team_id IS NOT NULL"),
        postgresql_where=text("team_id IS NOT NULL"),
    ),
    Index(
        "uq_account_roles_everywhere",
        "account_id",
        "role",
        unique=True,
        sqlite_where=text("team_id IS NULL"),
        postgresql_where=text("team_id IS NULL"),
    ),
    Index(None, "team_id"),
)

team_members = Table(
    "team_members",
    metadata,
    reference("team_id", "teams"),
    reference("account_id", "accounts"),
    Column("from_group", String),
    moment("created_at"),
    PrimaryKeyConstraint("team_id", "account_id"),
    Index(None, "account_id"),
)

team_pacticipants = Table(
    "team_pacticipants",
    metadata,
    reference("team_id", "teams"),
    reference("pacticipant_id", "pacticipants"),
    moment("created_at"),
    PrimaryKeyConstraint("team_id", "pacticipant_id"),
    Index(None, "pacticipant_id"),
)

# The teams that may deploy to a protected environment.
environment_deployers = Table(
    "environment_deployers",
    metadata,
    reference("environment_id", "environments"),
    reference("team_id", "teams"),
    moment("created_at"),
    PrimaryKeyConstraint("environment_id", "team_id"),
    Index(None, "team_id"),
)

# Pipelines that get a token for the account by an id token of their own. *claims* is a JSON object of the
# values that the id token must have, *repository* one of them, to find trusts by; *workflow* is the file of
# the pipeline, *refs* a JSON list of patterns.
trusts = Table(
    "trusts",
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    reference("account_id", "accounts"),
    Column("kind", String(16), nullable=False),  # github, gitlab or other
    Column("issuer", String, nullable=False),
    Column("audience", String),
    Column("repository", String),
    Column("claims", LargeBinary, nullable=False),
    Column("workflow", String),
    Column("refs", LargeBinary, nullable=False),
    Column("scopes", LargeBinary, nullable=False),  # a JSON list
    Column("minutes", Integer, nullable=False),
    moment("created_at"),
    Index(None, "account_id"),
    Index(None, "issuer", "repository"),
)

# Tokens are known by their SHA-256 alone. *scopes*, *pacticipants* and *environments* are JSON lists that
# only take away from what the account may do; null takes nothing away.
tokens = Table(
    "tokens",
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    reference("account_id", "accounts"),
    Column("kind", String(16), nullable=False),  # personal, service or ci
    Column("name", String, nullable=False),
    Column("prefix", String(16), nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", LargeBinary),
    Column("pacticipants", LargeBinary),
    Column("environments", LargeBinary),
    reference("trust_id", "trusts", nullable=True),
    Column("origin", Text),  # of a token of a pipeline: which run it is for
    moment("expires_at"),
    moment("revoked_at", nullable=True),
    Column("last_used_on", Date),
    moment("created_at"),
    Index(None, "account_id"),
    Index(None, "trust_id"),
    Index(None, "expires_at"),
)

# Who is logged in to the pages, by the SHA-256 of a random id in a cookie. *rights* tells what the account
# might do when the id was made: with other rights there is another id.
sessions = Table(
    "sessions",
    metadata,
    id_column(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    reference("account_id", "accounts"),
    Column("csrf", String, nullable=False),
    Column("via", String, nullable=False),  # password, link, or the name of an identity provider
    Column("rights", String(32), nullable=False),
    Column("address", String, nullable=False),
    Column("agent", String, nullable=False),
    moment("expires_at"),
    moment("idle_until"),
    moment("created_at"),
    Index(None, "account_id"),
    Index(None, "expires_at"),
)

# Links by which somebody logs in once, without a password: `tally users create` and `reset` make them.
log_in_links = Table(
    "log_in_links",
    metadata,
    id_column(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    reference("account_id", "accounts"),
    moment("expires_at"),
    moment("created_at"),
    Index(None, "account_id"),
    Index(None, "expires_at"),
)

# An id token is used once: who inserts its row has used it.
used_jtis = Table(
    "used_jtis",
    metadata,
    id_column(),
    Column("issuer", String, nullable=False),
    Column("jti", String, nullable=False),
    moment("expires_at"),
    UniqueConstraint("issuer", "jti"),
    Index(None, "expires_at"),
)

# How often something was tried, in a period that begins at *start* (seconds since 1970), for all processes.
tries = Table(
    "tries",
    metadata,
    Column("digest", LargeBinary, nullable=False),
    Column("start", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("digest", "start"),
    Index(None, "start"),
)

# A row for each change of what somebody may do: processes that see a new one read everything anew.
access_changes = Table("access_changes", metadata, id_column(), moment("created_at"))
