"""What users do with the policy by which the contracts of a service are judged."""

from datetime import datetime

from broker.domain.errors import NotFoundError
from broker.domain.service_contracts.policy import Policy
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def find(storage: Storage, pacticipant: str) -> Policy:
    """Return the policy of a service. Raises NotFoundError for the service."""
    return storage.service_contract_policies.find(pacticipants.find(storage, pacticipant))


def change(storage: Storage, pacticipant: str, policy: Policy, now: datetime) -> Policy:
    """Let *policy* hold from now on, and return it as it is stored. Raises NotFoundError for the service."""
    service = pacticipants.find(storage, pacticipant)
    storage.service_contract_policies.set(service, policy, now)
    return storage.service_contract_policies.find(service)


def remove(storage: Storage, pacticipant: str, now: datetime) -> None:
    """Let the defaults hold again. Raises NotFoundError for the service, and when they do."""
    if not storage.service_contract_policies.remove(pacticipants.find(storage, pacticipant), now):
        raise NotFoundError(f"{pacticipant} has no policy for service contracts: the defaults hold")
