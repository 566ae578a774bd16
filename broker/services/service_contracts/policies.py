"""What users do with the policy by which the contracts of a service are judged."""

from datetime import datetime

from broker.domain.errors import NotFoundError
from broker.domain.model import Pacticipant
from broker.domain.service_contracts.policy import Policy
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage

KIND = "service_contract_policies"
"""What the audit log calls them."""


def find(storage: Storage, pacticipant: str) -> Policy:
    """Return the policy of a service. Raises NotFoundError for the service."""
    return storage.service_contract_policies.find(pacticipants.find(storage, pacticipant))


def change(storage: Storage, pacticipant: str, policy: Policy, now: datetime) -> Policy:
    """Let *policy* hold from now on, and return it as it is stored. Raises NotFoundError for the service."""
    service = pacticipants.find(storage, pacticipant)
    before = _noted(storage, service)
    storage.service_contract_policies.set(service, policy, now)
    changed = storage.service_contract_policies.find(service)
    storage.note(KIND, service.name, before=before, after=_summary(changed))
    return changed


def remove(storage: Storage, pacticipant: str, now: datetime) -> None:
    """Let the defaults hold again. Raises NotFoundError for the service, and when they do."""
    service = pacticipants.find(storage, pacticipant)
    before = _noted(storage, service)
    if not storage.service_contract_policies.remove(service, now):
        raise NotFoundError(f"{pacticipant} has no policy for service contracts: the defaults hold")
    storage.note(KIND, service.name, before=before, after=_summary(Policy()))


def _noted(storage: Storage, service: Pacticipant) -> dict[str, object] | None:
    """Return what holds until now, for the audit log; nothing is read without one."""
    return None if storage.entry is None else _summary(storage.service_contract_policies.find(service))


def _summary(policy: Policy) -> dict[str, object]:
    return {
        "mode": policy.rules.mode,
        "lenient": policy.rules.lenient,
        "incompatible": policy.incompatible.value,
        "evidence": policy.evidence.value,
        "guaranteed": policy.guaranteed,
        "documents": policy.documents,
    }
