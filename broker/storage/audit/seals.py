"""The seals of the audit log, and the entries that they are of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, null, select, update

from broker.domain.audit.entry import Entry
from broker.domain.audit.seal import Seal
from broker.storage.audit.entries import COLUMNS
from broker.storage.dialects import AS_BYTES, ONE, is_in
from broker.storage.tables import audit_entries, audit_seals

_SEALS = audit_seals.c
_SEAL = select(
    _SEALS.id,
    _SEALS.previous,
    _SEALS.hash,
    _SEALS.entries,
    _SEALS.digests,
    _SEALS.sealed_at,
    _SEALS.removed_at,
).execution_options(**AS_BYTES)
_NEWEST = _SEAL.order_by(_SEALS.id.desc()).limit(ONE)
_AFTER = _SEAL.where(_SEALS.id > bindparam("number")).order_by(_SEALS.id).limit(bindparam("most"))
_TO_SEAL: Select[Any] = (
    select(audit_entries.c.id, *COLUMNS)
    .where(audit_entries.c.seal_id.is_(None))
    .order_by(audit_entries.c.id)
    .limit(bindparam("most"))
    .execution_options(**AS_BYTES)
)
_OF_SEALS: Select[Any] = (
    select(*COLUMNS)
    .where(audit_entries.c.seal_id.between(bindparam("first"), bindparam("last")))
    .order_by(audit_entries.c.seal_id, audit_entries.c.id)
    .limit(bindparam("most"))
    .execution_options(**AS_BYTES)
)
_MARK = (
    update(audit_entries)
    .where(is_in(audit_entries.c.id, "ids"), audit_entries.c.seal_id.is_(None))
    .values(seal_id=bindparam("number"))
)
_ADD = insert(audit_seals).inline()
_TOO_OLD = (
    select(_SEALS.id)
    .where(_SEALS.sealed_at < bindparam("before"), _SEALS.removed_at.is_(None))
    .order_by(_SEALS.id)
    .limit(bindparam("most"))
)
_EMPTY = (
    update(audit_seals)
    .where(is_in(_SEALS.id, "numbers"), _SEALS.removed_at.is_(None))
    .values(removed_at=bindparam("now"), digests=null())
)
_REMOVE = delete(audit_entries).where(is_in(audit_entries.c.seal_id, "numbers"))


class NotAllSealedError(Exception):
    """Somebody else has sealed some of these entries."""


class AuditSeals:
    """The seals, in the order of their numbers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self) -> Seal | None:
        row = self._connection.execute(_NEWEST).first()
        return Seal(*row) if row else None

    def after(self, number: int, most: int) -> Sequence[Seal]:
        """Return the seals that come after this one, at most as many."""
        rows = self._connection.execute(_AFTER, {"number": number, "most": most})
        return [Seal(*row) for row in rows]

    def entries(self, first: int, last: int, most: int) -> Sequence[Entry]:
        """Return the entries of the seals from *first* to *last*, in their order; at most as many."""
        values = {"first": first, "last": last, "most": most}
        return [Entry(*row) for row in self._connection.execute(_OF_SEALS, values)]

    def to_seal(self, most: int) -> tuple[list[int], list[Entry]]:
        """Return ids and entries that have no seal, by id, at most as many."""
        rows = self._connection.execute(_TO_SEAL, {"most": most}).all()
        return [row[0] for row in rows], [Entry(*row[1:]) for row in rows]

    def add(self, seal: Seal, ids: Sequence[int]) -> None:
        """Store the seal of these entries. Raises NotAllSealedError when one of them has another seal."""
        values = {
            "id": seal.number,
            "previous": seal.previous,
            "hash": seal.hash,
            "entries": seal.entries,
            "digests": seal.digests,
            "sealed_at": seal.sealed_at,
            "removed_at": None,
        }
        self._connection.execute(_ADD, values)
        sealed = self._connection.execute(_MARK, {"ids": list(ids), "number": seal.number})
        if sealed.rowcount != len(ids):
            raise NotAllSealedError(seal.number)

    def older_than(self, before: datetime, most: int) -> list[int]:
        """Return the numbers of the oldest seals whose entries are still there, made before a moment."""
        return list(self._connection.scalars(_TOO_OLD, {"before": before, "most": most}))

    def remove_entries(self, numbers: Sequence[int], now: datetime) -> int:
        """Remove the entries of these seals, and return how many there were; the hashes of the seals stay."""
        self._connection.execute(_EMPTY, {"numbers": list(numbers), "now": now})
        return self._connection.execute(_REMOVE, {"numbers": list(numbers)}).rowcount
