"""The sequences whose order counts: of two rows that do not overlap in time, the later has the higher number.

PostgreSQL gives numbers in this order as long as a sequence has no cache. Databases of several machines may
hand them out in blocks, one for each machine. Nothing follows from the order of any other id, nor from a gap.
"""

from sqlalchemy import Connection, text

_IDS = (
    # The newest result counts, and the one before it tells since when something fails.
    "verifications",
    "service_contract_verifications",
    "scenario_results",
    # The newest comparison of two versions counts.
    "comparisons",
    "compatibilities",
    # The branch that a version joined last is its branch.
    "branch_versions",
    # The tags of a version are listed in the order in which it got them, in webhooks too.
    "tags",
    # The latest deployment, and the latest delivery of a webhook, are the ones that are shown and kept.
    "deployed_versions",
    "released_versions",
    "triggered_webhooks",
    "webhook_executions",
    # What was published last on a day is its size; which result came first says what has turned.
    "results_to_count",
    "publications_to_count",
    # Gates are listed in the order in which they were made.
    "quality_gates",
    # The rows of one statement get their numbers in the order of the rows.
    "search_entries",
    # Each seal is about the one before it.
    "audit_seals",
    "audit_entries",
)
ORDERED = frozenset({"version_positions", *(f"{table}_id_seq" for table in _IDS)})
"""Their names in PostgreSQL."""
_IN_ORDER = text("SELECT sequencename FROM pg_sequences WHERE cache_size = 1 AND increment_by > 0")


def out_of_order(connection: Connection) -> list[str]:
    """Return the names of those that the database does not count up one by one; [] for SQLite."""
    if connection.dialect.name == "sqlite":
        return []
    return sorted(ORDERED - set(connection.scalars(_IN_ORDER)))
