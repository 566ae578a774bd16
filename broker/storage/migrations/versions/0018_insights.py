"""Results are counted by day, and services have quality gates. What is there is counted by the worker."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PAIR = {"provider_id": "pacticipants", "consumer_id": "pacticipants"}
COUNTED = ("passed", "failed", "pending", "interactions", "flaky")
ADD_RESULTS = """
INSERT INTO results_to_count
    (consumer_id, provider_id, pact_version_id, provider_version_id, verification_id, success, pending,
     replaces, created_at)
SELECT v.consumer_id, v.provider_id, v.pact_version_id, v.provider_version_id, v.id, v.success,
    COALESCE(v.pending, v.wip) OR v.wip, s.pact_version_id IS NOT NULL, v.created_at
FROM verifications v
LEFT JOIN (SELECT DISTINCT pact_version_id, provider_version_id FROM verifications WHERE superseded) s
    ON s.pact_version_id = v.pact_version_id AND s.provider_version_id = v.provider_version_id
ORDER BY v.id
"""
ADD_PUBLICATIONS = """
INSERT INTO publications_to_count (consumer_id, provider_id, interactions, size, created_at)
SELECT p.consumer_id, p.provider_id, c.interactions_count + c.messages_count, LENGTH(c.content), p.created_at
FROM pact_publications p JOIN pact_versions c ON c.id = p.pact_version_id
ORDER BY p.id
"""


def upgrade() -> None:
    """Apply this step."""
    _create_what_is_to_be_counted()
    _create_counters()
    _create_pairs()
    _create_gates()
    op.execute(ADD_RESULTS)
    op.execute(ADD_PUBLICATIONS)


def _create_what_is_to_be_counted() -> None:
    table = "results_to_count"
    columns = [
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("pact_version_id", "provider_version_id", "verification_id")
        ),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("success", "pending", "replaces")),
        sa.Column("outcomes", sa.LargeBinary()),
        sa.Column("created_at", MOMENT, nullable=False),
    ]
    _create(table, [_number(), *_pair(table), *columns], ["id"], ("consumer_id",), ("provider_id",))
    table = "publications_to_count"
    columns = [*_whole("interactions", "size"), sa.Column("created_at", MOMENT, nullable=False)]
    _create(table, [_number(), *_pair(table), *columns], ["id"], ("consumer_id",), ("provider_id",))


def _create_counters() -> None:
    _create(
        "result_counts",
        [
            sa.Column("provider_id", sa.BigInteger(), nullable=False, autoincrement=False),
            sa.Column("consumer_id", sa.BigInteger(), nullable=False, autoincrement=False),
            sa.Column("span", sa.Integer(), nullable=False, autoincrement=False),
            sa.Column("start", sa.Date(), nullable=False),
            *_whole(*COUNTED),
            sa.Column("durations", sa.LargeBinary()),
        ],
        ["provider_id", "consumer_id", "span", "start"],
        ("consumer_id", "span", "start"),
    )
    table = "interaction_counts"
    _create(
        table,
        [
            *_pair(table),
            sa.Column("key", sa.String(32), nullable=False),
            sa.Column("month", sa.Date(), nullable=False),
            sa.Column("identity", sa.String(), nullable=False),
            sa.Column("name", sa.String(), nullable=False),
            *_whole("runs", "failures", "flaky"),
            sa.Column("durations", sa.LargeBinary()),
            sa.Column("p95", sa.Float()),
        ],
        [*PAIR, "key", "month"],
        ("consumer_id",),
        ("month", "p95"),
        ("month", "flaky"),
    )


def _create_pairs() -> None:
    table = "integration_activity"
    _create(
        table,
        [
            *_pair(table),
            sa.Column("first_at", MOMENT, nullable=False),
            *(sa.Column(name, MOMENT) for name in ("result_at", "failure_at", "published_at")),
            *_whole("interactions", "size"),
        ],
        list(PAIR),
        ("consumer_id",),
        ("result_at",),
        ("failure_at",),
    )
    table = "contract_sizes"
    _create(
        table,
        [
            *_pair(table),
            sa.Column("day", sa.Date(), nullable=False),
            *_whole("publications", "interactions", "size"),
            sa.Column("published_at", MOMENT, nullable=False),
        ],
        [*PAIR, "day"],
        ("consumer_id",),
    )


def _create_gates() -> None:
    table = "quality_gates"
    _create(
        table,
        [
            _number(),
            sa.Column("uuid", sa.String(36), nullable=False),
            sa.Column("metric", sa.String(), nullable=False),
            sa.Column("threshold", sa.Float(), nullable=False),
            *_whole("days"),
            sa.Column("pacticipant_id", BIG_ID),
            _key(table, "pacticipant_id", "pacticipants"),
            sa.Column("team", sa.String()),
            sa.Column("base_url", sa.Text(), nullable=False),
            *(sa.Column(name, MOMENT, nullable=False) for name in ("created_at", "updated_at")),
            sa.UniqueConstraint("uuid", name=op.f(f"uq_{table}_uuid")),
        ],
        ["id"],
        ("pacticipant_id",),
    )
    table = "quality_gate_states"
    _create(
        table,
        [
            *_references(table, {"gate_id": "quality_gates", "pacticipant_id": "pacticipants"}),
            sa.Column("state", sa.String(), nullable=False),
            sa.Column("value", sa.Float()),
            sa.Column("told", sa.Boolean(), nullable=False),
            sa.Column("since", MOMENT, nullable=False),
        ],
        ["gate_id", "pacticipant_id"],
        ("pacticipant_id",),
    )


def _create(table: str, columns: Sequence[Any], key: Sequence[str], *indexes: tuple[str, ...]) -> None:
    op.create_table(table, *columns, sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")))
    for names in indexes:
        op.create_index(op.f(f"ix_{table}_{'_'.join(names)}"), table, list(names))


def _number() -> sa.Column[int]:
    return sa.Column("id", BIG_ID, autoincrement=True, nullable=False)


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _pair(table: str) -> list[Any]:
    return _references(table, PAIR)


def _references(table: str, targets: dict[str, str]) -> list[Any]:
    columns = [sa.Column(name, BIG_ID, nullable=False, autoincrement=False) for name in targets]
    return [*columns, *(_key(table, name, target) for name, target in targets.items())]


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], ondelete="CASCADE", name=op.f(f"fk_{table}_{column}_{target}")
    )
