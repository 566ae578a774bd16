"""Before a request of a rehearsal is judged: store what the import would have stored before it."""

from datetime import datetime

from broker.domain.assumption import AssumedPact, Assumption
from broker.domain.environments.deployment import EnvironmentDescription
from broker.domain.pacts.publication import Content
from broker.storage.pacts.pacts import NewPublication
from broker.storage.storage import Storage


def assume(storage: Storage, assumed: Assumption, now: datetime) -> None:
    """Store it; what is there already stays as it is. Nobody may commit this."""
    if assumed.pacticipants:
        storage.pacticipants.find_or_create(assumed.pacticipants, now)
    for pacticipant, number in assumed.versions:
        known = storage.pacticipants.find_or_create([pacticipant], now)[pacticipant]
        storage.versions.find_or_create(known, number, now)
    for uuid, name in assumed.environments:
        description = EnvironmentDescription(name, name, production=False)
        storage.environments.create(description, now, uuid=uuid)
    for pact in assumed.pacts:
        _publish(storage, pact, now)


def _publish(storage: Storage, pact: AssumedPact, now: datetime) -> None:
    """Store a pact without its content, which no result is judged by."""
    known = storage.pacticipants.find_or_create([pact.consumer, pact.provider], now)
    if storage.verification_results.content(pact.consumer, pact.provider, pact.sha) is not None:
        return
    version, _ = storage.versions.find_or_create(known[pact.consumer], pact.version, now)
    new = NewPublication(known[pact.provider], Content(pact.sha, b"{}", 0, 0))
    storage.pacts.publish(known[pact.consumer], version, [new], now)
