"""Accounts, teams, tokens and sessions, and who may deploy where."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply this step."""
    _create_teams()
    _create_accounts()
    _create_identities()
    _create_account_roles()
    _create_team_members()
    _create_team_pacticipants()
    _create_environment_deployers()
    _create_trusts()
    _create_tokens()
    _create_sessions()
    _create_log_in_links()
    _create_used_jtis()
    _create_tries()
    _create_access_changes()
    op.add_column("environments", sa.Column("protected", sa.Boolean()))
    op.add_column("environments", sa.Column("requires_can_i_deploy", sa.Boolean()))
    op.add_column("secrets", sa.Column("hosts", sa.LargeBinary()))
    for table in ("secrets", "webhooks"):
        _add_team(table)


def _create_teams() -> None:
    op.create_table(
        "teams",
        _number(),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.UniqueConstraint("name_key", name=op.f("uq_teams_name_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_teams_uuid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        _number(),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("email", sa.String()),
        sa.Column("password_hash", sa.String()),
        *_reference("accounts", "team_id", "teams", nullable=True),
        sa.Column("disabled_at", MOMENT),
        sa.Column("last_seen_on", sa.Date()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.UniqueConstraint("name_key", name=op.f("uq_accounts_name_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_accounts_uuid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    _index("accounts", "ix_accounts_team_id", "team_id")


def _create_identities() -> None:
    op.create_table(
        "identities",
        _number(),
        *_reference("identities", "account_id", "accounts"),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identities_issuer_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
    )
    _index("identities", "ix_identities_account_id", "account_id")


def _create_account_roles() -> None:
    op.create_table(
        "account_roles",
        _number(),
        *_reference("account_roles", "account_id", "accounts"),
        sa.Column("role", sa.String(32), nullable=False),
        *_reference("account_roles", "team_id", "teams", nullable=True),
        sa.Column("from_group", sa.String()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_roles")),
    )
    _index("account_roles", "ix_account_roles_team_id", "team_id")
    _index(
        "account_roles",
        "uq_account_roles_everywhere",
        "account_id",
        "role",
        where="team_id IS NULL",
        unique=True,
    )
    _index(
        "account_roles",
        "uq_account_roles_team",
        "account_id",
        "team_id",
        "role",
        where="team_id IS NOT NULL",
        unique=True,
    )


def _create_team_members() -> None:
    op.create_table(
        "team_members",
        *_reference("team_members", "team_id", "teams"),
        *_reference("team_members", "account_id", "accounts"),
        sa.Column("from_group", sa.String()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "account_id", name=op.f("pk_team_members")),
    )
    _index("team_members", "ix_team_members_account_id", "account_id")


def _create_team_pacticipants() -> None:
    op.create_table(
        "team_pacticipants",
        *_reference("team_pacticipants", "team_id", "teams"),
        *_reference("team_pacticipants", "pacticipant_id", "pacticipants"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "pacticipant_id", name=op.f("pk_team_pacticipants")),
    )
    _index("team_pacticipants", "ix_team_pacticipants_pacticipant_id", "pacticipant_id")


def _create_environment_deployers() -> None:
    op.create_table(
        "environment_deployers",
        *_reference("environment_deployers", "environment_id", "environments"),
        *_reference("environment_deployers", "team_id", "teams"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("environment_id", "team_id", name=op.f("pk_environment_deployers")),
    )
    _index("environment_deployers", "ix_environment_deployers_team_id", "team_id")


def _create_trusts() -> None:
    op.create_table(
        "trusts",
        _number(),
        sa.Column("uuid", sa.String(36), nullable=False),
        *_reference("trusts", "account_id", "accounts"),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("audience", sa.String()),
        sa.Column("repository", sa.String()),
        sa.Column("claims", sa.LargeBinary(), nullable=False),
        sa.Column("workflow", sa.String()),
        sa.Column("refs", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.LargeBinary(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("uuid", name=op.f("uq_trusts_uuid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusts")),
    )
    _index("trusts", "ix_trusts_account_id", "account_id")
    _index("trusts", "ix_trusts_issuer_repository", "issuer", "repository")


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        _number(),
        sa.Column("uuid", sa.String(36), nullable=False),
        *_reference("tokens", "account_id", "accounts"),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.LargeBinary()),
        sa.Column("pacticipants", sa.LargeBinary()),
        sa.Column("environments", sa.LargeBinary()),
        *_reference("tokens", "trust_id", "trusts", nullable=True),
        sa.Column("origin", sa.Text()),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.Column("last_used_on", sa.Date()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
        sa.UniqueConstraint("uuid", name=op.f("uq_tokens_uuid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
    )
    _index("tokens", "ix_tokens_account_id", "account_id")
    _index("tokens", "ix_tokens_expires_at", "expires_at")
    _index("tokens", "ix_tokens_trust_id", "trust_id")


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        _number(),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *_reference("sessions", "account_id", "accounts"),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("rights", sa.String(32), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("idle_until", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    _index("sessions", "ix_sessions_account_id", "account_id")
    _index("sessions", "ix_sessions_expires_at", "expires_at")


def _create_log_in_links() -> None:
    op.create_table(
        "log_in_links",
        _number(),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *_reference("log_in_links", "account_id", "accounts"),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("digest", name=op.f("uq_log_in_links_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_in_links")),
    )
    _index("log_in_links", "ix_log_in_links_account_id", "account_id")
    _index("log_in_links", "ix_log_in_links_expires_at", "expires_at")


def _create_used_jtis() -> None:
    op.create_table(
        "used_jtis",
        _number(),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.UniqueConstraint("issuer", "jti", name=op.f("uq_used_jtis_issuer_jti")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_jtis")),
    )
    _index("used_jtis", "ix_used_jtis_expires_at", "expires_at")


def _create_tries() -> None:
    op.create_table(
        "tries",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "start", name=op.f("pk_tries")),
    )
    _index("tries", "ix_tries_start", "start")


def _create_access_changes() -> None:
    op.create_table(
        "access_changes",
        _number(),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_changes")),
    )


def _add_team(table: str) -> None:
    # Alembic cannot add a column of SQLite together with its foreign key.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    name = f"fk_{table}_team_id_teams"
    op.execute(f"ALTER TABLE {table} ADD COLUMN team_id {kind} CONSTRAINT {name} REFERENCES teams (id)")
    _index(table, f"ix_{table}_team_id", "team_id")


def _number() -> sa.Column[int]:
    return sa.Column("id", BIG_ID, autoincrement=True, nullable=False)


def _reference(
    table: str, column: str, target: str, *, nullable: bool = False, ondelete: str = "CASCADE"
) -> tuple[Any, Any]:
    key = sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], ondelete=ondelete, name=op.f(f"fk_{table}_{column}_{target}")
    )
    return sa.Column(column, BIG_ID, nullable=nullable, autoincrement=False), key


def _index(table: str, name: str, *columns: str, where: str = "", unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(
        op.f(name), table, [*columns], unique=unique, sqlite_where=condition, postgresql_where=condition
    )
