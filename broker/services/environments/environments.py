"""What users do with environments."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from broker.domain.environments.deployment import EnvironmentDescription
from broker.domain.errors import NotFoundError, ValidationError
from broker.domain.model import Environment
from broker.domain.removal import RemovalKind
from broker.services import belonging
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
    created = _described(storage, uuid, description, now)
    storage.note("environment", created.name, after=_summary(storage, created))
    return created


def replace(storage: Storage, uuid: str, description: EnvironmentDescription, now: datetime) -> Environment:
    """Replace the description; who may deploy there stays as far as it says nothing of that.

    Raises NotFoundError, ValidationError when the name is in use.
    """
    found = find(storage, uuid)
    before = _summary(storage, found)
    if not storage.environments.replace(found, description, now):
        raise _name_in_use(description.name)
    changed = _described(storage, uuid, description, now)
    storage.note("environment", changed.name, before=before, after=_summary(storage, changed))
    return changed


def deployers(
    storage: Storage, found: Sequence[Environment], *, has_accounts: bool
) -> Mapping[int, tuple[str, ...]] | None:
    """Return the names of the teams that may deploy to each environment if it is protected, by its id.

    Without accounts it is None: then nobody is kept from it.
    """
    return storage.environments.deployers(found) if has_accounts else None


def delete(storage: Storage, uuid: str, now: datetime) -> None:
    """Remove the environment with its deployments and releases. Raises NotFoundError."""
    found = find(storage, uuid)
    storage.note("environment", found.name, before=_summary(storage, found))
    storage.removals.add(RemovalKind.ENVIRONMENT, [found.name], found.created_at, now)
    storage.environments.delete(found)


def _described(
    storage: Storage, uuid: str, description: EnvironmentDescription, now: datetime
) -> Environment:
    """Store the list of teams, and return the environment. Raises ValidationError for an unknown team."""
    found, teams = find(storage, uuid), description.protection.deployers
    if teams is not None:
        storage.environments.set_deployers(found, belonging.team_ids(storage, "deployers", teams), now)
    return found


def _summary(storage: Storage, found: Environment) -> dict[str, object]:
    """Return what the audit log says of an environment: above all, who may deploy there."""
    return {
        "uuid": found.uuid,
        "name": found.name,
        "displayName": found.display_name,
        "production": found.production,
        "protected": found.protected,
        "deployers": storage.environments.deployers([found]).get(found.id, ()),
        "requiresCanIDeploy": found.requires_can_i_deploy,
    }


def _name_in_use(name: str) -> ValidationError:
    return ValidationError({"name": [f"'{name}' is already used by another environment"]})
