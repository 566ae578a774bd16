"""Sessions of people on the pages: they begin with a log-in, and end with the log-out or by themselves."""

import secrets
from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime

from broker.domain.accounts.session import (
    LONGEST,
    LONGEST_AGENT,
    MOST,
    Session,
    idle_until,
    rights_of,
    session_digest,
)
from broker.storage.storage import Storage
from tally.values import dataclass

KEY_DIGITS = 16
SECONDS_OF_TRIES = 7200
"""How long it is known what was tried, and which answers of providers were used."""
MOST_REMOVED = 1000
"""Rows that one clean-up removes at most."""


@dataclass(frozen=True)
class Client:
    """Where somebody logs in from: an address, and what the browser calls itself."""

    address: str
    agent: str


@dataclass(frozen=True)
class Begun:
    """A session with a new id: *text* goes into the cookie, and is stored nowhere."""

    text: str = field(repr=False)
    session: Session


def begin(storage: Storage, account_id: int, via: str, client: Client, now: datetime) -> Begun:
    """Log somebody in. The id is always a new one, so that nobody can have chosen it."""
    expires_at = now + LONGEST
    text = _new_id()
    session = Session(
        session_digest(text),
        account_id,
        _new_id(),
        via,
        rights_of(storage.log_ins.grants(account_id)),
        client.address,
        client.agent[:LONGEST_AGENT],
        now,
        expires_at,
        idle_until(expires_at, now),
    )
    storage.sessions.add(session, most=MOST)
    storage.log_ins.seen(account_id, now.date())
    return Begun(text, session)


def renew(storage: Storage, session: Session, now: datetime) -> Begun | None:
    """Give a session a new id, as its account may do something else now; None when it is gone."""
    text = _new_id()
    rights = rights_of(storage.log_ins.grants(session.account_id))
    renewed = replace(session, digest=session_digest(text), csrf=_new_id(), rights=rights)
    if not storage.sessions.renew(session.digest, renewed):
        return None
    storage.asking.access_changed_at = now
    return Begun(text, renewed)


def stay(storage: Storage, session: Session, now: datetime) -> Session | None:
    """Store that somebody is still there; return the session that lasts longer, None when it is gone."""
    until = idle_until(session.expires_at, now)
    return replace(session, idle_until=until) if storage.sessions.stay(session.digest, until) else None


def end(storage: Storage, session: Session, now: datetime) -> None:
    """Log out of one session."""
    if storage.sessions.remove(session.digest):
        storage.asking.access_changed_at = now


def end_all(storage: Storage, account_id: int, now: datetime, *, but: Session | None = None) -> int:
    """Log an account out everywhere, or everywhere *but* here; return of how many sessions."""
    ended = storage.sessions.remove_of(account_id, but=None if but is None else but.digest)
    if ended:
        storage.asking.access_changed_at = now
    return ended


def every(storage: Storage, account_id: int, now: datetime) -> Sequence[Session]:
    """Return where an account is logged in, the newest session first."""
    return storage.sessions.of_account(account_id, now)


def key_of(session: Session) -> str:
    """Return what tells a session from the others of its account; nobody is logged in by it."""
    return session.digest.hex()[:KEY_DIGITS]


def end_one(storage: Storage, account_id: int, key: str, now: datetime) -> int:
    """End the session of an account with this key; return how many that were, 0 or 1."""
    found = next((item for item in every(storage, account_id, now) if key_of(item) == key), None)
    if found is None:
        return 0
    end(storage, found, now)
    return 1


def remove_ended(storage: Storage, now: datetime) -> int:
    """Remove what is over: sessions, links and counts of tries; return how many rows."""
    removed = storage.sessions.remove_ended(now, most=MOST_REMOVED)
    removed += storage.log_in_links.remove_expired(now, most=MOST_REMOVED)
    return removed + storage.tries.forget_before(int(now.timestamp()) - SECONDS_OF_TRIES)


def _new_id() -> str:
    return secrets.token_urlsafe(32)
