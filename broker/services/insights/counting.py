"""Counting results and publications: each once, whatever is killed and however many workers there are."""

from broker.domain.insights.counts import additions
from broker.storage.storage import Storage
from tally.values import dataclass

AT_ONCE = 200
"""How many results, and as many publications, are counted in one transaction."""


@dataclass(frozen=True)
class Counted:
    """The ids of the providers of which something was counted, and whether there may be more to count."""

    provider_ids: frozenset[int]
    may_be_more: bool


def count_some(storage: Storage) -> Counted:
    """Count some of what is noted; what is counted is no longer noted, in the same transaction."""
    storage.counters.hold()
    results = storage.uncounted.take_results(AT_ONCE)
    publications = storage.uncounted.take_publications(AT_ONCE)
    storage.counters.add(additions(results))
    storage.integration_activity.add(results, publications)
    providers = {each.provider_id for each in results} | {each.provider_id for each in publications}
    return Counted(frozenset(providers), AT_ONCE in {len(results), len(publications)})
