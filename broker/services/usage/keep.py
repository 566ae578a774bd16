"""Keep what pacts use when they are published: once for each content."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from broker.domain.pacts.publication import StoredContent
from broker.domain.usage import kept_uses
from broker.storage.storage import Storage


def what_is_used(storage: Storage, contents: Sequence[StoredContent], now: datetime) -> Mapping[int, bytes]:
    """Keep what these contents of a consumer use, with one statement for any number.

    Return since when the consumer uses what, by the ids of their providers.
    """
    if not contents:
        return {}
    uses = {stored.id: kept_uses.uses_in(stored.content.text) for stored in contents}
    storage.usages.add({content_id: kept_uses.written(each) for content_id, each in uses.items()})
    return {
        stored.provider.id: kept_uses.begun(stored.uses_since, uses[stored.id], now) for stored in contents
    }
