"""The audit log, and its seals."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply this step."""
    _create_audit_seals()
    _create_audit_entries()
    _let_deliveries_be_about_no_integration()


def _create_audit_seals() -> None:
    op.create_table(
        "audit_seals",
        _number(),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digests", sa.LargeBinary()),
        sa.Column("sealed_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_seals_hash")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_seals_previous")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seals")),
    )
    _index("audit_seals", "ix_audit_seals_sealed_at", "sealed_at")


def _create_audit_entries() -> None:
    op.create_table(
        "audit_entries",
        _number(),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_uuid", sa.String(36)),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("address", sa.String()),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("team", sa.String()),
        sa.Column("before", sa.LargeBinary()),
        sa.Column("after", sa.LargeBinary()),
        sa.Column("request_id", sa.String()),
        sa.Column("outcome", sa.String(16), nullable=False),
        *_reference("audit_entries", "seal_id", "audit_seals", nullable=True, ondelete="RESTRICT"),
        sa.UniqueConstraint("uuid", name=op.f("uq_audit_entries_uuid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    _index("audit_entries", "ix_audit_entries_action_seal_id_id", "action", "seal_id", "id")
    _index("audit_entries", "ix_audit_entries_actor_name_seal_id_id", "actor_name", "seal_id", "id")
    _index("audit_entries", "ix_audit_entries_seal_id_id", "seal_id", "id")
    _index("audit_entries", "ix_audit_entries_subject_name_seal_id_id", "subject_name", "seal_id", "id")
    _index("audit_entries", "ix_audit_entries_team_seal_id_id", "team", "seal_id", "id")
    _index("audit_entries", "ix_audit_entries_unsealed", "id", where="seal_id IS NULL")


def _let_deliveries_be_about_no_integration() -> None:
    """Allow deliveries without consumer and provider: those about entries of the audit log."""
    if op.get_bind().dialect.name == "postgresql":
        for column in ("consumer_id", "provider_id"):
            op.alter_column("triggered_webhooks", column, nullable=True)
        return
    # SQLite writes the table anew. To drop the old one would delete the attempts that refer to it, and in a
    # transaction that cannot be switched off: so they are put aside.
    op.execute("CREATE TABLE attempts_aside AS SELECT * FROM webhook_executions")
    op.drop_table("webhook_executions")
    with op.batch_alter_table("triggered_webhooks") as changes:
        for column in ("consumer_id", "provider_id"):
            changes.alter_column(column, existing_type=BIG_ID, nullable=True)
    op.create_table(
        "webhook_executions",
        _number(),
        sa.Column("triggered_webhook_id", BIG_ID, nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("logs", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["triggered_webhook_id"],
            ["triggered_webhooks.id"],
            name=op.f("fk_webhook_executions_triggered_webhook_id_triggered_webhooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_executions")),
    )
    op.execute(
        "INSERT INTO webhook_executions (id, triggered_webhook_id, success, logs, created_at) "
        "SELECT id, triggered_webhook_id, success, logs, created_at FROM attempts_aside"
    )
    op.drop_table("attempts_aside")
    _index("webhook_executions", "ix_webhook_executions_triggered_webhook_id", "triggered_webhook_id")


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
