"""What users do with deployments and releases."""

from datetime import datetime

from broker.domain.environments.deployment import DeployedVersion, ReleasedVersion
from broker.domain.errors import NotFoundError, StateRuleError
from broker.services.environments import environments
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def record_deployment(
    storage: Storage,
    place: tuple[str, str, str],
    now: datetime,
    *,
    application_instance: str | None,
) -> DeployedVersion:
    """Record that a version was deployed; *place* is pacticipant, version number, environment uuid.

    Raises NotFoundError: a version is not created by its deployment.
    """
    pacticipant, number, uuid = place
    version = pacticipants.find_version(storage, pacticipant, number)
    environment = environments.find(storage, uuid)
    recorded = storage.deployments.record(
        version, environment, now, application_instance=application_instance
    )
    return find_deployment(storage, recorded)


def change_deployment(
    storage: Storage, uuid: str, *, currently_deployed: bool | None, now: datetime
) -> DeployedVersion:
    """Undeploy when *currently_deployed* is False; None changes nothing.

    Raises NotFoundError, and StateRuleError for True: only a new deployment makes a version current.
    """
    find_deployment(storage, uuid)
    if currently_deployed:
        raise StateRuleError(
            {"currentlyDeployed": ["cannot be set back to true: record a new deployment instead"]}
        )
    if currently_deployed is False:
        storage.deployments.undeploy(uuid, now)
    return find_deployment(storage, uuid)


def find_deployment(storage: Storage, uuid: str) -> DeployedVersion:
    """Return the record of a deployment. Raises NotFoundError."""
    found = storage.deployments.find(uuid)
    if found is None:
        raise NotFoundError(f"No deployed version with uuid '{uuid}' found")
    return found


def record_release(
    storage: Storage, place: tuple[str, str, str], now: datetime
) -> tuple[ReleasedVersion, bool]:
    """Record that a version was released, or that it is supported again; return whether it is new.

    *place* is pacticipant, version number, environment uuid. Raises NotFoundError.
    """
    pacticipant, number, uuid = place
    version = pacticipants.find_version(storage, pacticipant, number)
    environment = environments.find(storage, uuid)
    recorded, created = storage.releases.record(version, environment, now)
    return find_release(storage, recorded), created


def change_release(
    storage: Storage, uuid: str, *, currently_supported: bool | None, now: datetime
) -> ReleasedVersion:
    """End the support when *currently_supported* is False; None changes nothing.

    Raises NotFoundError, and StateRuleError for True: only recording the release resumes its support.
    """
    find_release(storage, uuid)
    if currently_supported:
        raise StateRuleError(
            {"currentlySupported": ["cannot be set back to true: record the release again instead"]}
        )
    if currently_supported is False:
        storage.releases.end_support(uuid, now)
    return find_release(storage, uuid)


def find_release(storage: Storage, uuid: str) -> ReleasedVersion:
    """Return the record of a release. Raises NotFoundError."""
    found = storage.releases.find(uuid)
    if found is None:
        raise NotFoundError(f"No released version with uuid '{uuid}' found")
    return found
