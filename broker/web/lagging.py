"""Views that may be answered from a standby, and so with what is some seconds old.

A view is answered by the primary unless it says `may_lag` where it is declared. Nothing that somebody relies
on may say it: no decision, nothing of accounts, and nothing that a pipeline reads after it has written.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, TypeVar

from flask import g

from broker.storage.database import Database
from broker.storage.positions import Position
from broker.storage.standby import Reason, Standby, StandbyUnusableError
from broker.storage.storage import Storage

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "may_lag"
_READS = "lagging_reads"


def may_lag(view: View) -> View:
    """Let a view that shows something to people be answered from the standby."""
    setattr(view, _MARK, True)
    return view


def is_marked(view: object) -> bool:
    """Return whether the view may be answered from the standby."""
    return getattr(view, _MARK, False) is True


class Reads:
    """What one answer reads from the standby; *seen* is what whoever asks has written or seen."""

    def __init__(self, database: Database, standby: Standby, seen: Position | None) -> None:
        self.is_used = False
        self.reason: Reason | None = None
        """Why the primary was read as well."""
        self._database = database
        self._standby = standby
        self._seen = seen

    @contextmanager
    def reading(self) -> Iterator[Storage]:
        """Yield a Storage of the standby, or of the primary. Raises StandbyUnusableError in the middle."""
        with ExitStack() as stack:
            try:
                storage = stack.enter_context(self._standby.reading(self._seen))
                self.is_used = True
            except StandbyUnusableError as error:
                self.reason = error.reason
                storage = stack.enter_context(self._database.reading())
            yield storage


def begin(reads: Reads) -> None:
    """Let what the request reads from now on come from the standby."""
    setattr(g, _READS, reads)


def end() -> None:
    """Let what the request reads from now on come from the primary."""
    g.pop(_READS, None)


def reading(database: Database) -> AbstractContextManager[Storage]:
    """Yield a Storage to read from."""
    reads: Reads | None = None if database.standby is None else g.get(_READS)
    return database.reading() if reads is None else reads.reading()
