"""Sealing: the entries that have no seal get the next one, so that a later change of them is noticed.

The write that makes an entry does not do it: all writes would wait for each other (decision 52).
"""

from datetime import datetime

from broker.domain.audit.seal import Seal, next_seal
from broker.services.webhooks import entry_events
from broker.storage.leases import AUDIT_SEALS
from broker.storage.storage import Storage

MOST_ENTRIES = 1000
"""Entries of one seal: what is in memory at once, here and for whoever verifies."""
LEASE = 10.0


def seal_some(storage: Storage, holder: str, now: datetime) -> Seal | None:
    """Seal the entries without a seal, by id, at most MOST_ENTRIES; return the seal.

    Return None when there is nothing to seal, or another holder seals. Entries that are committed late get
    a later seal: nothing depends on the order of ids.
    """
    if not storage.leases.take(AUDIT_SEALS, holder, LEASE):
        return None
    ids, entries = storage.audit_seals.to_seal(MOST_ENTRIES)
    if not ids:
        return None
    seal = next_seal(storage.audit_seals.newest(), entries, now)
    storage.audit_seals.add(seal, ids)
    entry_events.created(storage, entries, now)
    return seal
