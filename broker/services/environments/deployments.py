"""Deployed and released versions: recording that a version is in an environment, and ending it.

Every function raises NotFoundError that says what is missing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from broker.domain.environments.deployment import DeployedVersion, ReleasedVersion
from broker.domain.errors import NotFoundError, StateRuleError
from broker.domain.model import Environment, Version
from broker.services import permission
from broker.services.environments import environments
from broker.services.environments.required_decision import Requirement, require_yes
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage
from tally.values import dataclass

Record = TypeVar("Record", DeployedVersion, ReleasedVersion)
Stored_co = TypeVar("Stored_co", DeployedVersion, ReleasedVersion, covariant=True)


class RecordStore(Protocol[Stored_co]):
    """What the storage offers for either kind of record."""

    def find(self, uuid: str) -> Stored_co | None:
        """Return the record with this uuid."""

    def of_version_in(self, version: Version, environment: Environment) -> Sequence[Stored_co]:
        """Return every record of the version in the environment, newest first."""


@dataclass(frozen=True)
class RecordKind(Generic[Record]):
    """A kind of record."""

    name: str
    field: str
    """What a client sets to false to end it."""
    instead: str
    """What a client does instead of setting it to true again."""
    records: Callable[[Storage], RecordStore[Record]]
    end: Callable[[Storage, str, datetime], None]
    """End the record with a uuid; one that has ended stays as it is."""
    is_current: Callable[[Record], bool]

    @property
    def subject(self) -> str:
        """What the audit log calls such records."""
        return f"{self.name.replace(' ', '_')}s"


DEPLOYED: RecordKind[DeployedVersion] = RecordKind(
    "deployed version",
    "currentlyDeployed",
    "record a new deployment",
    lambda storage: storage.deployments,
    lambda storage, uuid, now: storage.deployments.undeploy(uuid, now),
    lambda record: record.currently_deployed,
)
RELEASED: RecordKind[ReleasedVersion] = RecordKind(
    "released version",
    "currentlySupported",
    "record the release again",
    lambda storage: storage.releases,
    lambda storage, uuid, now: storage.releases.end_support(uuid, now),
    lambda record: record.currently_supported,
)


def record_deployment(
    storage: Storage,
    place: tuple[str, str, str],
    now: datetime,
    *,
    application_instance: str | None,
    requirement: Requirement,
) -> DeployedVersion:
    """Record that a version was deployed; *place* is pacticipant, version number, environment uuid.

    A version is not created by its deployment. Raises PermissionDeniedError, and NotDeployableError where a
    yes of can-i-deploy is required.
    """
    version, environment = _place(storage, *place)
    _note(storage, DEPLOYED, (version.pacticipant, version.number, environment))
    allow(storage, version, environment, requirement)
    return storage.deployments.record(version, environment, now, application_instance=application_instance)


def record_release(
    storage: Storage, place: tuple[str, str, str], now: datetime, *, requirement: Requirement
) -> tuple[ReleasedVersion, bool]:
    """Record that a version was released, or that it is supported again; return whether it is new.

    *place* is pacticipant, version number, environment uuid. Raises what `record_deployment` does.
    """
    version, environment = _place(storage, *place)
    _note(storage, RELEASED, (version.pacticipant, version.number, environment))
    allow(storage, version, environment, requirement)
    recorded, created = storage.releases.record(version, environment, now)
    return find(storage, RELEASED, recorded), created


def allow(storage: Storage, version: Version, environment: Environment, requirement: Requirement) -> None:
    """Let the version be recorded there, or raise PermissionDeniedError or NotDeployableError."""
    permission.require_deployment(storage, version.pacticipant, environment)
    require_yes(storage, version, environment, requirement)


def currently_deployed(
    storage: Storage, uuid: str, *, pacticipant: str | None, instance: str | None
) -> tuple[Environment, Sequence[DeployedVersion]]:
    """Return the environment with what is deployed to it; *instance* "" stands for the one without a name."""
    environment = environments.find(storage, uuid)
    return environment, storage.deployments.current(environment, pacticipant=pacticipant, instance=instance)


def currently_supported(
    storage: Storage, uuid: str, *, pacticipant: str | None, number: str | None
) -> tuple[Environment, Sequence[ReleasedVersion]]:
    """Return the environment with what is released to it and still supported."""
    environment = environments.find(storage, uuid)
    return environment, storage.releases.supported(environment, pacticipant=pacticipant, number=number)


def of_version(
    storage: Storage, kind: RecordKind[Record], place: tuple[str, str, str]
) -> tuple[Environment, Sequence[Record]]:
    """Return the environment with every record of a version in it, newest first.

    *place* is pacticipant, version number, environment uuid.
    """
    version, environment = _place(storage, *place)
    return environment, kind.records(storage).of_version_in(version, environment)


def find(storage: Storage, kind: RecordKind[Record], uuid: str) -> Record:
    """Return a record."""
    found = kind.records(storage).find(uuid)
    if found is None:
        raise NotFoundError(f"No {kind.name} with uuid '{uuid}' found")
    return found


def change(
    storage: Storage, kind: RecordKind[Record], uuid: str, *, is_current: bool | None, now: datetime
) -> Record:
    """End a record when *is_current* is False; None changes nothing.

    Raises StateRuleError for True: only recording it anew makes a version current. Raises
    PermissionDeniedError, as recording it would.
    """
    found = find(storage, kind, uuid)
    permission.require_deployment(storage, found.pacticipant, found.environment)
    if is_current:
        raise StateRuleError({kind.field: [f"cannot be set back to true: {kind.instead} instead"]})
    if is_current is False:
        kind.end(storage, uuid, now)
    changed = find(storage, kind, uuid)
    place = (found.pacticipant, found.version, found.environment)
    was, is_now = kind.is_current(found), kind.is_current(changed)
    _note(storage, kind, place, before={kind.field: was}, after={kind.field: is_now})
    return changed


def _note(
    storage: Storage, kind: RecordKind[Record], place: tuple[str, str, Environment], **states: Any
) -> None:
    """Tell the audit log what is in which environment: by names, not by ids of the path."""
    pacticipant, number, environment = place
    storage.note(kind.subject, f"{pacticipant} / {number} / {environment.name}", **states)


def _place(storage: Storage, pacticipant: str, number: str, uuid: str) -> tuple[Version, Environment]:
    version = pacticipants.find_version(storage, pacticipant, number)
    return version, environments.find(storage, uuid)
