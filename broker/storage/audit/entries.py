"""The entries of the audit log: added with the change that they tell of, read in the order of their seals."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
)

from broker.domain.audit.entry import Entry, NewEntry, short, stored_entry
from broker.domain.audit.entry_filter import EntryFilter
from broker.storage.dialects import AS_BYTES, ONE
from broker.storage.direct_statements import later
from broker.storage.tables import audit_entries, audit_seals, pacticipants, team_pacticipants, teams

_COLUMNS = audit_entries.c
COLUMNS = (
    _COLUMNS.uuid,
    _COLUMNS.at,
    _COLUMNS.actor_uuid,
    _COLUMNS.actor_name,
    _COLUMNS.actor_kind,
    _COLUMNS.via,
    _COLUMNS.address,
    _COLUMNS.action,
    _COLUMNS.subject_kind,
    _COLUMNS.subject_name,
    _COLUMNS.team,
    _COLUMNS.before,
    _COLUMNS.after,
    _COLUMNS.request_id,
    _COLUMNS.outcome,
    _COLUMNS.seal_id,
)
"""The columns for the fields of an Entry, in their order."""
CLOCKS_APART = timedelta(hours=1)
"""How much later than at its seal an entry may seem to be made, by another clock."""
_ADD = insert(audit_entries).inline()  # nobody asks for the id
_TEAM = (
    select(func.min(teams.c.name))
    .select_from(
        team_pacticipants.join(teams, teams.c.id == team_pacticipants.c.team_id).join(
            pacticipants, pacticipants.c.id == team_pacticipants.c.pacticipant_id
        )
    )
    .where(pacticipants.c.name.in_(bindparam("of_pacticipants", expanding=True)))
    .scalar_subquery()
)
_ADD_OF_PACTICIPANTS = (
    insert(audit_entries)
    .inline()
    .values({column.name: _TEAM if column is _COLUMNS.team else bindparam(column.name) for column in COLUMNS})
)
_ENTRY: Select[Any] = select(*COLUMNS)
_BY_UUID: Select[Any] = _ENTRY.where(_COLUMNS.uuid == bindparam("uuid"))
_PLACE = select(_COLUMNS.seal_id, _COLUMNS.id).where(_COLUMNS.uuid == bindparam("uuid"))
_ANY_UNSEALED: Select[Any] = select(literal_column("1")).where(_COLUMNS.seal_id.is_(None)).limit(ONE)
_UNSEALED = select(func.count(), func.min(_COLUMNS.at)).where(_COLUMNS.seal_id.is_(None))


class UnknownEntryError(Exception):
    """There is no entry with this UUID."""


class AuditEntries:
    """The entries. Nothing changes one; nothing but retention removes one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewEntry, names: Sequence[str] = ()) -> None:
        """Store an entry, without secrets, in the transaction of what it tells of.

        Without a team it has that of the pacticipants with these *names*: of several, the first by name.
        """
        entry = stored_entry(new, str(uuid4()))
        values: dict[str, Any] = dict(vars(entry))
        values["seal_id"] = values.pop("seal")
        if names and entry.team is None:
            del values["team"]
            later(self._connection, _ADD_OF_PACTICIPANTS, {**values, "of_pacticipants": [*names]})
        else:
            later(self._connection, _ADD, values)

    def find(self, uuid: str) -> Entry | None:
        row = self._connection.execute(_BY_UUID, {"uuid": uuid}).first()
        return Entry(*row) if row else None

    def any_unsealed(self) -> bool:
        """Return whether there is anything to seal."""
        return self._connection.scalar(_ANY_UNSEALED) is not None

    def unsealed(self) -> tuple[int, datetime | None]:
        """Return how many entries have no seal yet, and when the oldest was made."""
        count, oldest = self._connection.execute(_UNSEALED).one()
        return count, oldest

    def oldest_first(self, which: EntryFilter, most: int, start: str = "") -> Sequence[Entry]:
        """Return sealed entries in the order of their seals, from the one with the UUID *start* on.

        Those without a seal come later: what is committed late is never before what was read already. So
        nothing follows an entry without a seal. Raises UnknownEntryError.
        """
        found = _ENTRY.where(_COLUMNS.seal_id.is_not(None), *_conditions(which))
        if start:
            seal, number = self._place(start)
            if seal is None:
                return []
            found = found.where(tuple_(_COLUMNS.seal_id, _COLUMNS.id) >= tuple_(seal, number))
        return self._entries(found.order_by(_COLUMNS.seal_id, _COLUMNS.id), most)

    def newest_first(self, which: EntryFilter, most: int, start: str = "") -> Sequence[Entry]:
        """Return all entries, those without a seal first, from the one with the UUID *start* on.

        Raises UnknownEntryError.
        """
        place = self._place(start) if start else None
        found = _ENTRY.where(*_conditions(which))
        unsealed: Sequence[Entry] = []
        if place is None or place[0] is None:
            waiting = found.where(_COLUMNS.seal_id.is_(None))
            if place:
                waiting = waiting.where(_COLUMNS.id <= place[1])
            unsealed = self._entries(waiting.order_by(_COLUMNS.id.desc()), most)
        sealed = found.where(_COLUMNS.seal_id.is_not(None))
        if place and place[0] is not None:
            sealed = sealed.where(tuple_(_COLUMNS.seal_id, _COLUMNS.id) <= tuple_(*place))
        rest = self._entries(
            sealed.order_by(_COLUMNS.seal_id.desc(), _COLUMNS.id.desc()), most - len(unsealed)
        )
        return [*unsealed, *rest]

    def _place(self, uuid: str) -> tuple[int | None, int]:
        row = self._connection.execute(_PLACE, {"uuid": uuid}).first()
        if row is None:
            raise UnknownEntryError(uuid)
        return row[0], row[1]

    def _entries(self, found: Select[Any], most: int) -> Sequence[Entry]:
        if most <= 0:
            return []
        rows = self._connection.execute(found.limit(most).execution_options(**AS_BYTES))
        return [Entry(*row) for row in rows]


def _conditions(which: EntryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if which.since:
        sealed_at = audit_seals.c.sealed_at
        first = select(func.min(audit_seals.c.id)).where(sealed_at >= which.since - CLOCKS_APART)
        found += [
            _COLUMNS.at >= which.since,
            or_(_COLUMNS.seal_id.is_(None), _COLUMNS.seal_id >= first.scalar_subquery()),
        ]
    if which.actor:
        found.append(or_(_COLUMNS.actor_name == short(which.actor), _COLUMNS.actor_uuid == which.actor))
    if which.action:
        found.append(_COLUMNS.action == which.action)
    if which.subject:
        found.append(_COLUMNS.subject_name == short(which.subject))
    if which.team_ids is not None:
        theirs = select(teams.c.name).where(teams.c.id.in_(sorted(which.team_ids)))
        found.append(_COLUMNS.team.in_(theirs))
    return found
