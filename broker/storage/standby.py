"""A hot standby of PostgreSQL, which answers what is shown to people while it is not too far behind."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from time import monotonic

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from broker.storage.direct_statements import DirectConnection, DirectStatements
from broker.storage.failures import DatabaseFailure, failure_of
from broker.storage.overdue import Overdue
from broker.storage.positions import LOOK_AT_PRIMARY, LOOK_AT_STANDBY, OF_PRIMARY, KnownPositions, Position
from broker.storage.postgresql_sessions import begin_reading, is_pooled
from broker.storage.storage import Storage

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds until a standby that failed is asked again; each time twice as many."""
LONGEST_READING = 8.0
"""Seconds after which what is read there for an answer is given up, however many statements it takes."""
_REPLAYED = "replayed"
_LOOK, _LOOK_AT_PRIMARY, _POSITION = map(text, (LOOK_AT_STANDBY, LOOK_AT_PRIMARY, OF_PRIMARY))
# PostgreSQL cancels what stands in the way of its recovery with these.
_CONFLICTS = {"40001", "40P01"}


class Reason(Enum):
    """Why the primary answers in place of the standby."""

    UNKNOWN = "unknown"
    """Where the primary is, or the standby, is not known."""
    BEHIND = "behind"
    AWAY = "away"
    CONFLICT = "conflict"
    """The standby had to recover, and cancelled the statement."""
    FAILED = "failed"
    """A statement failed there; the primary shows whether it does so here."""
    NOT_FOUND = "not_found"
    """The standby did not have what was asked for. It may be new."""
    NOT_A_STANDBY = "not_a_standby"
    OTHER_DATABASE = "other_database"


_WRONG_SERVER = {Reason.NOT_A_STANDBY, Reason.OTHER_DATABASE}


class StandbyUnusableError(Exception):
    """The standby cannot answer this; the primary can. *reason* says why."""

    def __init__(self, reason: Reason, message: str = "") -> None:
        super().__init__(message or reason.value)
        self.reason = reason


class Standby:
    """A standby, through *engine*; *known* is what this process knows of the *primary*."""

    def __init__(
        self,
        engine: Engine,
        known: KnownPositions,
        primary: Callable[[], AbstractContextManager[Storage]],
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self.known = known
        self.out_of_use: Reason | None = Reason.UNKNOWN
        """Why it is not read from at all; None when it is."""
        self.trouble = ""
        """What is the matter with it, for the log; "" when it can be used."""
        self.lag: tuple[int, float] | None = None
        """By how many bytes and seconds it was behind at the last look; None when it could not be asked."""
        self._primary = primary
        self._engine = engine
        self._statements = DirectStatements(engine)
        self._timer = timer
        self.overdue = Overdue(LONGEST_READING, timer)
        self._ask_again_at = self._failed_at = float("-inf")
        self._pause = FIRST_PAUSE

    @contextmanager
    def reading(self, seen: Position | None = None) -> Iterator[Storage]:
        """Yield a Storage that has what this process knows, and *seen*. Raises StandbyUnusableError."""
        if self.out_of_use is not None:
            raise StandbyUnusableError(self.out_of_use)
        floor = self.known.floor()
        if floor is None:
            raise StandbyUnusableError(Reason.UNKNOWN)
        try:
            with self._connect() as connection, self.overdue.watching(connection):
                begin_reading(connection)
                self._check(connection, floor.joined(seen))
                yield Storage(connection)
        except SQLAlchemyError as error:
            raise self._unusable(error) from error
        except StandbyUnusableError as error:
            if error.reason in _WRONG_SERVER:
                self._stop_using(error.reason, str(error))
            raise

    def look(self) -> None:
        """Learn where the primary is, and whether the standby can be used; for once a second.

        A standby that has failed a moment ago is not asked. What is the matter with it is noted; of the
        primary it is raised.
        """
        with self._primary() as storage:
            self.known.looked(storage.connection.execute(_LOOK_AT_PRIMARY).one())
        if self._timer() < self._ask_again_at:
            return
        try:
            with self._connect() as connection, self.overdue.watching(connection):
                begin_reading(connection)
                self._note_lag(self._ask(connection))
        except SQLAlchemyError as error:
            self._stop_using(Reason.AWAY, _first_line(error))
        except StandbyUnusableError as error:
            self._stop_using(error.reason, str(error))
        else:
            self.out_of_use = None
            if self._timer() - self._failed_at > LONGEST_PAUSE:
                self._pause = FIRST_PAUSE

    def position(self) -> Position | None:
        """Return where the primary is, after everything that was seen there; None when it does not say."""
        try:
            with self._primary() as storage:
                return _position(storage.connection)
        except SQLAlchemyError:
            return None

    def reach(self, primary: Connection) -> None:
        """Note that this process has seen what is there, through a connection to the primary."""
        position = _position(primary)
        if position is not None:
            self.known.reach(position)

    def close(self) -> None:
        self._engine.dispose()

    def _connect(self) -> Connection:
        return DirectConnection(self._engine, self._statements, reads=True)

    def _check(self, connection: Connection, floor: Position) -> None:
        """Raise StandbyUnusableError unless the server of this connection has what is before *floor*."""
        replayed: Position | None = connection.info.get(_REPLAYED)
        # It is asked only when that is not known. Behind a pooler the next session may be of another server.
        if replayed is None or not replayed.has(floor) or is_pooled(connection.info):
            replayed = connection.info[_REPLAYED] = self._ask(connection)
        if not replayed.has(floor):
            raise StandbyUnusableError(Reason.BEHIND)

    def _ask(self, connection: Connection) -> Position:
        identity, is_standby, where = connection.execute(_LOOK).one()
        if not self.known.identity:
            raise StandbyUnusableError(Reason.UNKNOWN, "the primary has not been asked for its position yet")
        if identity != self.known.identity:
            raise StandbyUnusableError(
                Reason.OTHER_DATABASE, "it is not a copy of the database of TALLY_DATABASE_URL"
            )
        if not is_standby:
            raise StandbyUnusableError(Reason.NOT_A_STANDBY, "it is not a standby: it takes changes itself")
        if where is None:
            raise StandbyUnusableError(Reason.UNKNOWN, "it does not tell what it has replayed")
        return Position.of_server(where)

    def _note_lag(self, replayed: Position) -> None:
        self.lag = self.known.lag(replayed)
        floor = self.known.floor()
        if floor is not None and replayed.timeline != floor.timeline:
            self.trouble = f"it is on timeline {replayed.timeline}, and the primary on {floor.timeline}"
        elif self.lag[1] > self.known.longest_lag:
            self.trouble = f"it is more than {self.lag[1]:.0f} s behind"
        else:
            self.trouble = ""

    def _unusable(self, error: SQLAlchemyError) -> StandbyUnusableError:
        if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _CONFLICTS:
            return StandbyUnusableError(Reason.CONFLICT)
        if failure_of(error) is not DatabaseFailure.AWAY:
            return StandbyUnusableError(Reason.FAILED)
        self._stop_using(Reason.AWAY, _first_line(error))
        return StandbyUnusableError(Reason.AWAY)

    def _stop_using(self, reason: Reason, trouble: str) -> None:
        self.out_of_use, self.trouble, self.lag = reason, trouble, None
        self._failed_at = self._timer()
        self._ask_again_at = self._failed_at + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        # The next connection may lead to another server: after a fail-over, to the one that is a standby now.
        self._engine.dispose()


def _position(primary: Connection) -> Position | None:
    found = primary.scalar(_POSITION)
    return None if found is None else Position.of_server(found)


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
