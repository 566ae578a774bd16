"""Environments, as users describe them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well
from sqlalchemy.exc import IntegrityError

from broker.domain.environments.deployment import EnvironmentDescription
from broker.domain.model import Environment
from broker.storage.tables import environment_deployers, environments, teams

COLUMNS: tuple[Column[Any], ...] = (
    environments.c.id,
    environments.c.uuid,
    environments.c.name,
    environments.c.display_name,
    environments.c.production,
    environments.c.contacts,
    environments.c.created_at,
    environments.c.updated_at,
    environments.c.protected,
    environments.c.requires_can_i_deploy,
)
"""The columns for the fields of an Environment, in their order."""
ENVIRONMENT = tuple(column.label(f"environment_{column.name}") for column in COLUMNS)
"""The same, in the order of the fields, for rows that hold something else before them."""

_ALL = select(*COLUMNS).order_by(func.lower(environments.c.display_name))
_BY_UUID = select(*COLUMNS).where(environments.c.uuid == bindparam("uuid"))
_BY_NAME = select(*COLUMNS).where(environments.c.name == bindparam("name"))
_CREATE = insert(environments).on_conflict_do_nothing(index_elements=["name"]).returning(environments.c.id)
_REPLACE = (
    update(environments)
    .where(environments.c.id == bindparam("environment_id"))
    .values(
        name=bindparam("name"),
        display_name=bindparam("display_name"),
        production=bindparam("production"),
        contacts=bindparam("contacts"),
        protected=func.coalesce(bindparam("protected"), environments.c.protected),
        requires_can_i_deploy=func.coalesce(
            bindparam("requires_can_i_deploy"), environments.c.requires_can_i_deploy
        ),
        updated_at=bindparam("updated_at"),
    )
)
_LOCK = select(environments.c.id).where(environments.c.id == bindparam("environment_id")).with_for_update()
_DEPLOYERS = (
    select(environment_deployers.c.environment_id, teams.c.name)
    .join_from(environment_deployers, teams, teams.c.id == environment_deployers.c.team_id)
    .where(environment_deployers.c.environment_id.in_(bindparam("environment_ids", expanding=True)))
    .order_by(func.lower(teams.c.name))
)
_ADD_DEPLOYERS = insert(environment_deployers)
_REMOVE_DEPLOYERS = delete(environment_deployers).where(
    environment_deployers.c.environment_id == bindparam("environment_id")
)
_DELETE = delete(environments).where(environments.c.id == bindparam("environment_id"))


class Environments:
    """The places where versions are deployed or released to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Environment]:
        """Return every environment, sorted by display name regardless of case."""
        return [Environment(*row) for row in self._connection.execute(_ALL)]

    def find(self, uuid: str) -> Environment | None:
        row = self._connection.execute(_BY_UUID, {"uuid": uuid}).first()
        return Environment(*row) if row else None

    def find_by_name(self, name: str) -> Environment | None:
        row = self._connection.execute(_BY_NAME, {"name": name}).first()
        return Environment(*row) if row else None

    def create(
        self, description: EnvironmentDescription, now: datetime, *, uuid: str | None = None
    ) -> str | None:
        """Store a new environment and return its uuid, or None when the name is in use."""
        uuid = uuid or str(uuid4())
        values = {**_values(description), "uuid": uuid, "created_at": now, "updated_at": now}
        created = self._connection.execute(_CREATE, values).scalar()
        return None if created is None else uuid

    def replace(self, environment: Environment, description: EnvironmentDescription, now: datetime) -> bool:
        """Change everything but the uuid, and the protection as far as the description says nothing of it.

        Return False when the name is in use; nothing is changed then. After False,
        the transaction can only be rolled back: PostgreSQL refuses all further statements.
        """
        values = {**_values(description), "environment_id": environment.id, "updated_at": now}
        try:
            self._connection.execute(_REPLACE, values)
        except IntegrityError:
            return False
        return True

    def lock(self, environment: Environment) -> None:
        """Wait until no other transaction that has locked it is left."""
        self._connection.execute(_LOCK, {"environment_id": environment.id})

    def deployers(self, found: Sequence[Environment]) -> Mapping[int, tuple[str, ...]]:
        """Return the names of the teams that each environment lists, by its id."""
        names: dict[int, tuple[str, ...]] = {environment.id: () for environment in found}
        if names:
            for number, name in self._connection.execute(_DEPLOYERS, {"environment_ids": list(names)}):
                names[number] += (name,)
        return names

    def set_deployers(self, environment: Environment, team_ids: Collection[int], now: datetime) -> None:
        """List these teams, and no others."""
        self._connection.execute(_REMOVE_DEPLOYERS, {"environment_id": environment.id})
        if team_ids:
            rows = [
                {"environment_id": environment.id, "team_id": team_id, "created_at": now}
                for team_id in sorted(team_ids)
            ]
            self._connection.execute(_ADD_DEPLOYERS, rows)

    def delete(self, environment: Environment) -> None:
        """Remove the environment with the records of deployments and releases to it."""
        self._connection.execute(_DELETE, {"environment_id": environment.id})


def _values(description: EnvironmentDescription) -> dict[str, object]:
    return {
        "name": description.name,
        "display_name": description.display_name,
        "production": description.production,
        "contacts": description.contacts,
        "protected": description.protection.protected,
        "requires_can_i_deploy": description.protection.requires_can_i_deploy,
    }
