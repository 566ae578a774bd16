"""Teams: their members, and the pacticipants that they own."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well
from sqlalchemy.exc import IntegrityError

from broker.domain.accounts.account import LeftOver, Member, Team
from broker.domain.accounts.account_names import is_same_name, name_key
from broker.domain.accounts.permissions import Role
from broker.storage.accounts.accounts import COLUMNS, account_of
from broker.storage.tables import (
    account_roles,
    accounts,
    pacticipants,
    secrets,
    team_members,
    team_pacticipants,
    teams,
    webhooks,
)

_COLUMNS = (
    teams.c.id,
    teams.c.uuid,
    teams.c.name,
    teams.c.description,
    teams.c.created_at,
    teams.c.updated_at,
)
_EACH = select(*_COLUMNS).order_by(teams.c.name_key)
_BY_KEY = _EACH.where(teams.c.name_key == bindparam("key"))
_ALIKE = select(teams.c.name).where(teams.c.name_key == bindparam("key"))
_NAMES = select(teams.c.id, teams.c.name).where(teams.c.id.in_(bindparam("ids", expanding=True)))
_ADD = insert(teams).on_conflict_do_nothing(index_elements=["name_key"]).returning(teams.c.id)
_CHANGE = (
    update(teams)
    .where(teams.c.id == bindparam("team"))
    .values(
        name=bindparam("new_name"),
        name_key=bindparam("new_key"),
        description=bindparam("said"),
        updated_at=bindparam("now"),
    )
)
_DELETE = delete(teams).where(teams.c.id == bindparam("team_id"))
_LOCK = select(teams.c.id).where(teams.c.id == bindparam("team_id")).with_for_update(key_share=True)
_MEMBERS = (
    select(*COLUMNS, team_members.c.from_group)
    .select_from(
        team_members.join(accounts, accounts.c.id == team_members.c.account_id).outerjoin(
            teams, teams.c.id == accounts.c.team_id
        )
    )
    .where(team_members.c.team_id == bindparam("team_id"))
    .order_by(accounts.c.name_key)
)
_ROLES = (
    select(account_roles.c.account_id, account_roles.c.role)
    .where(account_roles.c.team_id == bindparam("team_id"))
    .order_by(account_roles.c.role)
)
_OWNED = (
    select(pacticipants.c.name)
    .join(team_pacticipants, team_pacticipants.c.pacticipant_id == pacticipants.c.id)
    .where(team_pacticipants.c.team_id == bindparam("team_id"))
    .order_by(func.lower(pacticipants.c.name), pacticipants.c.name)
)
_OWNERS = (
    select(teams.c.name)
    .join(team_pacticipants, team_pacticipants.c.team_id == teams.c.id)
    .join(pacticipants, pacticipants.c.id == team_pacticipants.c.pacticipant_id)
    .where(pacticipants.c.name == bindparam("name"))
    .order_by(teams.c.name_key)
)
_OWN = insert(team_pacticipants).on_conflict_do_nothing()
_DISOWN = delete(team_pacticipants).where(
    team_pacticipants.c.team_id == bindparam("team_id"),
    team_pacticipants.c.pacticipant_id == bindparam("pacticipant_id"),
)
_WEBHOOKS = select(func.count()).select_from(webhooks).where(webhooks.c.team_id == bindparam("team_id"))
_SECRETS = select(secrets.c.name).where(secrets.c.team_id == bindparam("team_id")).order_by(secrets.c.name)
_SERVICES = (
    select(accounts.c.name).where(accounts.c.team_id == bindparam("team_id")).order_by(accounts.c.name)
)
_COUNTS = select(
    teams.c.id,
    select(func.count()).where(team_members.c.team_id == teams.c.id).scalar_subquery().label("members"),
    select(func.count()).where(team_pacticipants.c.team_id == teams.c.id).scalar_subquery().label("owned"),
)


class Teams:
    """Teams, by name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Team]:
        """Return every team, sorted by name."""
        return [Team(*row) for row in self._connection.execute(_EACH)]

    def find(self, name: str) -> Team | None:
        """Return the team with this name, whatever its case."""
        row = self._connection.execute(_BY_KEY, {"key": name_key(name)}).first()
        return Team(*row) if row is not None and is_same_name(row.name, name) else None

    def alike(self, name: str) -> str | None:
        """Return the name of the team that a reader takes for this one, if there is one."""
        return self._connection.scalar(_ALIKE, {"key": name_key(name)})

    def names(self, ids: Iterable[int]) -> dict[int, str]:
        """Return the names of teams by their ids."""
        rows = self._connection.execute(_NAMES, {"ids": list(ids)})
        return {row.id: row.name for row in rows}

    def counts(self) -> Mapping[int, tuple[int, int]]:
        """Return how many members and how many pacticipants each team has, by its id."""
        return {row.id: (row.members, row.owned) for row in self._connection.execute(_COUNTS)}

    def add(self, name: str, description: str | None, now: datetime) -> int | None:
        """Store a new team and return its id; None when another has the name, or one like it."""
        values = {
            "uuid": str(uuid4()),
            "name": name,
            "name_key": name_key(name),
            "description": description,
            "created_at": now,
            "updated_at": now,
        }
        added: int | None = self._connection.scalar(_ADD, values)
        return added

    def change(self, team_id: int, name: str, description: str | None, now: datetime) -> bool:
        """Change name and description. Return False when the name is in use; nothing can follow then."""
        values = {
            "team": team_id,
            "new_name": name,
            "new_key": name_key(name),
            "said": description,
            "now": now,
        }
        try:
            self._connection.execute(_CHANGE, values)
        except IntegrityError:
            return False
        return True

    def lock(self, team_id: int) -> bool:
        """Let nobody remove this team until the transaction ends; return whether it is there still."""
        return self._connection.scalar(_LOCK, {"team_id": team_id}) is not None

    def delete(self, team_id: int) -> None:
        """Remove a team, with its members and what it owns: neither the accounts nor the pacticipants."""
        self._connection.execute(_DELETE, {"team_id": team_id})

    def left_over(self, team_id: int) -> LeftOver:
        """Return what must be removed before the team."""
        values = {"team_id": team_id}
        return LeftOver(
            self._connection.execute(_WEBHOOKS, values).scalar_one(),
            self._texts(_SECRETS, values),
            self._texts(_SERVICES, values),
        )

    def members(self, team_id: int) -> list[Member]:
        """Return the people of a team, sorted by name."""
        roles: dict[int, list[Role]] = {}
        for account_id, role in self._connection.execute(_ROLES, {"team_id": team_id}):
            roles.setdefault(account_id, []).append(Role(role))
        rows = self._connection.execute(_MEMBERS, {"team_id": team_id})
        found = [(account_of(row[:-1]), row.from_group) for row in rows]
        return [Member(account, tuple(roles.get(account.id, ())), group) for account, group in found]

    def pacticipants(self, team_id: int) -> tuple[str, ...]:
        """Return the names of what a team owns, sorted."""
        return self._texts(_OWNED, {"team_id": team_id})

    def owners(self, pacticipant: str) -> tuple[str, ...]:
        """Return the names of the teams that own a pacticipant, sorted."""
        return self._texts(_OWNERS, {"name": pacticipant})

    def own(self, team_id: int, pacticipant_id: int, now: datetime) -> bool:
        """Give a pacticipant to a team; return whether the team did not have it."""
        values = {"team_id": team_id, "pacticipant_id": pacticipant_id, "created_at": now}
        return self._connection.execute(_OWN, values).rowcount > 0

    def disown(self, team_id: int, pacticipant_id: int) -> bool:
        """Take a pacticipant away from a team; return whether the team had it."""
        values = {"team_id": team_id, "pacticipant_id": pacticipant_id}
        return self._connection.execute(_DISOWN, values).rowcount > 0

    def _texts(self, statement: Select[Any], values: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(self._connection.scalars(statement, values))
