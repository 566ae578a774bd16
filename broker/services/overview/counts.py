"""Counts of everything."""

from broker.domain.overview.counts import Metrics
from broker.storage.storage import Storage


def everything(storage: Storage) -> Metrics:
    """Count everything, which reads whole tables."""
    return storage.counts.all()
