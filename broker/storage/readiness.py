"""Whether the database can be used: found out within two seconds, and seldom, however many ask."""

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from broker.logs import OnceAMinute
from broker.storage.database import Database
from broker.storage.failures import failure_of, may_be_run_again
from broker.storage.migrations import schema
from broker.storage.sqlite_files import LostFileError
from tally.values import dataclass

logger = logging.getLogger("broker")
SECONDS = 1.0
"""How long a finding is good for."""
SECONDS_TO_ANSWER = 1.5
"""How long somebody waits for a finding. What takes longer hangs."""
_HANGS = f"The database gave no answer within {SECONDS_TO_ANSWER} s."
_NO_SCHEMA = "The database has no schema of Tallystick: run `tally migrate`."
_OLDER = "The database has the schema of an earlier release: run `tally migrate`."
_NEWER = "The database has the schema of a later release, which this one cannot use: install that release."


@dataclass(frozen=True)
class Finding:
    """What is wrong with the database, and with its schema; None where nothing is."""

    database: str | None = None
    schema: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether requests can be answered."""
        return self.database is None and self.schema is None


class Readiness:
    """Look at the database when somebody asks, in a thread of its own: it may never answer.

    Its connection is no other's, so that a broker whose requests have all of theirs is not taken for broken.
    Safe to share between threads.
    """

    def __init__(self, database: Database, timer: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._timer = timer
        self._lock = threading.Lock()
        self._look: _Look | None = None
        self._warned = OnceAMinute()

    def finding(self) -> Finding:
        """Return what was found within the last second, or is found now."""
        with self._lock:
            look = self._look
            if look is None or (look.is_done.is_set() and self._timer() - look.began >= SECONDS):
                look = self._look = _Look(self._database, self._timer())
                look.start()
        look.is_done.wait(max(0.0, look.began + SECONDS_TO_ANSWER - self._timer()))
        found = look.found
        if not found.is_ready and self._warned.is_time("not ready"):
            logger.warning("Not ready: %s", found.database or found.schema)
        return found


class _Look:
    """One look at the database; *began* is in seconds of the timer."""

    def __init__(self, database: Database, began: float) -> None:
        self._database = database
        self.began = began
        self.found = Finding(database=_HANGS)
        self.is_done = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="readiness", daemon=True).start()

    def _run(self) -> None:
        try:
            self.found = self._find()
        finally:
            self.is_done.set()

    def _find(self) -> Finding:
        try:
            try:
                return self._ask()
            except SQLAlchemyError as error:
                if not may_be_run_again(error):
                    raise
                return self._ask()  # the connection was lost since the last look
        except (SQLAlchemyError, LostFileError) as error:
            if failure_of(error) is None:
                return Finding(schema=_NO_SCHEMA)
            return Finding(database=f"{type(error).__name__} - {str(error).splitlines()[0]}")

    def _ask(self) -> Finding:
        with self._database.watching() as connection:
            found = schema.read(connection)
        return Finding(schema=_what_is_wrong(found))


def _what_is_wrong(found: schema.Schema) -> str | None:
    if found.is_usable:
        return None
    if found == schema.NONE:
        return _NO_SCHEMA
    return _NEWER if found.is_newer else _OLDER
