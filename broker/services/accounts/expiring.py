"""Tokens that expire soon, and what is over: warned of, and removed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from broker.domain.accounts.account import StoredToken
from broker.domain.accounts.tokens import WARNING_DAYS
from broker.services.accounts import exchange, sessions
from broker.storage.leases import ACCOUNT_KEEPING, EXPIRY_WARNINGS
from broker.storage.storage import Storage

KEPT = timedelta(days=30)
"""How long a token is kept after it expired; for those of pipelines see `exchange`."""
LEASE = 600.0
MOST_REMOVED = 1000
DAY = 24 * 3600.0


def soon(storage: Storage, now: datetime) -> Sequence[StoredToken]:
    """Return the tokens of service accounts that expire within 14 days, the first one first."""
    return storage.tokens.expiring(now, now + timedelta(days=WARNING_DAYS))


def to_warn_of(storage: Storage, now: datetime) -> Sequence[StoredToken]:
    """Return those once a day: of several processes, one gets them."""
    found = soon(storage, now)
    # A lease that nobody renews or gives back: it ends after a day.
    return found if found and storage.leases.take(EXPIRY_WARNINGS, str(uuid4()), DAY) else ()


def remove_what_is_over(storage: Storage, holder: str, now: datetime) -> int:
    """Remove some of the sessions, links, tries and tokens that are over; return how many rows.

    Return 0 also when another *holder* does it.
    """
    if not storage.leases.take(ACCOUNT_KEEPING, holder, LEASE):
        return 0
    exchange.forget_old(storage, now)
    removed = sessions.remove_ended(storage, now)
    return removed + storage.tokens.remove_old(now - KEPT, most=MOST_REMOVED)
