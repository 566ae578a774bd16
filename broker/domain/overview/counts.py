"""How many things of each kind are stored (Pact Broker reference §11.5)."""

from collections.abc import Mapping
from datetime import datetime

from tally.values import dataclass


@dataclass(frozen=True)
class Counts:
    """Counts; *first_…* and *last_…* are when the first and the last of them were created."""

    latest_interactions: int
    latest_messages: int
    pacticipants: int
    pacticipants_with_main_branch: int
    integrations: int
    pact_publications: int
    first_pact_publication: datetime | None
    last_pact_publication: datetime | None
    pact_versions: int
    verification_results: int
    successful_results: int
    distinct_results: int
    first_result: datetime | None
    last_result: datetime | None
    versions: int
    versions_on_branch: int
    versions_put_on_branch: int
    tags: int
    distinct_tags: int
    webhooks: int
    deliveries: int
    delivery_attempts: int
    environments: int
    deployed_versions: int
    deployments_by_users: int
    currently_deployed: int
    released_versions: int
    currently_supported: int


@dataclass(frozen=True)
class Metrics:
    """Counts, and distributions, such as how many versions (values) have how many revisions (keys)."""

    counts: Counts
    distinct_tags_by_pacticipant: int
    revisions_per_version: Mapping[int, int]
    results_per_content: Mapping[int, int]
