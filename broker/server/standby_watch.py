"""Look once a second where the primary is, and whether the standby follows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from broker.background.background import Background
from broker.logs import OnceAMinute
from broker.server.watchers import Watchers
from broker.storage.database import Database
from broker.storage.positions import SLACK
from broker.storage.retrying import Retrying
from broker.storage.standby import Standby


class StandbyWatch(Background):
    """Lets a server process know what its standby has, and says in the log when it cannot be used."""

    name: ClassVar[str] = "standby"
    trouble: ClassVar[str] = "The position of the primary cannot be read at the moment"
    waiting: ClassVar[str] = "nothing is read from the standby"

    def __init__(self, database: Database) -> None:
        super().__init__(database.retrying)
        self._standby = database.standby
        self._told = OnceAMinute()
        self._was_usable = True

    @contextmanager
    def running_if_there_is_one(self) -> Iterator[None]:
        """Look while the block runs, and before it, if the database has a standby."""
        if self._standby is None:
            yield
            return
        with StandbyDeadlines(self._retrying, self._standby).running(), self.running():
            yield

    def turn(self) -> bool:
        """Look once."""
        if self._standby is None:
            return False
        self._standby.look()
        trouble = self._standby.trouble
        if trouble and self._told.is_time("trouble"):
            self._logger.warning("The standby is not read from, the primary answers: %s", trouble)
            self._was_usable = False
        elif not trouble and not self._was_usable:
            self._logger.info("The standby is read from again")
            self._was_usable = True
        return False


class StandbyDeadlines(Background):
    """Ends the wait for a standby that hangs; in a thread of its own, as the one that looks may wait too."""

    name: ClassVar[str] = "standby-deadlines"
    trouble: ClassVar[str] = "Connections to the standby that hang cannot be ended"
    waiting: ClassVar[str] = "requests wait for the standby"

    def __init__(self, retrying: Retrying, standby: Standby) -> None:
        super().__init__(retrying)
        self._standby = standby

    def turn(self) -> bool:
        """End what takes too long."""
        self._standby.overdue.end()
        return False


def watchers_of(database: Database) -> Watchers:
    """Return what tells pages of changes, with the position that a standby must have to show them."""
    standby = database.standby
    if standby is None:
        return Watchers(database.newest_changes)
    known = standby.known
    return Watchers(
        database.newest_changes,
        position=lambda: str(known.reached or ""),
        seconds_behind=known.longest_lag + SLACK,
    )
