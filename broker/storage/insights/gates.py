"""Quality gates, and how they stand."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.insights.gates import (
    Gate,
    GateDescription,
    GateState,
    JudgedState,
    Judgement,
    Metric,
    StandingGate,
)
from broker.storage.dialects import is_in
from broker.storage.tables import pacticipants, quality_gate_states, quality_gates

_gates, _states = quality_gates.c, quality_gate_states.c
_ALL = (
    select(
        _gates.id,
        _gates.uuid,
        _gates.metric,
        _gates.threshold,
        _gates.days,
        pacticipants.c.name,
        _gates.team,
        _gates.pacticipant_id,
        _gates.base_url,
        _gates.created_at,
        _gates.updated_at,
    )
    .outerjoin_from(quality_gates, pacticipants, pacticipants.c.id == _gates.pacticipant_id)
    .order_by(_gates.id)
)
_ONE = _ALL.where(_gates.uuid == bindparam("of_uuid"))
_ADD = insert(quality_gates)
_REPLACE = (
    update(quality_gates)
    .where(_gates.id == bindparam("gate_id"))
    .values(
        metric=bindparam("new_metric"),
        threshold=bindparam("new_threshold"),
        days=bindparam("new_days"),
        pacticipant_id=bindparam("new_pacticipant_id"),
        team=bindparam("new_team"),
        updated_at=bindparam("now"),
    )
)
_DELETE = delete(quality_gates).where(_gates.uuid == bindparam("of_uuid"))
_STATES = select(
    _states.gate_id, _states.pacticipant_id, _states.state, _states.value, _states.told, _states.since
)
_STATES_OF = _STATES.where(is_in(_states.pacticipant_id, "ids"))
_STATES_OF_GATE = (
    select(pacticipants.c.name, _states.state, _states.value, _states.told, _states.since)
    .join_from(quality_gate_states, pacticipants, pacticipants.c.id == _states.pacticipant_id)
    .where(_states.gate_id == bindparam("gate_id"))
    .order_by(_states.state, pacticipants.c.name)
    .limit(bindparam("most"))
)
_PUT_STATE = insert(quality_gate_states)
_PUT_STATE = _PUT_STATE.on_conflict_do_update(
    index_elements=["gate_id", "pacticipant_id"],
    set_={name: _PUT_STATE.excluded[name] for name in ("state", "value", "told", "since")},
)
_REMOVE_STATE = delete(quality_gate_states).where(
    _states.gate_id == bindparam("of_gate"), _states.pacticipant_id == bindparam("of_pacticipant")
)
_STANDING = (
    _ALL.outerjoin(quality_gate_states, _states.gate_id == _gates.id)
    .add_columns(_states.state, func.count(_states.state).label("services"))
    .group_by(_gates.id, pacticipants.c.name, _states.state)
)
StateKey = tuple[int, int]
"""The ids of a gate and of a service."""


class QualityGates:
    """Gates; their states change only while the counters are held, see `Counters.hold`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Gate]:
        """Return all gates, oldest first."""
        return [_gate(row) for row in self._connection.execute(_ALL)]

    def find(self, uuid: str) -> Gate | None:
        """Return one gate."""
        row = self._connection.execute(_ONE, {"of_uuid": uuid}).first()
        return _gate(row) if row else None

    def add(self, what: GateDescription, pacticipant_id: int | None, base_url: str, now: datetime) -> str:
        """Store a gate, and return its uuid."""
        uuid = str(uuid4())
        self._connection.execute(
            _ADD,
            {
                "uuid": uuid,
                "metric": what.metric.value,
                "threshold": what.threshold,
                "days": what.days,
                "pacticipant_id": pacticipant_id,
                "team": what.team,
                "base_url": base_url,
                "created_at": now,
                "updated_at": now,
            },
        )
        return uuid

    def replace(self, gate: Gate, what: GateDescription, pacticipant_id: int | None, now: datetime) -> None:
        """Describe a gate anew."""
        self._connection.execute(
            _REPLACE,
            {
                "gate_id": gate.id,
                "new_metric": what.metric.value,
                "new_threshold": what.threshold,
                "new_days": what.days,
                "new_pacticipant_id": pacticipant_id,
                "new_team": what.team,
                "now": now,
            },
        )

    def delete(self, uuid: str) -> bool:
        """Remove a gate with its states; return False when there is none."""
        return self._connection.execute(_DELETE, {"of_uuid": uuid}).rowcount > 0

    def states(self, pacticipant_ids: Collection[int] | None = None) -> Mapping[StateKey, JudgedState]:
        """Return how the gates stand, for these services or for all."""
        if pacticipant_ids is None:
            return self._states(_STATES, {})
        return self._states(_STATES_OF, {"ids": sorted(pacticipant_ids)})

    def states_of(self, gate: Gate, most: int) -> list[tuple[str, JudgedState]]:
        """Return how up to *most* services stand, with their names; those that fail first."""
        rows = self._connection.execute(_STATES_OF_GATE, {"gate_id": gate.id, "most": most})
        return [(row.name, _state(row)) for row in rows]

    def standing(self) -> list[StandingGate]:
        """Return all gates, oldest first, with how many services are in each state."""
        gates: dict[int, Gate] = {}
        counts: dict[int, dict[GateState, int]] = {}
        for *row, state, services in self._connection.execute(_STANDING):
            gates.setdefault(row[0], _gate(row))
            of_gate = counts.setdefault(row[0], {})
            if state is not None:
                of_gate[GateState(state)] = services
        return [StandingGate(gate, counts[number]) for number, gate in gates.items()]

    def put_states(self, states: Mapping[StateKey, JudgedState]) -> None:
        """Store how gates stand now."""
        rows = [
            {
                "gate_id": gate_id,
                "pacticipant_id": pacticipant_id,
                "state": state.judgement.state.value,
                "value": state.judgement.value,
                "told": state.told,
                "since": state.since,
            }
            for (gate_id, pacticipant_id), state in sorted(states.items())
        ]
        if rows:
            self._connection.execute(_PUT_STATE, rows)

    def remove_states(self, keys: Iterable[StateKey]) -> None:
        """Forget how gates stand for services that they are no longer for."""
        rows = [
            {"of_gate": gate_id, "of_pacticipant": pacticipant_id} for gate_id, pacticipant_id in sorted(keys)
        ]
        if rows:
            self._connection.execute(_REMOVE_STATE, rows)

    def _states(self, statement: Select[Any], values: Mapping[str, Any]) -> Mapping[StateKey, JudgedState]:
        rows = self._connection.execute(statement, values)
        return {(row.gate_id, row.pacticipant_id): _state(row) for row in rows}


def _gate(row: Any) -> Gate:
    number, uuid, metric, threshold, days, name, team, pacticipant_id, base_url, created_at, updated_at = row
    what = GateDescription(Metric(metric), threshold, days, name, team)
    return Gate(number, uuid, what, pacticipant_id, base_url, created_at, updated_at)


def _state(row: Any) -> JudgedState:
    return JudgedState(Judgement(GateState(row.state), row.value), row.told, row.since)
