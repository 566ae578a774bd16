"""Sessions of people who are logged in to the pages: how long they last."""

from dataclasses import field
from datetime import datetime, timedelta
from hashlib import sha256

from broker.domain.accounts.actor import Grant
from tally.values import dataclass

LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=2)
"""A session ends when nothing was asked for so long."""
NOTED_AFTER = timedelta(minutes=5)
"""That somebody is still there is stored no more often."""
MOST = 20
"""Sessions of one account; the oldest end."""
LINK = timedelta(minutes=15)
"""How long a link to log in with works."""
LONGEST_AGENT = 200
"""Characters of what a browser calls itself that are kept."""


@dataclass(frozen=True)
class Session:
    """A session, known by the SHA-256 of its id. *via* is "password", "link" or the name of a provider.

    *csrf* is what its forms are signed with. *rights* is what the account might do when the id was made.
    """

    digest: bytes = field(repr=False)
    account_id: int
    csrf: str = field(repr=False)
    via: str
    rights: str
    address: str
    agent: str
    created_at: datetime
    expires_at: datetime
    idle_until: datetime

    def is_alive(self, now: datetime) -> bool:
        return now < self.expires_at and now < self.idle_until

    def is_to_be_noted(self, now: datetime) -> bool:
        """Return whether it is time to store that somebody is still there."""
        return idle_until(self.expires_at, now) - self.idle_until >= NOTED_AFTER


def idle_until(expires_at: datetime, now: datetime) -> datetime:
    """Return until when a session lasts if nothing more is asked for."""
    return min(now + IDLE, expires_at)


def rights_of(grants: frozenset[Grant]) -> str:
    """Return a text that differs when an account may do something else."""
    listed = sorted(f"{grant.role}:{'' if grant.team_id is None else grant.team_id}" for grant in grants)
    return sha256(" ".join(listed).encode()).hexdigest()[:32]


def session_digest(text: str) -> bytes:
    """Return the SHA-256 by which a session, or a link to log in with, is kept."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
