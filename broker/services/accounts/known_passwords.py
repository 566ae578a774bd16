"""Passwords of people that the API accepts, where a setting says so: each is hashed once in five minutes."""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from broker.domain.accounts.actor import Actor
from broker.services.accounts import log_in
from broker.services.accounts.known import KnownAccounts
from broker.services.accounts.sessions import Client
from broker.storage.database import Database

REMEMBERED_SECONDS = 300.0
MOST = 1000
"""Passwords that are remembered, as an HMAC with a key of this process; then all are forgotten."""


class TooManyTriesError(Exception):
    """This name had too many wrong passwords, here or at the page: it waits for *seconds*."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class KnownPasswords:
    """Who has a name and a password. What a change makes untrue is forgotten with it.

    Wrong ones count together with those at the page, for all processes: at most *limit* in a minute.
    """

    def __init__(
        self,
        database: Database,
        known: KnownAccounts,
        *,
        limit: int,
        clock: Callable[[], datetime],
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._known = known
        self._limit = limit
        self._clock = clock
        self._timer = timer
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, tuple[int, float, object]] = {}

    def actor(self, name: str, password: str, client: Client) -> Actor | None:
        """Return whose they are; None takes as long for any name.

        Raises passwords.TooManyHashesError and TooManyTriesError.
        """
        generation = self._known.generation()
        text = f"{len(name)} {name}{password}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._key, text, "sha256")
        account_id, until, seen = self._right.get(digest, (0, 0.0, None))
        if seen is not generation or self._timer() >= until:
            self._right.pop(digest, None)
            checked = self._checked(name, password, client)
            if checked is None:
                return None
            account_id = checked.person.id
            if len(self._right) >= MOST:
                self._right.clear()
            self._right[digest] = account_id, self._timer() + REMEMBERED_SECONDS, generation
        return self._known.of_account(account_id, "password")

    def _checked(self, name: str, password: str, client: Client) -> log_in.Checked | None:
        at = self._clock()
        with self._database.reading() as storage:
            seconds = log_in.seconds_to_wait(storage, name, client, self._limit, at)
            has_failed = log_in.failures(storage, name, client, at) > 0
        if seconds:
            raise TooManyTriesError(seconds)
        checked = log_in.check(self._database.reading, name, password)
        if checked is None:
            self._database.write(lambda storage: log_in.failed(storage, name, client, at))
        elif has_failed:
            self._database.write(lambda storage: log_in.succeeded(storage, name, client))
        return checked
