"""Positions in the log of PostgreSQL (WAL): what a standby must have replayed before it may answer."""

import re
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic
from typing import Any, Self

from tally.values import dataclass

_TEXT = re.compile(r"([0-9a-f]{1,8})-([0-9a-f]{1,16})")
MOST_WAITING = 600
SLACK = 3.0
"""Seconds by which a look at the primary may be late."""

# What a session can see is on the disk, unless commits do not wait for it. A standby is sent what is on the
# disk, and what is beyond that only later. A server that was demoted has no such position.
OF_PRIMARY = (
    "SELECT CASE WHEN pg_is_in_recovery() THEN NULL "
    "ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) || ' ' || "
    "CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() "
    "ELSE pg_current_wal_flush_lsn() END END"
)
# Two databases are the same if one server is a copy of the other, and both have the id that it gave.
_IDENTITY = (
    "SELECT (SELECT system_identifier FROM pg_control_system()) || ' ' || "
    "(SELECT oid FROM pg_database WHERE datname = current_database())"
)
LOOK_AT_PRIMARY = f"{_IDENTITY}, ({OF_PRIMARY})"
# The timeline of the last restart point and of the last page on the disk: never one that is not replayed.
_REPLAYED = (
    "to_hex((SELECT greatest(timeline_id, min_recovery_end_timeline) "
    "FROM pg_control_checkpoint(), pg_control_recovery())) || ' ' || pg_last_wal_replay_lsn()"
)
LOOK_AT_STANDBY = f"{_IDENTITY}, pg_is_in_recovery(), {_REPLAYED}"


@dataclass(frozen=True)
class Position:
    """A byte in the log of a timeline; a server that becomes the primary begins a new timeline."""

    timeline: int
    byte: int

    @classmethod
    def of_server(cls, text: str) -> Self:
        """Return the position that a server tells as a timeline in hexadecimal digits, and an LSN."""
        timeline, high, low = re.split("[ /]", text)
        return cls(int(timeline, 16), (int(high, 16) << 32) + int(low, 16))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the position that `str` has written; None for anything else."""
        found = _TEXT.fullmatch(text)
        return None if found is None else cls(int(found[1], 16), int(found[2], 16))

    def __str__(self) -> str:
        return f"{self.timeline:x}-{self.byte:x}"

    def joined(self, other: "Position | None") -> "Position":
        """Return the lowest position that is as high as both."""
        if other is None:
            return self
        return Position(max(self.timeline, other.timeline), max(self.byte, other.byte))

    def has(self, floor: "Position") -> bool:
        """Return whether a server that is here has all of *floor*.

        On another timeline a server may have what the primary does not, whatever the byte.
        """
        return self.timeline == floor.timeline and self.byte >= floor.byte


class KnownPositions:
    """What one process knows of the primary's position; safe to share between threads.

    *longest_lag* is in seconds: what the primary had so long ago must be shown.
    """

    def __init__(self, longest_lag: float, timer: Callable[[], float] = monotonic) -> None:
        self.longest_lag = longest_lag
        self.identity = ""
        """Which database of which cluster the primary is; "" before the first look."""
        self._timer = timer
        self._lock = Lock()
        self._reached: Position | None = None
        self._looks: deque[tuple[float, Position]] = deque()
        self._waiting: deque[tuple[float, Position]] = deque(maxlen=MOST_WAITING)

    @property
    def reached(self) -> Position | None:
        """What this process has written or seen at least."""
        return self._reached

    def reach(self, position: Position) -> None:
        """Note that this process has written, or seen, what is before *position*."""
        with self._lock:
            self._reached = position.joined(self._reached)

    def looked(self, row: Sequence[Any]) -> None:
        """Note where the primary is at this moment, as `LOOK_AT_PRIMARY` tells."""
        identity, text = row
        if text is None:
            return
        position = Position.of_server(text)
        with self._lock:
            self.identity = identity
            look = (self._timer(), position)
            self._looks.append(look)
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(look)
            # That there is a new primary counts at once: a standby that follows it not must not be asked.
            self._reached = Position(position.timeline, 0).joined(self._reached)

    def floor(self) -> Position | None:
        """Return what an answer must show; None when the primary was not looked at for too long."""
        with self._lock:
            due = self._timer() - self.longest_lag
            while len(self._looks) > 1 and self._looks[1][0] <= due:
                self._looks.popleft()
            if not self._looks or self._looks[0][0] < due - SLACK:
                return None
            return self._looks[0][1].joined(self._reached)

    def lag(self, replayed: Position) -> tuple[int, float]:
        """Return how far behind a server is that has replayed this: bytes, and seconds.

        The seconds are measured here, by one clock: since the primary was first seen beyond that.
        """
        with self._lock:
            while self._waiting and replayed.has(self._waiting[0][1]):
                self._waiting.popleft()
            seconds = self._timer() - self._waiting[0][0] if self._waiting else 0.0
            newest = self._looks[-1][1].byte if self._looks else replayed.byte
        return max(0, newest - replayed.byte), seconds
