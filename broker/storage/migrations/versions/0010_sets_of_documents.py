"""The documents that a version has are a set, stored once; services say how their contracts are judged.

What a version has before this step is a set of one document, named after its specification. It decides
nothing until the service has a policy: whoever upgrades would be told otherwise than the day before.
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOST_ROWS = 1000
CONTENTS = sa.text(
    "SELECT id, pacticipant_id, sha, specification, created_at FROM service_contracts"
    " WHERE id > :last ORDER BY id LIMIT :most"
)
# A set takes the id of its only document: until now, each document was what its versions have.
ADD_SET = sa.text(
    "INSERT INTO service_contract_sets (id, pacticipant_id, sha, created_at)"
    " VALUES (:id, :pacticipant_id, :set_sha, :created_at)"
)
ADD_DOCUMENTS = """
INSERT INTO service_contract_set_documents (set_id, name, service_contract_id)
SELECT id, specification, id FROM service_contracts
"""
ADVANCE_IDS = """
SELECT setval(pg_get_serial_sequence('service_contract_sets', 'id'), max(id)) FROM service_contract_sets
HAVING count(*) > 0
"""


def upgrade() -> None:
    """Apply this step."""
    _create_sets()
    _create_policies()
    _copy_contents()
    _change_publications()


def _create_sets() -> None:
    op.create_table(
        "service_contract_sets",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("pacticipant_id", BIG_ID, nullable=False),
        sa.Column("sha", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pacticipant_id"],
            ["pacticipants.id"],
            ondelete="CASCADE",
            name=op.f("fk_service_contract_sets_pacticipant_id_pacticipants"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_contract_sets")),
        sa.UniqueConstraint(
            "pacticipant_id", "sha", name=op.f("uq_service_contract_sets_pacticipant_id_sha")
        ),
    )
    op.create_table(
        "service_contract_set_documents",
        sa.Column("set_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("service_contract_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"],
            ["service_contract_sets.id"],
            ondelete="CASCADE",
            name=op.f("fk_service_contract_set_documents_set_id_service_contract_sets"),
        ),
        sa.ForeignKeyConstraint(
            ["service_contract_id"],
            ["service_contracts.id"],
            ondelete="CASCADE",
            name=op.f("fk_service_contract_set_documents_service_contract_id_service_contracts"),
        ),
        sa.PrimaryKeyConstraint("set_id", "name", name=op.f("pk_service_contract_set_documents")),
    )
    op.create_index(
        op.f("ix_service_contract_set_documents_service_contract_id"),
        "service_contract_set_documents",
        ["service_contract_id"],
    )


def _create_policies() -> None:
    op.create_table(
        "service_contract_policies",
        sa.Column("pacticipant_id", BIG_ID, nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("lenient", sa.Boolean(), nullable=False),
        sa.Column("incompatible", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("guaranteed", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pacticipant_id"],
            ["pacticipants.id"],
            ondelete="CASCADE",
            name=op.f("fk_service_contract_policies_pacticipant_id_pacticipants"),
        ),
        sa.PrimaryKeyConstraint("pacticipant_id", name=op.f("pk_service_contract_policies")),
    )
    op.create_table(
        "service_contract_document_policies",
        sa.Column("pacticipant_id", BIG_ID, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("lenient", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pacticipant_id"],
            ["service_contract_policies.pacticipant_id"],
            ondelete="CASCADE",
            name=op.f("fk_service_contract_document_policies_pacticipant_id_service_contract_policies"),
        ),
        sa.PrimaryKeyConstraint(
            "pacticipant_id", "document", name=op.f("pk_service_contract_document_policies")
        ),
    )


def _copy_contents() -> None:
    connection, last = op.get_bind(), 0
    while rows := connection.execute(CONTENTS, {"last": last, "most": MOST_ROWS}).mappings().all():
        connection.execute(ADD_SET, [{**row, "set_sha": _set_hash(row)} for row in rows])
        last = rows[-1]["id"]
    op.execute(ADD_DOCUMENTS)
    if connection.dialect.name == "postgresql":
        op.execute(ADVANCE_IDS)


def _set_hash(row: sa.RowMapping) -> str:
    line = f"{row['sha']} {row['specification']}\n"
    return hashlib.sha1(line.encode(), usedforsecurity=False).hexdigest()


def _change_publications() -> None:
    table = "service_contract_publications"
    op.add_column(table, sa.Column("set_id", BIG_ID))
    op.add_column(table, sa.Column("decides", sa.Boolean()))
    op.execute("UPDATE service_contract_publications SET set_id = service_contract_id, decides = false")
    op.drop_index(op.f("ix_service_contract_publications_service_contract_id"), table)
    key = op.f("fk_service_contract_publications_service_contract_id_service_contracts")
    with op.batch_alter_table(table) as changes:
        changes.drop_constraint(key, type_="foreignkey")
        changes.drop_column("service_contract_id")
        changes.alter_column("set_id", existing_type=BIG_ID, nullable=False)
        changes.alter_column("decides", existing_type=sa.Boolean(), nullable=False)
        changes.create_foreign_key(
            op.f("fk_service_contract_publications_set_id_service_contract_sets"),
            "service_contract_sets",
            ["set_id"],
            ["id"],
            ondelete="CASCADE",
        )
    op.create_index(op.f("ix_service_contract_publications_set_id"), table, ["set_id"])
