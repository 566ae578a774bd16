"""What users do with quality gates."""

from datetime import datetime

from broker.domain import limits
from broker.domain.errors import NotFoundError, StateRuleError, ValidationError
from broker.domain.insights.gates import (
    Gate,
    GateDescription,
    GateState,
    JudgedState,
    Judgement,
    StandingGate,
)
from broker.services.circumstances import Circumstances
from broker.services.insights.judging import MakeAddresses, judge_gates, judged
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage
from tally.values import dataclass

SHOWN = 100
"""How many services of a gate are listed: those that fail come first."""


@dataclass(frozen=True)
class GateOfService:
    """How a gate stands for one service; *since* is None when nobody has stored that yet."""

    gate: Gate
    judgement: Judgement
    since: datetime | None


@dataclass(frozen=True)
class GateStatus:
    """How a service stands; *uncounted* are its results that the judgement does not know yet."""

    pacticipant: str
    gates: tuple[GateOfService, ...]
    uncounted: int

    @property
    def passed(self) -> bool | None:
        """Whether it keeps all of its gates, which none that is unknown allows; None when it has none."""
        if not self.gates:
            return None
        return all(each.judgement.state is GateState.PASSED for each in self.gates)


def every(storage: Storage) -> list[StandingGate]:
    """Return all gates."""
    return storage.quality_gates.standing()


def uncounted(storage: Storage) -> int:
    """Return how many results are not counted yet: judgements do not know them."""
    return storage.uncounted.results()


def find(storage: Storage, uuid: str) -> Gate:
    """Return a gate. Raises NotFoundError."""
    found = storage.quality_gates.find(uuid)
    if found is None:
        raise NotFoundError(f"No quality gate with uuid {uuid} found")
    return found


def standing(storage: Storage, gate: Gate) -> tuple[StandingGate, list[tuple[str, JudgedState]]]:
    """Return how many services are in each state, and how each stands: the first of them."""
    found = next(each for each in storage.quality_gates.standing() if each.gate.id == gate.id)
    return found, storage.quality_gates.states_of(gate, SHOWN)


def create(
    storage: Storage, what: GateDescription, circumstances: Circumstances, addresses: MakeAddresses
) -> Gate:
    """Add a gate, and judge it. Raises ValidationError, and StateRuleError when there are too many."""
    storage.counters.hold()  # those that create one at the same time are counted one after the other
    if len(storage.quality_gates.all()) >= limits.GATES:
        raise StateRuleError({"gates": [f"cannot be more than {limits.GATES}: delete one first"]})
    service_id = _service_id(storage, what)
    uuid = storage.quality_gates.add(what, service_id, circumstances.base_url, circumstances.now)
    judge_gates(storage, circumstances.now, addresses)
    created = find(storage, uuid)
    storage.note("gate", _name(what), after=_summary(created))
    return created


def replace(
    storage: Storage, uuid: str, what: GateDescription, *, now: datetime, addresses: MakeAddresses
) -> Gate:
    """Describe a gate anew, and judge it. Raises NotFoundError and ValidationError."""
    storage.counters.hold()
    gate = find(storage, uuid)
    storage.quality_gates.replace(gate, what, _service_id(storage, what), now)
    judge_gates(storage, now, addresses)
    changed = find(storage, uuid)
    storage.note("gate", _name(what), before=_summary(gate), after=_summary(changed))
    return changed


def delete(storage: Storage, uuid: str) -> None:
    """Remove a gate. Raises NotFoundError."""
    found = find(storage, uuid)
    storage.quality_gates.delete(uuid)
    storage.note("gate", _name(found.what), before=_summary(found))


def status(storage: Storage, name: str, now: datetime) -> GateStatus:
    """Return how a service stands at this moment, by what is counted. Raises NotFoundError."""
    service = pacticipants.find(storage, name)
    gates = storage.quality_gates.all()
    services = storage.gate_facts.services([service.id])
    judgements = judged(storage, gates, services, now)
    stored = storage.quality_gates.states([service.id])
    return GateStatus(
        service.name,
        tuple(
            GateOfService(gate, judgement, _since(stored.get(key), judgement))
            for gate in gates
            if (judgement := judgements.get(key := (gate.id, service.id)))
        ),
        storage.uncounted.of_provider(service.id),
    )


def _name(what: GateDescription) -> str:
    return f"{what.title}, for {what.scope}"


def _summary(gate: Gate) -> dict[str, object]:
    """Return what the audit log says of a gate."""
    what = gate.what
    return {
        "uuid": gate.uuid,
        "metric": what.metric.value,
        "threshold": what.threshold,
        "days": what.days if what.rule.has_days else None,
        "pacticipantName": what.pacticipant,
        "team": what.team,
    }


def _since(stored: JudgedState | None, judgement: Judgement) -> datetime | None:
    return stored.since if stored and stored.judgement.state is judgement.state else None


def _service_id(storage: Storage, what: GateDescription) -> int | None:
    if what.pacticipant is None:
        return None
    found = storage.pacticipants.find(what.pacticipant)
    if found is None:
        raise ValidationError({"pacticipantName": [f"is no application that is known: {what.pacticipant}"]})
    return found.id
