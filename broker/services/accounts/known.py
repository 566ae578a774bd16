"""What a process knows of accounts, tokens and sessions: each is looked up once, until something changes.

Any process may change what somebody may do. Each of them looks once a second whether one has
(`broker/background/access_watch.py`), and then forgets everything. So nothing that was taken away holds for
longer than about a second, and a request asks the database nothing.
"""

from collections.abc import Mapping
from datetime import date, datetime
from threading import Lock

from broker.domain.access import digest
from broker.domain.accounts.actor import Actor
from broker.domain.accounts.known import KnownAccount, KnownToken
from broker.domain.accounts.session import Session
from broker.storage.database import Database
from broker.storage.storage import Storage

MOST = 20_000
"""Tokens, and accounts, that are remembered; then everything is forgotten, and looked up again."""


class _Known:
    """What was found since the last change. What a change makes untrue is in an object of before."""

    def __init__(self) -> None:
        self.any_accounts: bool | None = None
        self.accounts: dict[int, KnownAccount] = {}
        self.tokens: dict[bytes, KnownToken] = {}
        self.actors: dict[bytes, Actor] = {}  # by token: making one takes as long as all the rest
        self.sessions: dict[bytes, Session] = {}


class KnownAccounts:
    """Who may ask, as the database says."""

    def __init__(self, database: Database, *, has_providers: bool = False) -> None:
        self._database = database
        self.retrying = database.retrying
        self.has_providers = has_providers
        """Whether there is an identity provider."""
        self._known = _Known()
        self._newest: frozenset[tuple[int, datetime]] | None = None
        self._lock = Lock()
        self._lock_of_uses = Lock()
        self._days: dict[int, date] = {}
        self._unstored: dict[int, tuple[int, date]] = {}

    def any(self) -> bool:
        """Return whether the rules of accounts hold: there is one, or an identity provider can bring one."""
        if self.has_providers:
            return True
        known = self._known
        if known.any_accounts is None:
            with self._database.reading() as storage:
                known.any_accounts = storage.access.any_accounts()
        return known.any_accounts

    def has_none(self) -> bool:
        """Return whether it is known, without a look at the database, that no rules of accounts hold."""
        return not self.has_providers and self._known.any_accounts is False

    def of_token(self, token: str, now: datetime) -> Actor | None:
        """Return who has this token; None when nobody has, or may use it any more."""
        return self.of_digest(digest(token), now)

    def of_digest(self, hashed: bytes, now: datetime) -> Actor | None:
        """Return who has the token with this SHA-256; None when nobody has, or may use it any more."""
        known = self._known
        found = known.tokens.get(hashed) or self._look_up_token(known, hashed)
        if found is None or found.expires_at <= now:
            return None
        actor = known.actors.get(hashed) or self._make_actor(known, hashed, found)
        if actor is not None and self._days.get(found.id) != (day := now.date()):
            self._note_use(found, day)
        return actor

    def of_account(self, account_id: int, via: str) -> Actor | None:
        """Return an account as who asks; None when it is gone or disabled."""
        account = self._account(self._known, account_id)
        return None if account is None or account.is_disabled else account.actor(via)

    def of_session(self, hashed: bytes, now: datetime) -> tuple[Session, Actor] | None:
        """Return the session with this SHA-256, and whose it is; None when it is over."""
        known = self._known
        found = known.sessions.get(hashed)
        if found is None or not found.is_alive(now):
            # Another process may have noted that somebody is still there.
            found = self._look_up_session(known, hashed)
        if found is None or not found.is_alive(now):
            return None
        account = self._account(known, found.account_id)
        if account is None or account.is_disabled:
            return None
        return found, account.actor("session")

    def generation(self) -> object:
        """Return an object that is another one as soon as anything has changed."""
        return self._known

    def remember(self, session: Session, generation: object) -> None:
        """Take a session as it was in this generation: what has ended it since then counts."""
        known = self._known
        if known is generation:
            known.sessions[session.digest] = session

    def store_uses(self) -> None:
        """Store on which day each token and its account was used last: once a day and token.

        What cannot be stored is tried again.
        """
        if not self._unstored:
            return
        with self._lock_of_uses:
            noted, self._unstored = self._unstored, {}
        try:
            self._database.write(lambda storage: _store(storage, noted))
        except Exception:
            with self._lock_of_uses:
                self._unstored = noted | self._unstored
            raise

    def forget(self) -> None:
        """Look everything up again, as something has changed."""
        self._known = _Known()

    def look(self) -> None:
        """Find out whether anything has changed since the last look; forget everything if it has."""
        with self._lock:
            with self._database.reading() as storage:
                newest = storage.access.newest_changes()
            if newest != self._newest:
                self._newest = newest
                self.forget()

    def _note_use(self, token: KnownToken, day: date) -> None:
        with self._lock_of_uses:
            if len(self._days) >= MOST:
                self._days.clear()
            self._days[token.id] = day
            self._unstored[token.id] = (token.account_id, day)

    def _look_up_token(self, known: _Known, hashed: bytes) -> KnownToken | None:
        with self._database.reading() as storage:
            found = storage.access.token(hashed)
        if found is not None:
            self._make_room(known.tokens)
            known.tokens[hashed] = found
        return found

    def _make_actor(self, known: _Known, hashed: bytes, token: KnownToken) -> Actor | None:
        account = self._account(known, token.account_id)
        if account is None or account.is_disabled:
            return None
        self._make_room(known.actors)
        known.actors[hashed] = made = token.actor(account)
        return made

    def _look_up_session(self, known: _Known, hashed: bytes) -> Session | None:
        with self._database.reading() as storage:
            found = storage.sessions.find(hashed)
        if found is None:
            known.sessions.pop(hashed, None)
        else:
            self._make_room(known.sessions)
            known.sessions[hashed] = found
        return found

    def _account(self, known: _Known, account_id: int) -> KnownAccount | None:
        found = known.accounts.get(account_id)
        if found is None:
            with self._database.reading() as storage:
                found = storage.access.account(account_id)
            if found is not None:
                self._make_room(known.accounts)
                known.accounts[account_id] = found
        return found

    def _make_room(
        self,
        remembered: dict[bytes, KnownToken]
        | dict[bytes, Actor]
        | dict[int, KnownAccount]
        | dict[bytes, Session],
    ) -> None:
        if len(remembered) >= MOST:
            remembered.clear()


def _store(storage: Storage, noted: Mapping[int, tuple[int, date]]) -> None:
    storage.tokens.used({token_id: day for token_id, (_, day) in noted.items()})
    storage.accounts.seen(dict(noted.values()))
