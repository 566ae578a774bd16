"""What users do with environments."""

from datetime import datetime

from broker.domain.environments.deployment import EnvironmentDescription
from broker.domain.errors import NotFoundError, ValidationError
from broker.domain.model import Environment
from broker.domain.removal import RemovalKind
from broker.storage.storage import Storage


def find(storage: Storage, uuid: str) -> Environment:
    """Return the environment. Raises NotFoundError."""
    found = storage.environments.find(uuid)
    if found is None:
        raise NotFoundError(f"No environment with uuid '{uuid}' found")
    return found


def named(storage: Storage, name: str | None) -> list[Environment]:
    """Return the environment with the name, if there is one; all environments without a name."""
    return [found for found in storage.environments.all() if name in {None, "", found.name}]


def create(storage: Storage, description: EnvironmentDescription, now: datetime) -> Environment:
    """Add an environment. Raises ValidationError when the name is in use."""
    uuid = storage.environments.create(description, now)
    if uuid is None:
        raise _name_in_use(description.name)
    return find(storage, uuid)


def replace(storage: Storage, uuid: str, description: EnvironmentDescription, now: datetime) -> Environment:
    """Replace the description. Raises NotFoundError, ValidationError when the name is in use."""
    if not storage.environments.replace(find(storage, uuid), description, now):
        raise _name_in_use(description.name)
    return find(storage, uuid)


def delete(storage: Storage, uuid: str, now: datetime) -> None:
    """Remove the environment with its deployments and releases. Raises NotFoundError."""
    found = find(storage, uuid)
    storage.removals.add(RemovalKind.ENVIRONMENT, [found.name], found.created_at, now)
    storage.environments.delete(found)


def _name_in_use(name: str) -> ValidationError:
    return ValidationError({"name": [f"'{name}' is already used by another environment"]})
