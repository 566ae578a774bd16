"""Keep what pacts use when they are published: once for each content."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from broker.domain.model import Pacticipant
from broker.domain.pacts.publication import StoredContent
from broker.domain.usage import kept_uses
from broker.storage.storage import Storage


def what_is_used(
    storage: Storage,
    consumer: Pacticipant,
    contents: Sequence[StoredContent],
    uses_since: Mapping[int, bytes | None],
    now: datetime,
) -> None:
    """Keep what these contents of a consumer use: a statement or two for any number.

    *uses_since* says since when it uses what so far, by the ids of their providers.
    """
    if not contents:
        return
    uses = {stored.id: kept_uses.uses_in(stored.content.text) for stored in contents}
    storage.usages.add({content_id: kept_uses.written(each) for content_id, each in uses.items()})
    begun = {
        stored.provider.id: kept_uses.begun(uses_since[stored.provider.id], uses[stored.id], now)
        for stored in contents
    }
    storage.integrations.set_uses(
        consumer, {each: moments for each, moments in begun.items() if moments != uses_since[each]}
    )
