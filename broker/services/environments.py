"""What users do with environments."""

from broker.domain.errors import NotFoundError
from broker.domain.model import Environment
from broker.storage.storage import Storage


def find(storage: Storage, uuid: str) -> Environment:
    """Return the environment. Raises NotFoundError."""
    found = storage.environments.find(uuid)
    if found is None:
        raise NotFoundError(f"No environment with uuid '{uuid}' found")
    return found
