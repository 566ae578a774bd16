"""Accounts: people and service accounts."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.accounts.account import Account, NewAccount
from broker.domain.accounts.account_names import is_same_name, name_key
from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.permissions import Role
from broker.storage.tables import account_roles, accounts, log_in_links, sessions, teams

COLUMNS = (
    accounts.c.id,
    accounts.c.uuid,
    accounts.c.kind,
    accounts.c.name,
    accounts.c.display_name,
    accounts.c.email,
    accounts.c.team_id,
    teams.c.name.label("team"),
    accounts.c.disabled_at,
    accounts.c.last_seen_on,
    accounts.c.created_at,
    accounts.c.updated_at,
)
"""The columns for the fields of an Account, in their order."""
WITH_TEAM = accounts.outerjoin(teams, teams.c.id == accounts.c.team_id)
_EACH = select(*COLUMNS).select_from(WITH_TEAM).order_by(accounts.c.name_key)
_BY_KEY = _EACH.where(accounts.c.name_key == bindparam("key"))
_BY_ID = _EACH.where(accounts.c.id == bindparam("account_id"))
_OF_TEAM = _EACH.where(accounts.c.team_id == bindparam("team_id"))
_ADD = insert(accounts).on_conflict_do_nothing(index_elements=["name_key"]).returning(accounts.c.id)
_ALIKE = select(accounts.c.name).where(accounts.c.name_key == bindparam("key"))
_LOCK = select(accounts.c.id).where(accounts.c.id == bindparam("account_id")).with_for_update(key_share=True)
_CHANGE = update(accounts).where(accounts.c.id == bindparam("account"))
_DESCRIBE = _CHANGE.values(
    display_name=bindparam("shown"), email=bindparam("mail"), updated_at=bindparam("now")
)
_DISABLE = _CHANGE.values(disabled_at=bindparam("moment"), updated_at=bindparam("now"))
_PASSWORD = _CHANGE.values(password_hash=bindparam("hashed"), updated_at=bindparam("now"))
_SEEN = (
    update(accounts)
    .where(
        accounts.c.id == bindparam("account"),
        accounts.c.last_seen_on.is_(None) | (accounts.c.last_seen_on < bindparam("day")),
    )
    .values(last_seen_on=bindparam("day"))
)
_DELETE = delete(accounts).where(accounts.c.id == bindparam("account"))
_END_SESSIONS = delete(sessions).where(sessions.c.account_id == bindparam("account"))
_REMOVE_LINKS = delete(log_in_links).where(log_in_links.c.account_id == bindparam("account"))
_ADMINISTRATORS = (
    select(accounts.c.id)
    .join(account_roles, account_roles.c.account_id == accounts.c.id)
    .where(
        accounts.c.kind == ActorKind.PERSON,
        accounts.c.disabled_at.is_(None),
        account_roles.c.role == Role.ADMINISTRATOR,
        account_roles.c.team_id.is_(None),
    )
    .order_by(accounts.c.id)
)
_LOCK_ADMINISTRATORS = _ADMINISTRATORS.with_for_update(of=accounts, key_share=True)


class Accounts:
    """The accounts of people and of services."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Account]:
        """Return every account, sorted by name."""
        return self._accounts(_EACH)

    def of_team(self, team_id: int) -> list[Account]:
        """Return the service accounts of a team, sorted by name."""
        return self._accounts(_OF_TEAM, {"team_id": team_id})

    def find(self, name: str) -> Account | None:
        """Return the account with this name, whatever its case."""
        found = self._accounts(_BY_KEY, {"key": name_key(name)})
        return next((each for each in found if is_same_name(each.name, name)), None)

    def by_id(self, account_id: int) -> Account | None:
        return next(iter(self._accounts(_BY_ID, {"account_id": account_id})), None)

    def has_key(self, key: str) -> bool:
        """Return whether an account has this key of a name."""
        return self._connection.scalar(_ALIKE, {"key": key}) is not None

    def alike(self, name: str) -> str | None:
        """Return the name of the account that a reader takes for this one, if there is one."""
        return self._connection.scalar(_ALIKE, {"key": name_key(name)})

    def add(self, new: NewAccount, now: datetime) -> int | None:
        """Store a new account and return its id; None when another has the name, or one like it."""
        values = {
            **vars(new),
            "uuid": str(uuid4()),
            "name_key": name_key(new.name),
            "created_at": now,
            "updated_at": now,
        }
        added: int | None = self._connection.scalar(_ADD, values)
        return added

    def describe(self, account_id: int, shown: str, mail: str | None, now: datetime) -> None:
        self._connection.execute(_DESCRIBE, {"account": account_id, "shown": shown, "mail": mail, "now": now})

    def disable(self, account_id: int, now: datetime) -> None:
        self._connection.execute(_DISABLE, {"account": account_id, "moment": now, "now": now})

    def enable(self, account_id: int, now: datetime) -> None:
        self._connection.execute(_DISABLE, {"account": account_id, "moment": None, "now": now})

    def set_password(self, account_id: int, hashed: str | None, now: datetime) -> None:
        """Store the hash of a new password; without one, nobody logs in by a password."""
        self._connection.execute(_PASSWORD, {"account": account_id, "hashed": hashed, "now": now})

    def delete(self, account_id: int) -> None:
        """Remove an account with its roles, tokens, trusts and sessions."""
        self._connection.execute(_DELETE, {"account": account_id})

    def lock(self, account_id: int) -> None:
        """Let nobody else change this account, or make a token for it, until the transaction ends."""
        self._connection.execute(_LOCK, {"account_id": account_id})

    def end_sessions(self, account_id: int) -> None:
        """Log the account out everywhere, and let no link log it in."""
        for statement in (_END_SESSIONS, _REMOVE_LINKS):
            self._connection.execute(statement, {"account": account_id})

    def lock_administrators(self) -> frozenset[int]:
        """Return the ids of the people who are administrators and can log in.

        Who takes that away from one of them asks here first: it waits for others that do so at once, and
        then sees what they have done.
        """
        self._connection.execute(_LOCK_ADMINISTRATORS)
        return frozenset(self._connection.scalars(_ADMINISTRATORS))

    def seen(self, days: Mapping[int, date]) -> None:
        """Store the last day on which each account was seen, by its id."""
        if days:
            # In one order, as several processes do this at once.
            rows = [{"account": account_id, "day": day} for account_id, day in sorted(days.items())]
            self._connection.execute(_SEEN, rows)

    def _accounts(self, statement: Select[Any], values: Mapping[str, object] | None = None) -> list[Account]:
        return [account_of(row) for row in self._connection.execute(statement, values)]


def account_of(row: Iterable[Any]) -> Account:
    """Return the account of a row that begins with the COLUMNS."""
    account_id, uuid, kind, *rest = row
    return Account(account_id, uuid, ActorKind(kind), *rest)
