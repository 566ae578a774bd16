"""What must hold of the rows of a database, whatever was asked of the broker."""

from sqlalchemy import Connection, select, text
from support.standing_model import wrong_standings

from broker.domain.service_contracts.documents import set_hash
from broker.storage.database import Database
from broker.storage.tables import (
    metadata,
    pact_versions,
    service_contract_set_documents,
    service_contract_sets,
    service_contracts,
)
from tally.hashing import content_hash, parse_exactly, with_digits
from tally.service_contract.parsing import service_contract_hash

# Each returns what is wrong.
_RECOMPUTED = {
    "current publications": (
        "SELECT consumer_version_id, provider_id FROM pact_publications GROUP BY 1, 2"
        " HAVING sum(CASE WHEN superseded THEN 0 ELSE 1 END) <> 1"
        " OR max(CASE WHEN superseded THEN 0 ELSE revision END) <> max(revision)"
    ),
    "current results": (
        "SELECT pact_version_id, provider_version_id FROM verifications GROUP BY 1, 2"
        " HAVING sum(CASE WHEN superseded THEN 0 ELSE 1 END) <> 1"
        " OR max(CASE WHEN superseded THEN 0 ELSE id END) <> max(id)"
    ),
    # The version that joined last, or the one that was promoted when the head before it was removed.
    "heads": (
        "SELECT b.id FROM branches b WHERE b.head_version_id IS DISTINCT FROM (SELECT m.version_id"
        " FROM branch_versions m WHERE m.branch_id = b.id ORDER BY m.id DESC LIMIT 1)"
        " AND (NOT EXISTS (SELECT 1 FROM branch_promotions p WHERE p.branch_id = b.id)"
        " OR b.head_version_id IS DISTINCT FROM (SELECT p.version_id FROM branch_promotions p"
        " WHERE p.branch_id = b.id ORDER BY p.id DESC LIMIT 1))"
    ),
    "heads of other branches": (
        "SELECT b.id FROM branches b WHERE b.head_version_id IS NOT NULL AND b.head_version_id NOT IN"
        " (SELECT m.version_id FROM branch_versions m WHERE m.branch_id = b.id)"
    ),
    "successes": (
        "SELECT s.branch_id FROM branch_successes s WHERE NOT EXISTS (SELECT 1 FROM verifications r"
        " JOIN branch_versions m ON m.version_id = r.provider_version_id WHERE r.success"
        " AND r.pact_version_id = s.pact_version_id AND m.branch_id = s.branch_id AND r.wip = s.wip)"
    ),
    "results that no success was noted of": (
        "SELECT r.id FROM verifications r JOIN branch_versions m ON m.version_id = r.provider_version_id"
        " WHERE r.success AND NOT EXISTS (SELECT 1 FROM branch_successes s WHERE s.wip = r.wip"
        " AND s.pact_version_id = r.pact_version_id AND s.branch_id = m.branch_id)"
    ),
    "places of versions": "SELECT position FROM versions GROUP BY 1 HAVING count(*) <> 1",
    "parties of publications": (
        "SELECT p.id FROM pact_publications p JOIN pact_versions c ON c.id = p.pact_version_id"
        " JOIN versions v ON v.id = p.consumer_version_id WHERE p.provider_id <> c.provider_id"
        " OR p.consumer_id <> c.consumer_id OR p.consumer_id <> v.pacticipant_id"
    ),
    "parties of results": (
        "SELECT r.id FROM verifications r JOIN pact_versions c ON c.id = r.pact_version_id"
        " JOIN versions v ON v.id = r.provider_version_id WHERE r.consumer_id <> c.consumer_id"
        " OR r.provider_id <> c.provider_id OR r.provider_id <> v.pacticipant_id"
    ),
    **{
        f"pacticipants of {table}": (
            f"SELECT c.id FROM {table} c JOIN versions v ON v.id = c.version_id"  # noqa: S608 - ours
            " WHERE c.pacticipant_id <> v.pacticipant_id"
        )
        for table in ("tags", "deployed_versions", "released_versions")
    },
    "branches of versions": (
        "SELECT m.id FROM branch_versions m JOIN branches b ON b.id = m.branch_id"
        " JOIN versions v ON v.id = m.version_id WHERE b.pacticipant_id <> v.pacticipant_id"
    ),
    **{
        f"pacticipants of {name}": (
            f"SELECT x.{of} FROM {table} x JOIN {owner} o ON o.id = x.{of}"  # noqa: S608 - ours
            f" JOIN service_contract_sets s ON s.id = x.set_id WHERE s.pacticipant_id <> o.pacticipant_id"
        )
        for name, table, owner, of in (
            ("documents", "service_contract_set_documents", "service_contracts", "service_contract_id"),
            ("publications of documents", "service_contract_publications", "versions", "version_id"),
        )
    },
    "sets without documents": (
        "SELECT s.id FROM service_contract_sets s WHERE NOT EXISTS (SELECT 1"
        " FROM service_contract_set_documents d WHERE d.set_id = s.id)"
    ),
    "webhooks without an event": (
        "SELECT w.id FROM webhooks w WHERE NOT EXISTS (SELECT 1 FROM webhook_events e"
        " WHERE e.webhook_id = w.id)"
    ),
    "attempts of deliveries": (
        "SELECT d.id FROM triggered_webhooks d WHERE d.claims < d.attempts OR d.attempts >"
        " (SELECT count(*) FROM webhook_executions a WHERE a.triggered_webhook_id = d.id)"
    ),
    "outcomes of deliveries": (
        "SELECT d.id FROM triggered_webhooks d LEFT JOIN webhook_executions a ON a.id ="
        " (SELECT max(id) FROM webhook_executions WHERE triggered_webhook_id = d.id)"
        " WHERE (d.status IN ('success', 'failure')) <> (d.due_at IS NULL)"
        " OR (d.status = 'success' AND NOT coalesce(a.success, d.status <> 'success'))"
        " OR (d.status IN ('failure', 'retrying') AND coalesce(a.success, d.status = 'success'))"
    ),
    "integrations": (
        "SELECT p.id FROM pact_publications p WHERE NOT EXISTS (SELECT 1 FROM integrations i"
        " WHERE i.consumer_id = p.consumer_id AND i.provider_id = p.provider_id)"
    ),
    **{
        f"positions of {table}": (
            f"SELECT c.id FROM {table} c JOIN versions v ON v.id = c.{column} WHERE c.position <> v.position"  # noqa: S608 - ours
        )
        for table, column in (
            ("pact_publications", "consumer_version_id"),
            ("tags", "version_id"),
            ("branch_versions", "version_id"),
        )
    },
}


def what_is_wrong(database: Database) -> dict[str, list[object]]:
    """Return what refers to nothing, and what differs from recomputing it."""
    found = {}
    with database.connection() as connection:
        for table in metadata.sorted_tables:
            for key in table.foreign_keys:
                rows = select(key.parent).where(
                    key.parent.is_not(None), key.parent.not_in(select(key.column))
                )
                found[f"{table.name}.{key.parent.name}"] = connection.execute(rows).all()
        for name, statement in _RECOMPUTED.items():
            found[name] = connection.execute(text(statement)).all()
        found["hashes and counts of pacts"] = _wrong_pacts(connection)
        found["hashes of service contracts"] = _wrong_service_contracts(connection)
        found["hashes of sets of documents"] = _wrong_sets(connection)
        found["standings"] = wrong_standings(connection)
        if connection.dialect.name == "sqlite":
            said = connection.scalars(text("PRAGMA integrity_check")).all()
            found["the file"] = [line for line in said if line != "ok"]
    return {name: rows for name, rows in found.items() if rows}


def _wrong_pacts(connection: Connection) -> list[object]:
    table = pact_versions.c
    columns = (table.id, table.content, table.sha, table.digits, table.interactions_count)
    wrong: list[object] = []
    for id_, content, *kept in connection.execute(select(*columns, table.messages_count)):
        pact = parse_exactly(content)
        parts = pact.get("interactions", []), pact.get("messages", [])
        messages = [item for item in parts[0] if "Messages" in item.get("type", "")]
        counts = len(parts[0]) - len(messages), len(parts[1]) + len(messages)
        if (content_hash(pact), with_digits(pact)[1], *counts) != tuple(kept):
            wrong.append(id_)
    return wrong


def _wrong_service_contracts(connection: Connection) -> list[object]:
    table = service_contracts.c
    rows = connection.execute(select(table.id, table.document, table.sha))
    return [id_ for id_, document, sha in rows if service_contract_hash(parse_exactly(document)) != sha]


def _wrong_sets(connection: Connection) -> list[object]:
    rows = connection.execute(
        select(
            service_contract_sets.c.id,
            service_contract_sets.c.sha,
            service_contract_set_documents.c.name,
            service_contracts.c.sha,
        )
        .join_from(service_contract_sets, service_contract_set_documents)
        .join(
            service_contracts,
            service_contracts.c.id == service_contract_set_documents.c.service_contract_id,
        )
    )
    found: dict[tuple[int, str], dict[str, str]] = {}
    for id_, sha, name, of_document in rows:
        found.setdefault((id_, sha), {})[name] = of_document
    return [id_ for (id_, sha), shas in found.items() if set_hash(shas) != sha]
