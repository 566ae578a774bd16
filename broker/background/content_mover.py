"""Move contents of large pacts to an object store, beside requests, and remove objects that nothing needs.

Publishing knows nothing of it: a content is stored in the database first, and moves when it is no longer
current. Each step leaves a content readable: the object is written down, stored and read back, and only then
a transaction has its key in place of the content, if the content is still the same.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from broker.background.background import Background
from broker.domain.retention.keep_selectors import MOST_DAYS
from broker.settings.settings import InvalidSettingError, Settings
from broker.storage import leases
from broker.storage.database import Database
from broker.storage.elsewhere import Contents, ContentStoreError, key_in, new_key, read_object
from broker.storage.held_lease import HeldLease
from broker.storage.object_store import problem
from broker.storage.storage import Storage
from tally.values import dataclass

SECONDS_BETWEEN_LOOKS = 3600.0
AT_ONCE = 100
"""Rows that one statement finds, and objects that one look removes at most."""
LEASE = 300.0
"""Seconds after which another process goes on when this one was killed: longer than a content takes."""
_KILOBYTE = 1000
logger = logging.getLogger("broker.contents")


class BusyError(Exception):
    """Another process moves contents of this database."""


@dataclass(frozen=True)
class Rules:
    """Contents move that have more than *larger* bytes and were not published for *days*.

    Objects that nothing needs stay for *keep_days*.
    """

    larger: int
    days: int
    keep_days: int

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """Return those of the settings."""
        return cls(
            settings.content_store_kilobytes * _KILOBYTE,
            settings.content_store_days,
            settings.content_store_keep_days,
        )


def check(settings: Settings) -> None:
    """Raise InvalidSettingError when the settings name an object store that cannot be used."""
    if not settings.content_store:
        return
    if wrong := problem(settings.content_store, settings.content_store_endpoint):
        raise InvalidSettingError(wrong)
    for name in ("days", "keep_days"):
        days = getattr(settings, f"content_store_{name}")
        if not 1 <= days <= MOST_DAYS:
            raise InvalidSettingError(
                f"TALLY_CONTENT_STORE_{name.upper()} must be from 1 to {MOST_DAYS} days, not {days}"
            )


@dataclass(frozen=True)
class Moved:
    """How many contents were moved, of so many bytes, and how many objects were removed."""

    contents: int = 0
    size: int = 0
    removed: int = 0


class ContentMover:
    """Moves the contents of one database, one process at a time. *go_on* is asked between two of them."""

    def __init__(
        self, database: Database, contents: Contents, go_on: Callable[[], bool] = lambda: True
    ) -> None:
        self._database = database
        self._store = contents.store
        self._contents = contents
        self._go_on = go_on

    def to_store(self, rules: Rules, now: datetime) -> Moved:
        """Move what may move, and remove what nothing needs. Raises BusyError, ContentStoreError."""
        before = now - timedelta(days=rules.days)

        def some(storage: Storage, after: int) -> list[int]:
            found = storage.moved_contents
            return list(found.to_move(larger=rules.larger, before=before, after=after, most=AT_ONCE))

        with self._lease() as lease:
            sizes = [self._move(number, now) for number in self._each(lease, some)]
            removed = self._remove(now, now - timedelta(days=rules.keep_days))
        return Moved(sum(1 for size in sizes if size), sum(sizes), removed)

    def to_database(self, now: datetime) -> Moved:
        """Bring all contents back into the database. Raises BusyError, ContentStoreError."""

        def some(storage: Storage, after: int) -> list[int]:
            return [number for number, _ in storage.moved_contents.moved(after=after, most=AT_ONCE)]

        with self._lease() as lease:
            sizes = [self._bring_back(number, now) for number in self._each(lease, some)]
        return Moved(sum(1 for size in sizes if size), sum(sizes))

    def _lease(self) -> HeldLease:
        return HeldLease(self._database, leases.CONTENTS, LEASE)

    def _each(self, lease: HeldLease, some: Callable[[Storage, int], list[int]]) -> Iterator[int]:
        """Yield the ids of contents, a part at a time, while the lease is ours."""
        if not lease.is_ours:
            raise BusyError("Another process moves contents of this database. Try again later.")
        found = self._read(some, 0)
        while found:
            for number in found:
                self._database.write(lease.renew)
                if not (lease.is_ours and self._go_on()):
                    return
                yield number
            found = self._read(some, found[-1])

    def _read(self, some: Callable[[Storage, int], list[int]], after: int) -> list[int]:
        with self._database.reading() as storage:
            return some(storage, after)

    def _move(self, number: int, now: datetime) -> int:
        """Move a content; return its size, 0 when it was deleted or changed meanwhile."""
        with self._database.reading() as storage:
            content = storage.moved_contents.stored(number)
        if content is None or key_in(content) is not None:
            return 0
        key = new_key(content)
        self._database.write(lambda storage: storage.moved_contents.expect(key, now))
        self._store.put(key, content)
        read_object(self._store, key)
        is_moved = self._database.write(
            lambda storage: storage.moved_contents.replace(number, content, key, storage.leases.now())
        )
        return len(content) if is_moved else 0

    def _bring_back(self, number: int, now: datetime) -> int:
        with self._database.reading() as storage:
            stored = storage.moved_contents.stored(number)
        if stored is None or key_in(stored) is None:
            return 0
        content = self._contents.whole(stored)
        is_back = self._database.write(
            lambda storage: storage.moved_contents.bring_back(number, stored, content, now)
        )
        return len(content) if is_back else 0

    def _remove(self, now: datetime, before: datetime) -> int:
        """Remove objects, and forget each after it is gone: what is interrupted is removed again later."""
        self._database.write(lambda storage: storage.moved_contents.date_unneeded(now))
        with self._database.reading() as storage:
            keys = storage.moved_contents.unneeded(before, AT_ONCE)
        for key in keys:
            if not self._go_on():
                break
            self._store.delete(key)
            self._database.write(partial(_forget, key))
        return len(keys)


def _forget(key: str, storage: Storage) -> None:
    storage.moved_contents.forget(key)


class RegularMover(Background):
    """Move contents once an hour until stopped."""

    name = "contents"
    trouble = "Contents cannot be moved to the object store at the moment"
    waiting = "contents are not moved"
    idle = 5.0

    def __init__(self, database: Database, contents: Contents, rules: Rules) -> None:
        super().__init__(database.retrying)
        self._database = database
        self._mover = ContentMover(database, contents, lambda: not self._stopping.is_set())
        self._rules = rules
        self._next_look = time.monotonic()

    def turn(self) -> bool:
        """Move what may move, if it is time. What could not be done is tried again the next time."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS
            try:
                moved = self._mover.to_store(self._rules, self._database.now())
            except BusyError:
                return False
            except ContentStoreError as error:
                logger.warning("Contents stay in the database for now. %s", error)
                return False
            if moved != Moved():
                logger.info(
                    "Moved %s contents, %s bytes; removed %s objects",
                    moved.contents,
                    moved.size,
                    moved.removed,
                )
        return False
