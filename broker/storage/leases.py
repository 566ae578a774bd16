"""Leases: only one process at a time has each, until it gives it back or the time is over.

A lease is a row, and its time is the database's. A process that is killed leaves its lease until it ends.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from broker.storage.moments import NOW, in_seconds
from broker.storage.tables import leases

CLEAN_UP = "clean-up"
WRITE_PROBE = "write probe"
SEARCH_INDEX = "search index"
AUDIT_SEALS = "audit seals"
EXPIRY_WARNINGS = "expiry warnings"
CONTENTS = "contents"
ACCOUNT_KEEPING = "account keeping"
_HELD = leases.c.holder == bindparam("by")
_NAMED = leases.c.name == bindparam("lease")


def _take(insert: Any) -> Any:
    values = {"name": bindparam("lease"), "holder": bindparam("by"), "held_until": in_seconds("seconds")}
    free: ColumnElement[bool] = (leases.c.held_until <= NOW) | _HELD
    renewed = {"holder": bindparam("by"), "held_until": in_seconds("seconds")}
    statement = insert(leases).values(values).returning(leases.c.name)
    return statement.on_conflict_do_update(index_elements=["name"], set_=renewed, where=free)


_TAKE: Mapping[str, Any] = {"postgresql": _take(postgresql.insert), "sqlite": _take(sqlite.insert)}
_NOW = select(NOW)
_GIVE_BACK = delete(leases).where(_NAMED, _HELD)


class Leases:
    """The leases of all processes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def now(self) -> datetime:
        """Return the moment by which leases end."""
        return self._connection.execute(_NOW).scalar_one()

    def take(self, name: str, holder: str, seconds: float) -> bool:
        """Take a lease, or renew it; return False when another holder has it."""
        values = {"lease": name, "by": holder, "seconds": float(seconds)}
        return self._connection.scalar(_TAKE[self._connection.dialect.name], values) is not None

    def give_back(self, name: str, holder: str) -> None:
        """End a lease, if *holder* still has it."""
        self._connection.execute(_GIVE_BACK, {"lease": name, "by": holder})
