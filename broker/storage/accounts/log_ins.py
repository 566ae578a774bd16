"""What a log-in reads and writes of accounts: passwords, identities, and what comes from groups."""

from collections.abc import Collection
from dataclasses import field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.accounts.actor import ActorKind, Grant
from broker.domain.accounts.group_roles import GroupRole
from broker.domain.accounts.permissions import Role
from broker.storage.tables import account_roles, accounts, identities, team_members, teams
from tally.values import dataclass

_PERSON = select(
    accounts.c.id, accounts.c.uuid, accounts.c.name, accounts.c.password_hash, accounts.c.disabled_at
).where(accounts.c.kind == ActorKind.PERSON)
_BY_NAME = _PERSON.where(accounts.c.name_key == bindparam("key"))
_BY_ID = _PERSON.where(accounts.c.id == bindparam("asked"))
_BY_IDENTITY = (
    _PERSON.join_from(accounts, identities, identities.c.account_id == accounts.c.id)
    .where(identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("subject"))
    .with_for_update(of=accounts, key_share=True)
)
_TAKEN = select(accounts.c.id).where(accounts.c.name_key == bindparam("key"))
_ADD_ACCOUNT = insert(accounts).returning(accounts.c.id)
_ADD_IDENTITY = insert(identities)
_HAS_IDENTITY = select(identities.c.id).where(identities.c.account_id == bindparam("asked")).limit(1)
_DESCRIBE = (
    update(accounts)
    .where(accounts.c.id == bindparam("asked"))
    .values(display_name=bindparam("shown"), email=bindparam("mail"), updated_at=bindparam("now"))
)
_NEW_HASH = (
    update(accounts)
    .where(accounts.c.id == bindparam("asked"), accounts.c.password_hash == bindparam("old"))
    .values(password_hash=bindparam("new"))
)
_SEEN = update(accounts).where(accounts.c.id == bindparam("asked")).values(last_seen_on=bindparam("day"))
_GRANTS = select(account_roles.c.role, account_roles.c.team_id).where(
    account_roles.c.account_id == bindparam("asked")
)
_FROM_GROUPS = select(account_roles.c.role, account_roles.c.team_id, account_roles.c.from_group).where(
    account_roles.c.account_id == bindparam("asked"), account_roles.c.from_group.is_not(None)
)
_REMOVE_ROLES = delete(account_roles).where(
    account_roles.c.account_id == bindparam("asked"), account_roles.c.from_group.is_not(None)
)
_REMOVE_MEMBER = delete(team_members).where(
    team_members.c.account_id == bindparam("asked"), team_members.c.from_group.is_not(None)
)
_ADD_ROLE = upsert(account_roles).on_conflict_do_nothing()
_ADD_MEMBER = upsert(team_members).on_conflict_do_nothing()
_TEAMS = select(teams.c.name_key, teams.c.id).where(teams.c.name_key.in_(bindparam("keys", expanding=True)))


@dataclass(frozen=True)
class Person:
    """The account of a person, as a log-in needs it."""

    id: int
    uuid: str
    name: str
    password_hash: str | None = field(repr=False)
    is_disabled: bool


@dataclass(frozen=True)
class NewPerson:
    """A person who logs in for the first time."""

    uuid: str
    name: str
    name_key: str
    display_name: str
    email: str | None


class LogIns:
    """Accounts of people, for their log-in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_name(self, name_key: str) -> Person | None:
        return self._person(_BY_NAME, key=name_key)

    def by_id(self, account_id: int) -> Person | None:
        return self._person(_BY_ID, asked=account_id)

    def by_identity(self, issuer: str, subject: str) -> Person | None:
        """Return whose identity this is, and lock the account: of two log-ins the later one counts."""
        return self._person(_BY_IDENTITY, issuer=issuer, subject=subject)

    def has_identity(self, account_id: int) -> bool:
        """Return whether somebody logs in by an identity provider."""
        return self._connection.scalar(_HAS_IDENTITY, {"asked": account_id}) is not None

    def is_taken(self, name_key: str) -> bool:
        """Return whether any account has this name."""
        return self._connection.scalar(_TAKEN, {"key": name_key}) is not None

    def add(self, person: NewPerson, issuer: str, subject: str, now: datetime) -> int:
        """Store a person with their identity; return the account's id."""
        moments = {"created_at": now, "updated_at": now}
        values = {**vars(person), "kind": ActorKind.PERSON, **moments}
        account_id = int(self._connection.scalars(_ADD_ACCOUNT, values).one())
        self._connection.execute(
            _ADD_IDENTITY,
            {"account_id": account_id, "issuer": issuer, "subject": subject, "created_at": now},
        )
        return account_id

    def describe(self, account_id: int, display_name: str, email: str | None, now: datetime) -> None:
        values = {"asked": account_id, "shown": display_name, "mail": email, "now": now}
        self._connection.execute(_DESCRIBE, values)

    def replace_hash(self, account_id: int, old: str, new: str) -> None:
        """Store another hash of the same password, unless it was changed meanwhile."""
        self._connection.execute(_NEW_HASH, {"asked": account_id, "old": old, "new": new})

    def seen(self, account_id: int, day: date) -> None:
        self._connection.execute(_SEEN, {"asked": account_id, "day": day})

    def grants(self, account_id: int) -> frozenset[Grant]:
        """Return what the account may do."""
        rows = self._connection.execute(_GRANTS, {"asked": account_id})
        return frozenset(Grant(Role(role), team_id) for role, team_id in rows)

    def team_ids(self, name_keys: Collection[str]) -> dict[str, int]:
        """Return the ids of the teams with these names, by the name without case."""
        rows = self._connection.execute(_TEAMS, {"keys": list(name_keys)})
        return {row.name_key: row.id for row in rows}

    def replace_roles_of_groups(
        self, account_id: int, roles: Collection[tuple[GroupRole, int | None]], now: datetime
    ) -> bool:
        """Give the account these roles of groups, each with the id of its team, and no others of groups.

        What somebody has given by hand stays. Return whether anything is different.
        """
        rows = self._connection.execute(_FROM_GROUPS, {"asked": account_id})
        before = {(role, team_id, group) for role, team_id, group in rows}
        after = {(str(item.role), team_id, item.group) for item, team_id in roles}
        by_hand = {(str(grant.role), grant.team_id) for grant in self.grants(account_id)}
        by_hand -= {(role, team_id) for role, team_id, _ in before}
        if before == {row for row in after if row[:2] not in by_hand}:
            return False
        common = {"account_id": account_id, "created_at": now}
        for statement in (_REMOVE_ROLES, _REMOVE_MEMBER):
            self._connection.execute(statement, {"asked": account_id})
        for role, team_id, group in sorted(after, key=str):
            own: dict[str, Any] = {**common, "team_id": team_id, "from_group": group}
            self._connection.execute(_ADD_ROLE, {**own, "role": role})
            if team_id is not None:
                self._connection.execute(_ADD_MEMBER, own)
        return True

    def _person(self, statement: Any, **values: Any) -> Person | None:
        row = self._connection.execute(statement, values).one_or_none()
        if row is None:
            return None
        return Person(row.id, row.uuid, row.name, row.password_hash, row.disabled_at is not None)
