"""How much goes with what somebody is about to delete. What is more than MOST is not counted to the end."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, literal, or_, select

from broker.storage.tables import (
    branch_versions,
    branches,
    deliveries,
    deployed_versions,
    integrations,
    pact_publications,
    pacticipants,
    released_versions,
    service_contract_publications,
    tags,
    verifications,
    versions,
    webhooks,
)

MOST = 10_000
Counts = Mapping[str, int]


def _number(condition: ColumnElement[bool]) -> Any:
    some = select(literal(1).label("one")).where(condition).limit(literal(MOST + 1)).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _counts(**conditions: ColumnElement[bool]) -> Select[Any]:
    return select(*(_number(condition).label(name) for name, condition in conditions.items()))


def _of(table: Any) -> ColumnElement[bool]:
    return or_(table.c.consumer_id == bindparam("id"), table.c.provider_id == bindparam("id"))


def _between(table: Any) -> ColumnElement[bool]:
    return and_(table.c.consumer_id == bindparam("consumer"), table.c.provider_id == bindparam("provider"))


_OF_PACTICIPANT = _counts(
    integration=_of(integrations),
    version=versions.c.pacticipant_id == bindparam("id"),
    branch=branches.c.pacticipant_id == bindparam("id"),
    pact=_of(pact_publications),
    result=_of(verifications),
    deployment=deployed_versions.c.pacticipant_id == bindparam("id"),
    release=released_versions.c.pacticipant_id == bindparam("id"),
    webhook=_of(webhooks),
)
_OF_VERSION = _counts(
    pact=pact_publications.c.consumer_version_id == bindparam("id"),
    result=verifications.c.provider_version_id == bindparam("id"),
    publication=service_contract_publications.c.version_id == bindparam("id"),
    deployment=deployed_versions.c.version_id == bindparam("id"),
    release=released_versions.c.version_id == bindparam("id"),
    tag=tags.c.version_id == bindparam("id"),
)
_OF_BRANCH = _counts(
    version=branch_versions.c.branch_id
    == select(branches.c.id)
    .join(pacticipants, pacticipants.c.id == branches.c.pacticipant_id)
    .where(pacticipants.c.name == bindparam("pacticipant"), branches.c.name == bindparam("branch"))
    .scalar_subquery()
)
_OF_PACT = _counts(
    revision=and_(
        pact_publications.c.consumer_version_id == bindparam("id"),
        pact_publications.c.provider_id
        == select(pacticipants.c.id).where(pacticipants.c.name == bindparam("name")).scalar_subquery(),
    )
)
_OF_INTEGRATION = _counts(
    pact=_between(pact_publications),
    result=_between(verifications),
    webhook=_between(webhooks),
    delivery=_between(deliveries),
)
_OF_ENVIRONMENT = _counts(
    deployment=deployed_versions.c.environment_id == bindparam("id"),
    release=released_versions.c.environment_id == bindparam("id"),
)


class DeletionCounts:
    """Counts by what is counted, in the order in which a person is told."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_pacticipant(self, number: int) -> Counts:
        """Return what goes with a pacticipant."""
        return self._read(_OF_PACTICIPANT, id=number)

    def of_version(self, number: int) -> Counts:
        """Return what goes with a version."""
        return self._read(_OF_VERSION, id=number)

    def of_branch(self, pacticipant: str, branch: str) -> Counts:
        """Return how many versions are on a branch."""
        return self._read(_OF_BRANCH, pacticipant=pacticipant, branch=branch)

    def of_pact(self, version_id: int, provider: str) -> Counts:
        """Return how often a version has published its pact with a provider."""
        return self._read(_OF_PACT, id=version_id, name=provider)

    def of_integration(self, consumer_id: int, provider_id: int) -> Counts:
        """Return what a consumer and a provider have with each other."""
        return self._read(_OF_INTEGRATION, consumer=consumer_id, provider=provider_id)

    def of_environment(self, number: int) -> Counts:
        """Return what is recorded of an environment."""
        return self._read(_OF_ENVIRONMENT, id=number)

    def _read(self, statement: Select[Any], **values: object) -> Counts:
        return {
            name: int(number)
            for name, number in self._connection.execute(statement, values).mappings().one().items()
        }
