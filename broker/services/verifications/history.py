"""The history of an interaction."""

from collections.abc import Sequence

from broker.domain.errors import NotFoundError
from broker.domain.overview.interaction_history import HistoryEntry, history, named
from broker.domain.pacts.outline import OutlinedInteraction
from broker.domain.pagination import Page
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage
from tally.values import dataclass

ON_A_PAGE = 50
_FEW_CONTENTS = 10
_MOST_CONTENTS = 200
"""How many of the newest contents are looked through for the interaction: few, or else many."""


@dataclass(frozen=True)
class InteractionHistory:
    """What came of an interaction in a page of the results of the pair; *has_more* says that more follow."""

    consumer: str
    provider: str
    interaction: OutlinedInteraction
    is_current: bool
    entries: Sequence[HistoryEntry]
    page: Page
    has_more: bool


def of_interaction(
    storage: Storage, consumer: str, provider: str, name: str, *, number: int
) -> InteractionHistory:
    """Return the history of the interaction with this id, or key. Raises NotFoundError."""
    pair = storage.pacticipants.find_many([consumer, provider])
    for role, party in (("consumer", consumer), ("provider", provider)):
        if party not in pair:
            pacticipants.find(storage, party, role)
    ids = (pair[consumer].id, pair[provider].id)
    outlines = storage.pair_history.newest_outlines(*ids, _FEW_CONTENTS)
    found = named(outlines, name)
    if found is None:
        outlines = storage.pair_history.newest_outlines(*ids, _MOST_CONTENTS)
        found = named(outlines, name)
    if found is None:
        raise NotFoundError(f"No interaction with the id {name} between {consumer} and {provider} found")
    page = Page(number, ON_A_PAGE)
    results = storage.pair_history.results(*ids, size=page.size + 1, skipped=page.offset)
    missing = {result.content_id for result in results} - outlines.keys()
    if missing:
        outlines |= storage.failed_results.outlines(missing)
    return InteractionHistory(
        *(consumer, provider, found, found.key in storage.pair_history.current_outline(*ids).all_keys),
        history(results[: page.size], outlines, found.key),
        page,
        has_more=len(results) > page.size,
    )
