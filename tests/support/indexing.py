"""Bringing the index of the search up to date, as a worker does in a while."""

from broker.services.search import index
from broker.storage.database import Database


def index_everything(database: Database) -> None:
    """Let everything that is stored be found."""
    while index.index_some(database.reading, database.transaction, "at once") is index.Outcome.MORE:
        pass
