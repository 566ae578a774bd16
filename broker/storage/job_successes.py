"""When each regular job last succeeded, by the clock of the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from broker.storage.moments import NOW
from broker.storage.tables import job_successes
from tally.values import dataclass

CLEAN_UP = "clean-up"
BACKUP = "backup"


@dataclass(frozen=True)
class JobSuccess:
    """The last success of a job, which took *seconds*."""

    name: str
    succeeded_at: datetime
    seconds: float


def _note(insert: Any) -> Any:
    values = {"succeeded_at": NOW, "seconds": bindparam("took")}
    statement = insert(job_successes).values(name=bindparam("job"), **values)
    return statement.on_conflict_do_update(index_elements=["name"], set_=values)


_NOTE: Mapping[str, Any] = {"postgresql": _note(postgresql.insert), "sqlite": _note(sqlite.insert)}
_ALL = select(job_successes).order_by(job_successes.c.name)


class JobSuccesses:
    """One success of each job that ever had one: its last."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, name: str, seconds: float) -> None:
        """Store that the job has succeeded now, in so many seconds."""
        statement = _NOTE[self._connection.dialect.name]
        self._connection.execute(statement, {"job": name, "took": float(seconds)})

    def all(self) -> list[JobSuccess]:
        """Return the last successes, by name."""
        return [JobSuccess(**row) for row in self._connection.execute(_ALL).mappings()]
