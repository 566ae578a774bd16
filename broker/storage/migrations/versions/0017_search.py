"""The index of the search. What is there already waits in the queue: workers put it into the index.

Triggers write the queue. They see every change, whichever statement makes it: also what a foreign key
deletes, and what servers of an earlier release write while they are replaced.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SORTED = sa.String(collation="C").with_variant(sa.String(), "sqlite")
OWNERS = {
    "pacticipant_id": "pacticipants",
    "integration_id": "integrations",
    "branch_id": "branches",
    "version_id": "versions",
}

# Kinds of what waits: as broker/storage/search/queue.py reads them.
PACTICIPANT, BRANCH, VERSION, INTEGRATION = 1, 2, 3, 4
PAIR = ("consumer_id", "provider_id")
ADD = "INSERT INTO search_queue (kind, thing_id, other_id)"


class Trigger(NamedTuple):
    """When the *event* happens to a row of *table*, the ids in *columns* of that row wait."""

    name: str
    event: str
    table: str
    kind: int
    columns: tuple[str, ...]

    @property
    def values(self) -> str:
        """What is added to the queue."""
        row = "OLD" if self.event == "DELETE" else "NEW"
        ids = [*(f"{row}.{column}" for column in self.columns), "NULL"]
        return ", ".join([str(self.kind), *ids[:2]])


TRIGGERS = (
    Trigger("search_new_pacticipant", "INSERT", "pacticipants", PACTICIPANT, ("id",)),
    Trigger(
        "search_pacticipant",
        "UPDATE OF display_name, repository_name, main_branch",
        "pacticipants",
        PACTICIPANT,
        ("id",),
    ),
    Trigger("search_new_label", "INSERT", "labels", PACTICIPANT, ("pacticipant_id",)),
    Trigger("search_old_label", "DELETE", "labels", PACTICIPANT, ("pacticipant_id",)),
    Trigger("search_new_branch", "INSERT", "branches", BRANCH, ("id",)),
    Trigger("search_branch", "UPDATE OF head_version_id", "branches", BRANCH, ("id",)),
    Trigger("search_old_branch", "DELETE", "branches", PACTICIPANT, ("pacticipant_id",)),
    Trigger("search_new_version", "INSERT", "versions", VERSION, ("id",)),
    Trigger("search_new_integration", "INSERT", "integrations", INTEGRATION, PAIR),
    Trigger("search_new_pact", "INSERT", "pact_publications", INTEGRATION, PAIR),
    Trigger("search_old_pact", "DELETE", "pact_publications", INTEGRATION, PAIR),
)
THERE_ALREADY = {
    PACTICIPANT: "id, NULL FROM pacticipants",
    INTEGRATION: "consumer_id, provider_id FROM integrations",
    BRANCH: "id, NULL FROM branches",
    VERSION: "id, NULL FROM versions",
}


def upgrade() -> None:
    """Apply this step."""
    _make_tables()
    connection = op.get_bind()
    write = _of_sqlite if connection.dialect.name == "sqlite" else _of_postgresql
    statements = [statement for trigger in TRIGGERS for statement in write(trigger)]
    statements += [f"{ADD} SELECT {kind}, {ids} ORDER BY id" for kind, ids in THERE_ALREADY.items()]
    for statement in statements:
        connection.exec_driver_sql(statement)


def _of_sqlite(trigger: Trigger) -> tuple[str]:
    name, event, table, *_ = trigger
    add = f"{ADD} VALUES ({trigger.values})"
    return (f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {add}; END",)


def _of_postgresql(trigger: Trigger) -> tuple[str, str]:
    name, event, table, *_ = trigger
    body = f"BEGIN {ADD} VALUES ({trigger.values}); RETURN NULL; END"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def _make_tables() -> None:
    op.create_table(
        "search_queue",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("thing_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_queue")),
    )
    table = "search_entries"
    op.create_table(
        table,
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        *(sa.Column(column, BIG_ID) for column in OWNERS),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("interaction", sa.String(), nullable=False),
        sa.Column("on_main", sa.Boolean(), nullable=False),
        sa.Column("contents", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(_reference(table, column, target) for column, target in OWNERS.items()),
    )
    for column in OWNERS:
        is_there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            op.f(f"ix_{table}_{column}"), table, [column], sqlite_where=is_there, postgresql_where=is_there
        )
    op.create_table(
        "search_words",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("word", SORTED, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_words")),
        sa.UniqueConstraint("kind", "word", name=op.f("uq_search_words_kind_word")),
    )
    op.create_table(
        "search_endings",
        sa.Column("kind", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("ending", SORTED, nullable=False),
        sa.Column("word_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("kind", "ending", "word_id", name=op.f("pk_search_endings")),
        sqlite_with_rowid=False,
    )
    table = "search_occurrences"
    op.create_table(
        table,
        sa.Column("word_id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        _reference(table, "word_id", "search_words"),
        _reference(table, "entry_id", "search_entries"),
        sa.PrimaryKeyConstraint("word_id", "entry_id", name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f(f"ix_{table}_entry_id"), table, ["entry_id"])


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], ondelete="CASCADE", name=op.f(f"fk_{table}_{column}_{target}")
    )
