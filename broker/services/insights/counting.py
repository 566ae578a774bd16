"""Counting results and publications: each once, whatever is killed and however many workers there are."""

from dataclasses import dataclass

from broker.domain.insights.counts import additions
from broker.storage.storage import Storage

AT_ONCE = 200
"""How many results, and as many publications, are counted in one transaction."""


@dataclass(frozen=True)
class Counted:
    """How many rows were counted, and the ids of the providers of which results were."""

    rows: int
    provider_ids: frozenset[int]


def count_some(storage: Storage) -> Counted:
    """Count some of what is noted; what is counted is no longer noted, in the same transaction."""
    storage.counters.hold()
    results = storage.uncounted.take_results(AT_ONCE)
    publications = storage.uncounted.take_publications(AT_ONCE)
    storage.counters.add(additions(results))
    storage.integration_activity.add(results, publications)
    providers = {each.provider_id for each in results} | {each.provider_id for each in publications}
    return Counted(len(results) + len(publications), frozenset(providers))
