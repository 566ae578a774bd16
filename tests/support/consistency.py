"""What must hold of the rows of a database, whatever was asked of the broker."""

from sqlalchemy import select, text

from broker.storage.database import Database
from broker.storage.tables import metadata

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
    "heads": (
        "SELECT b.id FROM branches b WHERE b.head_version_id IS DISTINCT FROM (SELECT m.version_id"
        " FROM branch_versions m WHERE m.branch_id = b.id ORDER BY m.position DESC LIMIT 1)"
    ),
    "successes": (
        "SELECT s.branch_id FROM branch_successes s WHERE NOT EXISTS (SELECT 1 FROM verifications r"
        " JOIN branch_versions m ON m.version_id = r.provider_version_id WHERE r.success"
        " AND r.pact_version_id = s.pact_version_id AND m.branch_id = s.branch_id AND r.wip = s.wip)"
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
    return {name: rows for name, rows in found.items() if rows}
