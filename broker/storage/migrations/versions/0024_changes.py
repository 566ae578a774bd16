"""What was changed of late: rows that triggers add, so that nobody compares ids to find what is new.

Triggers see every change, whichever statement makes it: also what servers of an earlier release write while
they are replaced.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOW = {
    "postgresql": "clock_timestamp()",
    "sqlite": "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')",  # as moments are written everywhere
}
PAIR = "NEW.consumer_id, NEW.provider_id"
OWN = "NEW.pacticipant_id, NULL"
OF_BRANCH = "pacticipant_id, NULL FROM branches WHERE id = NEW.branch_id"
OF_VERSION = "pacticipant_id, NULL FROM versions WHERE id = NEW.version_id"
OF_DELIVERY = (
    "consumer_id, provider_id FROM triggered_webhooks "
    "WHERE id = NEW.triggered_webhook_id AND consumer_id IS NOT NULL"
)


class Trigger(NamedTuple):
    """When a row of *table* is added, or its *column* gets another value, *whose* ids are noted."""

    table: str
    whose: str
    column: str = ""

    @property
    def name(self) -> str:
        return f"changed_{self.table}" if self.column else f"new_{self.table}"

    def condition(self, differs: str) -> str:
        return f"WHEN (NEW.{self.column} {differs} OLD.{self.column}) " if self.column else ""

    @property
    def event(self) -> str:
        return f"UPDATE OF {self.column}" if self.column else "INSERT"


TRIGGERS = (
    # Each publication and each result updates its integration.
    Trigger("integrations", PAIR),
    Trigger("integrations", PAIR, "contract_data_updated_at"),
    Trigger("deployed_versions", OWN),
    Trigger("deployed_versions", OWN, "updated_at"),
    Trigger("released_versions", OWN),
    Trigger("released_versions", OWN, "updated_at"),
    Trigger("tags", OWN),
    Trigger("former_tags", OWN),
    Trigger("branch_versions", OF_BRANCH),
    Trigger("former_branch_versions", OF_BRANCH),
    Trigger("former_main_branches", OWN),
    # The last attempt of a delivery ends the wait for what it was to start.
    Trigger("webhook_executions", OF_DELIVERY),
    Trigger("removals", "NULL, NULL"),
    Trigger("comparisons", PAIR),
    # Each change of a policy keeps the one before it.
    Trigger("former_service_contract_policies", OWN),
    Trigger("service_contract_verifications", OF_VERSION),
    Trigger("former_service_contracts", OF_VERSION),
    Trigger("service_contract_publications", OF_VERSION),
    Trigger("service_contract_publications", OF_VERSION, "created_at"),
)


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "changes",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("pacticipant_id", sa.BigInteger()),
        sa.Column("other_id", sa.BigInteger()),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index(op.f("ix_changes_noted_at"), "changes", ["noted_at"])
    connection = op.get_bind()
    write = _of_sqlite if connection.dialect.name == "sqlite" else _of_postgresql
    for trigger in TRIGGERS:
        for statement in write(trigger):
            connection.exec_driver_sql(statement)


def _note(trigger: Trigger, dialect: str) -> str:
    return f"INSERT INTO changes (noted_at, pacticipant_id, other_id) SELECT {NOW[dialect]}, {trigger.whose};"


def _of_sqlite(trigger: Trigger) -> tuple[str]:
    when = trigger.condition("IS NOT")
    begin = f"CREATE TRIGGER {trigger.name} AFTER {trigger.event} ON {trigger.table} {when}"
    return (f"{begin}BEGIN {_note(trigger, 'sqlite')} END",)


def _of_postgresql(trigger: Trigger) -> tuple[str, str]:
    name, when = trigger.name, trigger.condition("IS DISTINCT FROM")
    body = f"BEGIN {_note(trigger, 'postgresql')} RETURN NULL; END"
    begin = f"CREATE TRIGGER {name} AFTER {trigger.event} ON {trigger.table} FOR EACH ROW {when}"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
        f"{begin}EXECUTE FUNCTION {name}()",
    )
