"""Consumers whose own service contracts say that they depend on a provider."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, null, select, union_all

from broker.domain.model import Pacticipant
from broker.domain.usage.users import Dependent
from broker.storage.conditions import IN_ENVIRONMENT_NOW
from broker.storage.tables import (
    branches,
    environments,
    integrations,
    pacticipants,
    service_contract_dependencies,
    service_contract_needs,
    service_contract_publications,
    service_contract_set_documents,
    versions,
)

_consumers = pacticipants.alias("consumers")
# Few consumers ever had such a document. Every part of the statement begins with them: PostgreSQL finds what
# several parts use once, and before the rest.
_DEPENDERS = (
    select(integrations.c.consumer_id, integrations.c.provider_id)
    .where(
        integrations.c.provider_id == bindparam("provider_id"),
        select(service_contract_dependencies.c.id)
        .where(
            service_contract_dependencies.c.consumer_id == integrations.c.consumer_id,
            service_contract_dependencies.c.provider_id == integrations.c.provider_id,
        )
        .correlate(integrations)
        .exists(),
    )
    .cte("dependers")
)


def _of_versions(version_id: ColumnElement[Any], environment: ColumnElement[Any]) -> Select[Any]:
    needed = service_contract_dependencies.outerjoin(
        service_contract_needs, service_contract_needs.c.dependency_id == service_contract_dependencies.c.id
    )
    return (
        select(
            _consumers.c.name.label("consumer"),
            versions.c.number,
            versions.c.position,
            environment.label("environment"),
            service_contract_set_documents.c.name.label("document"),
            service_contract_publications.c.created_at,
            service_contract_needs.c.key,
            service_contract_needs.c.name.label("need"),
        )
        .select_from(needed)
        .where(
            _consumers.c.id == _DEPENDERS.c.consumer_id,
            versions.c.id == version_id,
            service_contract_publications.c.version_id == version_id,
            service_contract_set_documents.c.set_id == service_contract_publications.c.set_id,
            service_contract_dependencies.c.service_contract_id
            == service_contract_set_documents.c.service_contract_id,
            service_contract_dependencies.c.provider_id == _DEPENDERS.c.provider_id,
        )
    )


def _in_environment(table: Table, still_there: ColumnElement[bool]) -> Select[Any]:
    return _of_versions(table.c.version_id, environments.c.name).where(
        table.c.pacticipant_id == _consumers.c.id, still_there, environments.c.id == table.c.environment_id
    )


_IN_ENVIRONMENTS = [_in_environment(table, still_there) for table, still_there in IN_ENVIRONMENT_NOW]
_HEADS = _of_versions(branches.c.head_version_id, null()).where(branches.c.pacticipant_id == _consumers.c.id)
_NAMED = environments.c.name == bindparam("environment")
_ANYWHERE = union_all(*_IN_ENVIRONMENTS, _HEADS)
_IN_ONE = union_all(*(statement.where(_NAMED) for statement in _IN_ENVIRONMENTS))


class Dependents:
    """Who depends on a provider by a service contract of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, provider: Pacticipant, environment: str | None) -> list[Dependent]:
        """Return what versions in an environment need of the provider; without one, in any or on a branch.

        Each need is one, and a document that names none has one that is None.
        """
        given = {"provider_id": provider.id}
        if environment is None:
            rows = self._connection.execute(_ANYWHERE, given)
        else:
            rows = self._connection.execute(_IN_ONE, {**given, "environment": environment})
        return [Dependent(*row) for row in rows]
