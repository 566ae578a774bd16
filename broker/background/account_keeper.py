"""Warn of tokens that expire soon, and remove what is over, beside requests."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from broker.background.background import Background
from broker.services.accounts import expiring
from broker.storage.database import Database

SECONDS_BETWEEN_LOOKS = 3600.0


class AccountKeeper(Background):
    """Look once an hour until stopped."""

    name = "accounts"
    trouble = "Tokens that expire cannot be looked for at the moment"
    waiting = "tokens that expire are not looked for"
    idle = 5.0

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(database.retrying)
        self._database = database
        self._clock = clock
        self._holder = str(uuid4())
        self._next_look = time.monotonic()

    def turn(self) -> bool:
        """Warn of what expires soon, if it is time, and remove some of what is over."""
        if time.monotonic() < self._next_look:
            return False
        with self._database.reading() as storage:
            has_accounts = storage.access.any_accounts()
        removed = self._look() if has_accounts else 0
        if not removed:
            self._next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS
        return bool(removed)

    def _look(self) -> int:
        with self.unhurried(self._database) as storage:
            warned_of = expiring.to_warn_of(storage, self._clock())
            removed = expiring.remove_what_is_over(storage, self._holder, self._clock())
        for token in warned_of:
            self._logger.warning(
                "The token %s (%s) of %s expires on %s. Make another: tally tokens create %s --account %s",
                token.name,
                token.prefix,
                token.account,
                token.expires_at.date().isoformat(),
                token.name,
                token.account,
            )
        return removed
