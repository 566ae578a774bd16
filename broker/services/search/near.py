"""Names that somebody may have meant, for pages that say that something is not there."""

from broker.domain.search.near import Asked, NearNames, nearest
from broker.storage.storage import Storage


def near_names(storage: Storage, asked: Asked) -> NearNames | None:
    """Return the names most alike to the first that is not there, or None; one statement."""
    return nearest(asked, storage.names_alike.candidates(asked))
