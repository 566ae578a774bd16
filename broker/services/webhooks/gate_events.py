"""Events of quality gates: one that a service fails now, or keeps again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from broker.domain.insights.gates import GateState, Turn, shown
from broker.domain.model import Pacticipant
from broker.domain.webhooks.delivery import NewDelivery
from broker.domain.webhooks.events import Event, commit_statuses
from broker.domain.webhooks.parameters import Addresses, of_integration, of_provider_version
from broker.domain.webhooks.triggers import LabelledIntegration, Trigger, fired_by
from broker.services.webhooks.contract_events import NO_PACT, consumers_of, for_deployed
from broker.storage.storage import Storage

_EVENTS = {GateState.FAILED: Event.QUALITY_GATE_FAILED, GateState.PASSED: Event.QUALITY_GATE_RECOVERED}


def turned(storage: Storage, turns: Sequence[Turn], addresses: Addresses, now: datetime) -> None:
    """Write the deliveries about gates that have turned.

    A webhook that names a consumer is for those that have an integration with the service.
    """
    for turn in turns:
        event = _EVENTS[turn.judgement.state]
        triggers = [item for item in storage.triggers.of_provider(turn.service.id) if event in item.events]
        if triggers:
            deliveries = _deliveries(storage, turn, triggers, addresses)
            storage.outbox.add(for_deployed(storage, turn.service.id, deliveries), now)


def _deliveries(
    storage: Storage, turn: Turn, triggers: Sequence[Trigger], addresses: Addresses
) -> list[NewDelivery]:
    event = _EVENTS[turn.judgement.state]
    service = storage.pacticipants.find(turn.service.name)
    if service is None:  # deleted meanwhile
        return []
    consumers = consumers_of(storage, service, triggers)
    labels = storage.labels.of_many([service, *consumers.values()])
    deliveries = []
    for trigger in triggers:
        of_all = trigger.consumer_id is None and trigger.consumer_label is None
        # What is about no consumer is of the service alone.
        about: Mapping[str, Pacticipant] = {"": service} if of_all else consumers
        for name, consumer in about.items():
            integration = LabelledIntegration(
                consumer.id, service.id, labels.get(consumer.id, ()), labels.get(service.id, ())
            )
            if fired_by(event, integration, [trigger]):
                parameters = _parameters(turn, event, name, integration, addresses=addresses)
                deliveries.append(NewDelivery(trigger, event.value, integration, None, None, parameters))
    return deliveries


def _parameters(
    turn: Turn, event: Event, consumer: str, integration: LabelledIntegration, *, addresses: Addresses
) -> dict[str, str]:
    names = {"consumer": consumer, "provider": turn.service.name}
    success = turn.judgement.state is GateState.PASSED
    return {
        "eventName": event.value,
        **of_integration(names, integration),
        **NO_PACT,
        **of_provider_version(None),
        **commit_statuses(success=success),
        "buildUrl": "",
        "qualityGate": turn.gate.what.title,
        "qualityGateValue": shown(turn.gate.what.metric, turn.judgement.value, turn.gate.what.threshold),
        "qualityGateUrl": addresses.href("gate", uuid=turn.gate.uuid),
    }
