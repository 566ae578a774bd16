"""Releases: versions that users may have in an environment, several at a time (reference §9)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, and_, bindparam, null, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.environments.deployment import ReleasedVersion
from broker.domain.model import Environment, Version
from broker.storage.conditions import IS_SUPPORTED
from broker.storage.direct_statements import later
from broker.storage.environments.records import OF_PACTICIPANT, Records
from broker.storage.pagination import rows_for
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import released_versions, support_gaps, versions

_RECORDS = Records(
    released_versions,
    released_versions.c.support_ended_at,
    current=IS_SUPPORTED,
)
_OF_NUMBER = versions.c.number == bindparam("number")
_SUPPORTED_BY_FILTER = {
    (False, False): _RECORDS.oldest_current,
    (True, False): _RECORDS.oldest_current.where(OF_PACTICIPANT),
    (False, True): _RECORDS.oldest_current.where(_OF_NUMBER),
    (True, True): _RECORDS.oldest_current.where(OF_PACTICIPANT, _OF_NUMBER),
}
_RECORD = (
    insert(released_versions)
    .values(
        pacticipant_id=select(versions.c.pacticipant_id)
        .where(versions.c.id == bindparam("of_version_id"))
        .scalar_subquery()
    )
    .on_conflict_do_nothing(index_elements=["version_id", "environment_id"])
    .returning(released_versions.c.uuid)
)
_resumed = and_(
    released_versions.c.version_id == bindparam("of_version_id"),
    released_versions.c.environment_id == bindparam("in_environment_id"),
)
_REMEMBER_GAP = insert(support_gaps).from_select(
    ["released_version_id", "began_at", "ended_at"],
    select(
        released_versions.c.id,
        released_versions.c.support_ended_at,
        bindparam("now", type_=support_gaps.c.ended_at.type),
    ).where(_resumed, released_versions.c.support_ended_at.is_not(None)),
)
_RESUME = (
    update(released_versions)
    .where(_resumed)
    .values(support_ended_at=null(), updated_at=bindparam("now"))
    .returning(released_versions.c.uuid)
)
_END_SUPPORT = (
    update(released_versions)
    .where(
        released_versions.c.uuid == bindparam("released_uuid"),
        IS_SUPPORTED,
    )
    .values(support_ended_at=bindparam("now"), updated_at=bindparam("now"))
    .returning(released_versions.c.pacticipant_id)
)


class Releases:
    """Released versions: one record for each version and environment."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def record(self, version: Version, environment: Environment, now: datetime) -> tuple[str, bool]:
        """Record the release, or resume its support. Return the uuid of the record, and whether it is new."""
        created = self._connection.execute(
            _RECORD,
            {
                "uuid": str(uuid4()),
                "version_id": version.id,
                "of_version_id": version.id,
                "environment_id": environment.id,
                "created_at": now,
                "updated_at": now,
            },
        ).scalar()
        self._marks.moved(version.pacticipant)
        if created is not None:
            return str(created), True
        resumption = {"of_version_id": version.id, "in_environment_id": environment.id, "now": now}
        later(self._connection, _REMEMBER_GAP, resumption)
        resumed = self._connection.execute(_RESUME, resumption).scalar_one()
        return str(resumed), False

    def end_support(self, uuid: str, now: datetime) -> None:
        """End the support of a release. A release that is not supported changes nothing."""
        of = self._connection.scalars(_END_SUPPORT, {"released_uuid": uuid, "now": now})
        self._marks.moved_by_id(of)

    def find(self, uuid: str) -> ReleasedVersion | None:
        row = self._connection.execute(_RECORDS.by_uuid, {"uuid": uuid}).first()
        return _released(row) if row else None

    def of_versions(self, found: Sequence[Version]) -> list[ReleasedVersion]:
        """Return every release of the versions that was ever recorded, of each version oldest first."""
        ids = [version.id for version in found]
        return [
            _released(row) for row in rows_for(self._connection, _RECORDS.of_versions, "version_ids", ids)
        ]

    def of_version_in(self, version: Version, environment: Environment) -> list[ReleasedVersion]:
        """Return every release of the version to the environment, newest first."""
        return self._all(_RECORDS.of_version_in, version_id=version.id, environment_id=environment.id)

    def supported(
        self, environment: Environment, *, pacticipant: str | None = None, number: str | None = None
    ) -> list[ReleasedVersion]:
        """Return what is released there and still supported."""
        statement = _SUPPORTED_BY_FILTER[pacticipant is not None, number is not None]
        return self._all(statement, environment_id=environment.id, pacticipant=pacticipant, number=number)

    def _all(self, statement: Select[Any], **values: object) -> list[ReleasedVersion]:
        given = {name: value for name, value in values.items() if value is not None}
        return [_released(row) for row in self._connection.execute(statement, given)]


def _released(row: Any) -> ReleasedVersion:
    # As for deployments: all columns at once.
    uuid, pacticipant, version, created_at, updated_at, support_ended_at, *environment = row
    return ReleasedVersion(
        uuid=uuid,
        pacticipant=pacticipant,
        version=version,
        environment=Environment(*environment),
        created_at=created_at,
        updated_at=updated_at,
        support_ended_at=support_ended_at,
    )
