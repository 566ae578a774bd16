"""What users do with pacticipants and their versions."""

from broker.domain.errors import NotFoundError
from broker.domain.model import Pacticipant, Version
from broker.storage.storage import Storage


def find(storage: Storage, name: str, role: str = "pacticipant") -> Pacticipant:
    """Return the pacticipant. Raises NotFoundError that names its *role* (reference §1.6)."""
    found = storage.pacticipants.find(name)
    if found is None:
        raise NotFoundError(f"No {role} with name '{name}' found")
    return found


def find_version(storage: Storage, pacticipant: str, number: str) -> Version:
    """Return the version. Raises NotFoundError that says whether the pacticipant is missing already."""
    found = storage.versions.find(pacticipant, number)
    if found is None:
        find(storage, pacticipant)
        raise NotFoundError(f"No version {number} of pacticipant {pacticipant} found")
    return found
