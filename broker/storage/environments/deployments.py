"""Deployments: which version is, or was, in which slot (reference §9)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from broker.domain.environments.deployment import DeployedVersion
from broker.domain.model import Environment, Pacticipant, Version
from broker.storage.conditions import IS_DEPLOYED
from broker.storage.direct_statements import later
from broker.storage.environments.records import OF_PACTICIPANT, Records
from broker.storage.pagination import rows_for
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import deployed_versions, pacticipants, versions

_NO_INSTANCE = ""

_RECORDS = Records(
    deployed_versions,
    deployed_versions.c.application_instance,
    deployed_versions.c.undeployed_at,
    current=IS_DEPLOYED,
)
_OF_INSTANCE = deployed_versions.c.application_instance == bindparam("instance")
_CURRENT_BY_FILTER = {
    (False, False): _RECORDS.newest_current,
    (True, False): _RECORDS.newest_current.where(OF_PACTICIPANT),
    (False, True): _RECORDS.newest_current.where(_OF_INSTANCE),
    (True, True): _RECORDS.newest_current.where(OF_PACTICIPANT, _OF_INSTANCE),
}
_PACTICIPANT_ID = (
    select(versions.c.pacticipant_id).where(versions.c.id == bindparam("of_version_id")).scalar_subquery()
)
# Two deployments of one application wait for each other here. At the unique index, the second would fail
# when the first is committed. Those of other applications, to the same environment, do not wait.
_LOCK_PACTICIPANT = (
    select(pacticipants.c.id).where(pacticipants.c.id == _PACTICIPANT_ID).with_for_update(key_share=True)
)
_IN_SLOT = (
    deployed_versions.c.environment_id == bindparam("in_environment_id"),
    deployed_versions.c.pacticipant_id == _PACTICIPANT_ID,
    deployed_versions.c.application_instance == bindparam("instance"),
    IS_DEPLOYED,
)
_CURRENT_OF_SLOT = _RECORDS.found.where(*_IN_SLOT)
_VACATE = (
    update(deployed_versions)
    .where(*_IN_SLOT)
    .values(undeployed_at=bindparam("now"), updated_at=bindparam("now"))
)
_RECORD = insert(deployed_versions).values(pacticipant_id=_PACTICIPANT_ID)
_UNDEPLOY = (
    update(deployed_versions)
    .where(deployed_versions.c.uuid == bindparam("deployed_uuid"), IS_DEPLOYED)
    .values(undeployed_at=bindparam("now"), updated_at=bindparam("now"))
    .returning(deployed_versions.c.pacticipant_id)
)


class Deployments:
    """Deployed versions. One is current in each slot: an application, environment and instance."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def record(
        self,
        version: Version,
        environment: Environment,
        now: datetime,
        *,
        application_instance: str | None = None,
        automatic: bool = False,
    ) -> DeployedVersion:
        """Put the version into its slot and return the record.

        The version that was in the slot is undeployed. If it was the same version, nothing changes.
        """
        instance = application_instance or _NO_INSTANCE
        slot = {"in_environment_id": environment.id, "of_version_id": version.id, "instance": instance}
        later(self._connection, _LOCK_PACTICIPANT, {"of_version_id": version.id})
        row = self._connection.execute(_CURRENT_OF_SLOT, slot).first()
        current = _deployed(row) if row else None
        if current is not None and current.version == version.number:
            return current
        if current is not None:
            later(self._connection, _VACATE, {**slot, "now": now})
        recorded = DeployedVersion(
            uuid=str(uuid4()),
            pacticipant=version.pacticipant,
            version=version.number,
            environment=environment,
            application_instance=application_instance or None,
            created_at=now,
            updated_at=now,
            undeployed_at=None,
        )
        record = {
            "uuid": recorded.uuid,
            "version_id": version.id,
            "of_version_id": version.id,
            "environment_id": environment.id,
            "application_instance": instance,
            "auto_created": automatic,
            "created_at": now,
            "updated_at": now,
        }
        later(self._connection, _RECORD, record)
        self._marks.moved(version.pacticipant)
        return recorded

    def undeploy(self, uuid: str, now: datetime) -> None:
        """Empty the slot in which the record is current. A record that is not current changes nothing."""
        of = self._connection.scalars(_UNDEPLOY, {"deployed_uuid": uuid, "now": now})
        self._marks.moved_by_id(of)

    def find(self, uuid: str) -> DeployedVersion | None:
        row = self._connection.execute(_RECORDS.by_uuid, {"uuid": uuid}).first()
        return _deployed(row) if row else None

    def of_versions(self, found: Sequence[Version]) -> list[DeployedVersion]:
        """Return every deployment of the versions that was ever recorded, of each version oldest first."""
        ids = [version.id for version in found]
        return [
            _deployed(row) for row in rows_for(self._connection, _RECORDS.of_versions, "version_ids", ids)
        ]

    def of_version_in(self, version: Version, environment: Environment) -> list[DeployedVersion]:
        """Return every deployment of the version to the environment, newest first."""
        return self._all(_RECORDS.of_version_in, version_id=version.id, environment_id=environment.id)

    def current(
        self, environment: Environment, *, pacticipant: str | None = None, instance: str | None = None
    ) -> list[DeployedVersion]:
        """Return what is deployed there now, newest first. *instance* "" means the slot without one."""
        statement = _CURRENT_BY_FILTER[pacticipant is not None, instance is not None]
        return self._all(statement, environment_id=environment.id, pacticipant=pacticipant, instance=instance)

    def everywhere(self, pacticipant: Pacticipant) -> list[DeployedVersion]:
        """Return what is deployed of the pacticipant now, in all environments, oldest first."""
        return self._all(_RECORDS.everywhere, pacticipant_id=pacticipant.id)

    def _all(self, statement: Select[Any], **values: object) -> list[DeployedVersion]:
        given = {name: value for name, value in values.items() if value is not None}
        return [_deployed(row) for row in self._connection.execute(statement, given)]


def _deployed(row: Any) -> DeployedVersion:
    # An environment may have hundreds, and a look-up by name costs as much as all the rest of this.
    uuid, pacticipant, version, created_at, updated_at, instance, undeployed_at, *environment = row
    return DeployedVersion(
        uuid=uuid,
        pacticipant=pacticipant,
        version=version,
        environment=Environment(*environment),
        application_instance=instance or None,
        created_at=created_at,
        updated_at=updated_at,
        undeployed_at=undeployed_at,
    )
