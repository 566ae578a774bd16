"""Judging the quality gates: by the worker when results were counted and as time goes by, and when asked."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from broker.domain.insights.counts import Counts
from broker.domain.insights.coverage import covered, percentage
from broker.domain.insights.gates import (
    Facts,
    Gate,
    GatedService,
    JudgedState,
    Judgement,
    Metric,
    Turn,
    judge,
    told_after,
)
from broker.domain.insights.periods import day_of
from broker.domain.webhooks.parameters import Addresses
from broker.services.webhooks import gate_events
from broker.storage.insights.gates import StateKey
from broker.storage.storage import Storage

_DAY = 86_400.0
MakeAddresses = Callable[[str], Addresses]
"""Makes the addresses for webhooks, from what they start with."""


def judge_gates(
    storage: Storage, now: datetime, addresses: MakeAddresses, services: Collection[int] | None = None
) -> None:
    """Judge all gates, or those for these services, and tell webhooks of each that has turned, once.

    The counters must be held: two that judge at once would both tell.
    """
    gates = storage.quality_gates.all()
    if not gates:
        return
    concerned = storage.gate_facts.services(services)
    judgements = judged(storage, gates, concerned, now)
    before = storage.quality_gates.states(services)
    after = {key: _state(before.get(key), judgement, now) for key, judgement in judgements.items()}
    storage.quality_gates.put_states({key: state for key, state in after.items() if state != before.get(key)})
    storage.quality_gates.remove_states(before.keys() - after.keys())
    turns = _turns(gates, concerned, before, after)
    for gate, of_gate in turns.items():
        gate_events.turned(storage, of_gate, addresses(gate.base_url), now)


def judged(
    storage: Storage, gates: Sequence[Gate], services: Sequence[GatedService], now: datetime
) -> dict[StateKey, Judgement]:
    """Return how the gates stand for those of the services that they are for."""
    pairs = [(gate, service) for gate in gates for service in services if service.is_concerned(gate)]
    facts = _facts(storage, pairs, now)
    return {(gate.id, service.id): judge(gate.what, facts[service.id]) for gate, service in pairs}


def _state(before: JudgedState | None, judgement: Judgement, now: datetime) -> JudgedState:
    if before is None:
        return JudgedState(judgement, told_after(judgement.state, told=False), now)
    return before.after(judgement, now)


def _turns(
    gates: Sequence[Gate],
    services: Sequence[GatedService],
    before: Mapping[StateKey, JudgedState],
    after: Mapping[StateKey, JudgedState],
) -> dict[Gate, list[Turn]]:
    by_gate, by_service = {gate.id: gate for gate in gates}, {service.id: service for service in services}
    found: dict[Gate, list[Turn]] = {}
    for key, state in after.items():
        told = before[key].told if key in before else False
        if state.told is not told:
            gate, service = by_gate[key[0]], by_service[key[1]]
            found.setdefault(gate, []).append(Turn(gate, service, state.judgement))
    return found


def _facts(
    storage: Storage, pairs: Sequence[tuple[Gate, GatedService]], now: datetime
) -> Mapping[int, Facts]:
    def concerned(*metrics: Metric, days: int | None = None) -> set[int]:
        return {
            service.id
            for gate, service in pairs
            if gate.what.metric in metrics and days in {None, gate.what.days}
        }

    counts: dict[int, dict[int, Counts]] = {}
    for days in {gate.what.days for gate, _ in pairs if gate.what.rule.has_days}:
        first = day_of(now) - timedelta(days=days - 1)
        of_times = concerned(Metric.P95, days=days)
        ids = of_times | concerned(Metric.SUCCESS_RATE, Metric.FLAKY_SHARE, days=days)
        for service_id, found in storage.gate_facts.counts(ids, first, durations=bool(of_times)).items():
            counts.setdefault(service_id, {})[days] = found
    aged = concerned(Metric.RESULT_AGE)
    oldest = storage.gate_facts.oldest_results(aged) if aged else {}
    coverages = _coverages(storage, concerned(Metric.COVERAGE))
    return {
        service.id: Facts(
            counts.get(service.id, {}),
            max(0.0, (now - oldest[service.id]).total_seconds()) / _DAY if service.id in oldest else None,
            coverages.get(service.id),
        )
        for _, service in pairs
    }


def _coverages(storage: Storage, ids: Collection[int]) -> dict[int, float]:
    if not ids:
        return {}
    operations: dict[int, int] = {}
    found: dict[int, int] = {}
    verified: set[int] = set()
    for document in storage.gate_facts.documents(ids):
        service_id = document.service_id
        operations[service_id] = operations.get(service_id, 0) + document.operations
        count = len(covered(document.keys, [document.test_results]))
        found[service_id] = found.get(service_id, 0) + min(count, document.operations)
        if document.test_results is not None:
            verified.add(service_id)
    shares = {service_id: percentage(operations[service_id], found[service_id]) for service_id in verified}
    return {service_id: share for service_id, share in shares.items() if share is not None}
