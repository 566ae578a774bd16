"""Passwords of people that the API accepts, where a setting says so: each is hashed once in five minutes."""

import hmac
import secrets
from collections.abc import Callable
from time import monotonic

from broker.domain.accounts.actor import Actor
from broker.services.accounts import log_in
from broker.services.accounts.known import KnownAccounts
from broker.storage.database import Database

REMEMBERED_SECONDS = 300.0
MOST = 1000
"""Passwords that are remembered, as an HMAC with a key of this process; then all are forgotten."""


class KnownPasswords:
    """Who has a name and a password. What a change makes untrue is forgotten with it."""

    def __init__(
        self, database: Database, known: KnownAccounts, timer: Callable[[], float] = monotonic
    ) -> None:
        self._database = database
        self._known = known
        self._timer = timer
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, tuple[int, float, object]] = {}

    def actor(self, name: str, password: str) -> Actor | None:
        """Return whose they are; None takes as long for any name. Raises passwords.TooManyHashesError."""
        generation = self._known.generation()
        text = f"{len(name)} {name}{password}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._key, text, "sha256")
        account_id, until, seen = self._right.get(digest, (0, 0.0, None))
        if seen is not generation or self._timer() >= until:
            checked = log_in.check(self._database.reading, name, password)
            if checked is None:
                self._right.pop(digest, None)
                return None
            account_id = checked.person.id
            if len(self._right) >= MOST:
                self._right.clear()
            self._right[digest] = account_id, self._timer() + REMEMBERED_SECONDS, generation
        return self._known.of_account(account_id, "password")
