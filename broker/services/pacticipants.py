"""What users do with pacticipants and their versions."""

from datetime import datetime

from broker.domain.errors import NotFoundError, ValidationError
from broker.domain.model import Pacticipant, PacticipantDescription, Version
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


def create(
    storage: Storage, name: str, description: PacticipantDescription, now: datetime
) -> tuple[Pacticipant, bool]:
    """Add a pacticipant; return whether it is new. One that is there already stays as it is.

    Whether its name resembles another does not matter here: it is asked for by name (reference §5.9).
    Raises ValidationError for a blank name.
    """
    if not name.strip():
        raise ValidationError({"name": ["cannot be blank"]})
    known = storage.pacticipants.find(name)
    if known is not None:
        return known, False
    created = storage.pacticipants.find_or_create([name], now)[name]
    storage.pacticipants.describe(created, description, now)
    return find(storage, name), True


def describe(storage: Storage, name: str, description: PacticipantDescription, now: datetime) -> Pacticipant:
    """Replace what is said about the pacticipant. Raises NotFoundError."""
    storage.pacticipants.describe(find(storage, name), description, now)
    return find(storage, name)


def delete(storage: Storage, name: str) -> None:
    """Remove the pacticipant with everything that belongs to it. Raises NotFoundError."""
    storage.pacticipants.delete(find(storage, name))
