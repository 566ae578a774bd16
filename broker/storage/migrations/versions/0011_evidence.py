"""Comparisons of pacts with service contracts, what documents need of other services, and what was before.

The documents that are there are read for their operations and dependencies: they decide as soon as their
service has a policy.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from broker.domain.service_contracts.needs import Offer, offer_of
from tally.errors import TallyError
from tally.service_contract.parsing import parse_service_contract

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
MOST_ROWS = 100
DOCUMENTS = sa.text(
    "SELECT id, pacticipant_id, document FROM service_contracts WHERE id > :last ORDER BY id LIMIT :most"
)
ADD_KEY = sa.text("INSERT INTO service_contract_operations (service_contract_id, key) VALUES (:id, :key)")
ADD_PROVIDER = sa.text(
    "INSERT INTO pacticipants (name, display_name, created_at, updated_at)"
    " SELECT :name, :name, created_at, created_at FROM service_contracts WHERE id = :id"
    " ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("name", type_=sa.String()))
ADD_INTEGRATION = sa.text(
    "INSERT INTO integrations (consumer_id, provider_id, created_at)"
    " SELECT c.pacticipant_id, p.id, c.created_at FROM service_contracts c, pacticipants p"
    " WHERE c.id = :id AND p.name = :name ON CONFLICT DO NOTHING"
)
ADD_DEPENDENCY = sa.text(
    "INSERT INTO service_contract_dependencies"
    " (service_contract_id, consumer_id, provider_id, required, versions)"
    " SELECT :id, :consumer_id, id, :required, :versions FROM pacticipants WHERE name = :name RETURNING id"
).bindparams(
    sa.bindparam("id", type_=BIG_ID),
    sa.bindparam("consumer_id", type_=BIG_ID),
    sa.bindparam("required", type_=sa.Boolean()),
    sa.bindparam("versions", type_=sa.String()),
)
ADD_NEED = sa.text(
    "INSERT INTO service_contract_needs (dependency_id, key, name) VALUES (:id, :key, :name)"
    " ON CONFLICT DO NOTHING"
)


def upgrade() -> None:
    """Apply this step."""
    _create(
        "comparisons",
        [
            *_references("comparisons", consumer_id="pacticipants", provider_id="pacticipants"),
            *_references("comparisons", pact_version_id="pact_versions", set_id="service_contract_sets"),
            sa.Column("guaranteed", sa.Boolean(), nullable=False),
            sa.Column("verdict", sa.String(), nullable=False),
            sa.Column("findings", sa.LargeBinary(), nullable=False),
            sa.Column("created_at", MOMENT, nullable=False),
            sa.UniqueConstraint(
                "pact_version_id",
                "set_id",
                "guaranteed",
                name=op.f("uq_comparisons_pact_version_id_set_id_guaranteed"),
            ),
        ],
        ("set_id",),
        ("consumer_id", "provider_id"),
        ("provider_id",),
    )
    _create_needs()
    _create_former()
    _index("service_contract_publications", "created_at")
    table = "service_contract_verifications"
    op.drop_index(op.f("ix_service_contract_verifications_version_id"), table)
    _index(table, "version_id", "service_contract_id", "id")
    for document in _documents():
        _read(document)


def _create_needs() -> None:
    op.create_table(
        "service_contract_operations",
        *_references("service_contract_operations", service_contract_id="service_contracts"),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("service_contract_id", "key", name=op.f("pk_service_contract_operations")),
    )
    table = "service_contract_dependencies"
    _create(
        table,
        [
            *_references(table, service_contract_id="service_contracts"),
            *_references(table, consumer_id="pacticipants", provider_id="pacticipants"),
            sa.Column("required", sa.Boolean(), nullable=False),
            sa.Column("versions", sa.String()),
        ],
        ("service_contract_id",),
        ("consumer_id", "provider_id"),
        ("provider_id",),
    )
    op.create_table(
        "service_contract_needs",
        *_references("service_contract_needs", dependency_id=table),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("dependency_id", "key", name=op.f("pk_service_contract_needs")),
    )


def _create_former() -> None:
    table = "former_service_contracts"
    _create(
        table,
        [
            *_references(table, version_id="versions", set_id="service_contract_sets"),
            sa.Column("decides", sa.Boolean(), nullable=False),
            sa.Column("created_at", MOMENT, nullable=False),
            sa.Column("removed_at", MOMENT, nullable=False),
        ],
        ("version_id", "removed_at"),
        ("set_id",),
    )
    table = "former_service_contract_policies"
    _create(
        table,
        [
            *_references(table, pacticipant_id="pacticipants"),
            sa.Column("evidence", sa.String()),
            sa.Column("guaranteed", sa.Boolean(), nullable=False),
            sa.Column("until", MOMENT, nullable=False),
        ],
        ("pacticipant_id", "until"),
    )


def _create(table: str, columns: list[Any], *indexes: tuple[str, ...]) -> None:
    op.create_table(
        table,
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for columns_of_index in indexes:
        _index(table, *columns_of_index)


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _references(table: str, **targets: str) -> Iterator[Any]:
    for column, target in targets.items():
        yield sa.Column(column, BIG_ID, nullable=False)
        yield sa.ForeignKeyConstraint(
            [column], [f"{target}.id"], ondelete="CASCADE", name=op.f(f"fk_{table}_{column}_{target}")
        )


def _documents() -> Iterator[Any]:
    connection, last = op.get_bind(), 0
    while rows := connection.execute(DOCUMENTS, {"last": last, "most": MOST_ROWS}).all():
        yield from rows
        last = rows[-1].id


def _read(document: Any) -> None:
    # What an earlier release accepted may be refused today; then nothing is known of it.
    offer = Offer()
    with suppress(TallyError, ValueError, RecursionError):
        offer = offer_of(parse_service_contract(orjson.loads(document.document)))
    connection = op.get_bind()
    if offer.keys:
        connection.execute(ADD_KEY, [{"id": document.id, "key": key} for key in sorted(offer.keys)])
    for dependency in offer.dependencies:
        values = {
            "id": document.id,
            "consumer_id": document.pacticipant_id,
            "name": dependency.service,
            "required": dependency.required,
            "versions": dependency.versions,
        }
        connection.execute(ADD_PROVIDER, values)
        connection.execute(ADD_INTEGRATION, values)
        dependency_id = connection.scalar(ADD_DEPENDENCY, values)
        for need in dependency.needs:
            connection.execute(ADD_NEED, {"id": dependency_id, "key": need.key, "name": need.name})
