"""The roles of accounts: everywhere, and in teams."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.accounts.account import AccountRole
from broker.domain.accounts.actor import Grant
from broker.domain.accounts.permissions import Role
from broker.storage.tables import account_roles, accounts, team_members, teams

_EACH = (
    select(
        account_roles.c.account_id,
        account_roles.c.role,
        account_roles.c.team_id,
        teams.c.name,
        account_roles.c.from_group,
    )
    .select_from(account_roles.outerjoin(teams, teams.c.id == account_roles.c.team_id))
    .order_by(teams.c.name_key, account_roles.c.role)
)
_OF_ACCOUNT = _EACH.where(account_roles.c.account_id == bindparam("account_id"))
_ADD = insert(account_roles).on_conflict_do_nothing()
_REMOVE_EVERYWHERE = delete(account_roles).where(
    account_roles.c.account_id == bindparam("account_id"),
    account_roles.c.role == bindparam("role"),
    account_roles.c.team_id.is_(None),
)
_REMOVE_IN_TEAM = delete(account_roles).where(
    account_roles.c.account_id == bindparam("account_id"),
    account_roles.c.role == bindparam("role"),
    account_roles.c.team_id == bindparam("team_id"),
)
_JOIN = insert(team_members).on_conflict_do_nothing()
_LEAVE = delete(team_members).where(
    team_members.c.account_id == bindparam("account_id"),
    team_members.c.team_id.not_in(
        select(account_roles.c.team_id).where(
            account_roles.c.account_id == bindparam("account_id"), account_roles.c.team_id.is_not(None)
        )
    ),
)
_PEOPLE = select(accounts.c.id).where(accounts.c.id == bindparam("account_id"), accounts.c.team_id.is_(None))


class AccountRoles:
    """Which account has which role where. A person with a role in a team is a member of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, account_id: int) -> list[AccountRole]:
        """Return the roles of an account: those everywhere, and in teams by their names."""
        rows = self._connection.execute(_OF_ACCOUNT, {"account_id": account_id})
        return [_role(row[1:]) for row in rows]

    def all(self) -> dict[int, list[AccountRole]]:
        """Return the roles of every account that has one, by its id."""
        found: dict[int, list[AccountRole]] = {}
        for account_id, *role in self._connection.execute(_EACH):
            found.setdefault(account_id, []).append(_role(role))
        return found

    def change(
        self, account_id: int, *, added: Collection[Grant], removed: Collection[Grant], now: datetime
    ) -> None:
        """Give roles and take others away; who has no role in a team any more is no member."""
        for grant in sorted(removed, key=str):
            values = {"account_id": account_id, "role": grant.role, "team_id": grant.team_id}
            everywhere = grant.team_id is None
            self._connection.execute(_REMOVE_EVERYWHERE if everywhere else _REMOVE_IN_TEAM, values)
        is_person = self._connection.scalar(_PEOPLE, {"account_id": account_id}) is not None
        for grant in sorted(added, key=str):
            row = {"account_id": account_id, "team_id": grant.team_id, "created_at": now}
            self._connection.execute(_ADD, {**row, "role": grant.role})
            if is_person and grant.team_id is not None:
                self._connection.execute(_JOIN, row)
        if removed:
            self._connection.execute(_LEAVE, {"account_id": account_id})


def _role(row: Sequence[object]) -> AccountRole:
    role, team_id, team, from_group = row
    return AccountRole(Role(role), team_id, team, from_group)  # type: ignore[arg-type] # as the columns say
