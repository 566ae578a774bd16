"""Keep what pacts use when they are published: once for each content."""

from collections.abc import Sequence
from datetime import datetime

from broker.domain.model import Pacticipant
from broker.domain.pacts.publication import StoredContent
from broker.domain.usage import kept_uses
from broker.storage.storage import Storage


def what_is_used(
    storage: Storage, consumer: Pacticipant, contents: Sequence[StoredContent], now: datetime
) -> None:
    """Keep what these contents use, and since when the consumer does: three statements for any number."""
    if not contents:
        return
    uses = {stored.id: kept_uses.uses_in(stored.content.text) for stored in contents}
    known = dict(storage.usages.beginnings_with(consumer, [stored.provider for stored in contents]))
    for stored in contents:
        known[stored.provider.id] = kept_uses.begun(known.get(stored.provider.id), uses[stored.id], now)
    storage.usages.add({content_id: kept_uses.written(each) for content_id, each in uses.items()})
    storage.usages.begin(consumer, known)
