"""Every table, by room.

Each question of CI is a look-up by index, so its cost does not grow with history: the newest row of a group
is the first in an index on (group, position), and partial indexes leave out rows that a newer one has
replaced.
"""

from broker.storage.tables.columns import BigId, UtcDateTime, metadata
from broker.storage.tables.environments import deployed_versions, environments, released_versions
from broker.storage.tables.insights import (
    contract_sizes,
    integration_activity,
    interaction_counts,
    publications_to_count,
    quality_gate_states,
    quality_gates,
    result_counts,
    results_to_count,
)
from broker.storage.tables.overview import standings, standings_lock
from broker.storage.tables.pacticipants import (
    branch_versions,
    branches,
    integrations,
    labels,
    pacticipants,
    tags,
    version_positions,
    versions,
)
from broker.storage.tables.pacts import pact_publications, pact_usages, pact_versions
from broker.storage.tables.past import (
    branch_promotions,
    former_branch_versions,
    former_main_branches,
    former_service_contract_policies,
    former_service_contracts,
    former_tags,
    removals,
    support_gaps,
)
from broker.storage.tables.requests import idempotency_keys, leases
from broker.storage.tables.scenarios import scenario_result_versions, scenario_results
from broker.storage.tables.search import (
    SORTED,
    search_endings,
    search_entries,
    search_occurrences,
    search_queue,
    search_words,
)
from broker.storage.tables.service_contracts import (
    comparisons,
    comparisons_to_make,
    compatibilities,
    service_contract_dependencies,
    service_contract_document_policies,
    service_contract_needs,
    service_contract_operations,
    service_contract_policies,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_sets,
    service_contract_verifications,
    service_contracts,
)
from broker.storage.tables.verifications import (
    branch_successes,
    failed_results,
    verification_parts,
    verifications,
)
from broker.storage.tables.webhooks import deliveries, delivery_attempts, secrets, webhook_events, webhooks

__all__ = [
    "SORTED",
    "BigId",
    "UtcDateTime",
    "branch_promotions",
    "branch_successes",
    "branch_versions",
    "branches",
    "comparisons",
    "comparisons_to_make",
    "compatibilities",
    "contract_sizes",
    "deliveries",
    "delivery_attempts",
    "deployed_versions",
    "environments",
    "failed_results",
    "former_branch_versions",
    "former_main_branches",
    "former_service_contract_policies",
    "former_service_contracts",
    "former_tags",
    "idempotency_keys",
    "integration_activity",
    "integrations",
    "interaction_counts",
    "labels",
    "leases",
    "metadata",
    "pact_publications",
    "pact_usages",
    "pact_versions",
    "pacticipants",
    "publications_to_count",
    "quality_gate_states",
    "quality_gates",
    "released_versions",
    "removals",
    "result_counts",
    "results_to_count",
    "scenario_result_versions",
    "scenario_results",
    "search_endings",
    "search_entries",
    "search_occurrences",
    "search_queue",
    "search_words",
    "secrets",
    "service_contract_dependencies",
    "service_contract_document_policies",
    "service_contract_needs",
    "service_contract_operations",
    "service_contract_policies",
    "service_contract_publications",
    "service_contract_set_documents",
    "service_contract_sets",
    "service_contract_verifications",
    "service_contracts",
    "standings",
    "standings_lock",
    "support_gaps",
    "tags",
    "verification_parts",
    "verifications",
    "version_positions",
    "versions",
    "webhook_events",
    "webhooks",
]
