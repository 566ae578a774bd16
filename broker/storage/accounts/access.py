"""Who may do what, as the guard and the permissions ask for it: each by a short look-up."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, insert, select, union

from broker.domain.accounts.actor import ActorKind, Grant, Target
from broker.domain.accounts.known import KnownAccount, KnownToken
from broker.domain.accounts.permissions import Action, Role
from broker.storage.conditions import IN_ENVIRONMENT_NOW
from broker.storage.direct_statements import later
from broker.storage.moments import NOW, in_seconds
from broker.storage.tables import (
    access_changes,
    account_roles,
    accounts,
    environment_deployers,
    environments,
    pacticipants,
    team_pacticipants,
    teams,
    tokens,
    versions,
)

KEPT = timedelta(hours=1)
"""How long a change is kept: every process has seen it long before."""
_ANY = select(accounts.c.id).limit(1)
_ACCOUNT = select(
    accounts.c.id,
    accounts.c.uuid,
    accounts.c.name,
    accounts.c.kind,
    accounts.c.team_id,
    accounts.c.disabled_at,
).where(accounts.c.id == bindparam("account_id"))
_GRANTS = select(account_roles.c.role, account_roles.c.team_id).where(
    account_roles.c.account_id == bindparam("account_id")
)
_TOKEN = select(
    tokens.c.id,
    tokens.c.account_id,
    tokens.c.prefix,
    tokens.c.expires_at,
    tokens.c.scopes,
    tokens.c.pacticipants,
    tokens.c.environments,
).where(tokens.c.digest == bindparam("digest"), tokens.c.revoked_at.is_(None))
# All that are kept: a transaction that began earlier may be committed later.
_NEWEST = select(access_changes.c.id, access_changes.c.created_at)
_ADD = insert(access_changes).values(created_at=NOW)
_FORGET = delete(access_changes).where(access_changes.c.created_at < in_seconds("back"))
_OWNERS = (
    select(pacticipants.c.name, team_pacticipants.c.team_id)
    .select_from(
        pacticipants.outerjoin(team_pacticipants, team_pacticipants.c.pacticipant_id == pacticipants.c.id)
    )
    .where(pacticipants.c.name.in_(bindparam("names", expanding=True)))
)
_OWNED = (
    select(pacticipants.c.name, team_pacticipants.c.team_id)
    .join(team_pacticipants, team_pacticipants.c.pacticipant_id == pacticipants.c.id)
    .order_by(pacticipants.c.id, team_pacticipants.c.team_id)
)
_TEAM_NAMES = (
    select(teams.c.name).where(teams.c.id.in_(bindparam("ids", expanding=True))).order_by(teams.c.name)
)
_OWN = insert(team_pacticipants).from_select(
    ["team_id", "pacticipant_id", "created_at"],
    select(
        bindparam("team_id", type_=team_pacticipants.c.team_id.type),
        pacticipants.c.id,
        bindparam("now", type_=team_pacticipants.c.created_at.type),
    ).where(pacticipants.c.name == bindparam("name")),
)
_TARGETS = select(
    environments.c.name,
    environments.c.production,
    environments.c.protected,
    environment_deployers.c.team_id,
).select_from(
    environments.outerjoin(environment_deployers, environment_deployers.c.environment_id == environments.c.id)
)
_TARGET = _TARGETS.where(environments.c.uuid == bindparam("uuid"))


def _targets_of(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the statement for the environments that versions of a pacticipant are in."""
    presences = (
        select(table.c.environment_id)
        .join(versions, versions.c.id == table.c.version_id)
        .join(pacticipants, pacticipants.c.id == versions.c.pacticipant_id)
        .where(is_there, pacticipants.c.name == bindparam("name"), *conditions)
        for table, is_there in IN_ENVIRONMENT_NOW
    )
    return _TARGETS.where(environments.c.id.in_(union(*presences)))


_TARGETS_OF_PACTICIPANT = _targets_of()
_TARGETS_OF_VERSION = _targets_of(versions.c.number == bindparam("number"))


class AccessLookups:
    """Accounts, tokens, and who owns what."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def any_accounts(self) -> bool:
        """Return whether there is an account, so that the rules of accounts hold."""
        return self._connection.scalar(_ANY) is not None

    def account(self, account_id: int) -> KnownAccount | None:
        row = self._connection.execute(_ACCOUNT, {"account_id": account_id}).one_or_none()
        if row is None:
            return None
        granted = self._connection.execute(_GRANTS, {"account_id": account_id})
        grants = frozenset(Grant(Role(role), team_id) for role, team_id in granted)
        is_disabled = row.disabled_at is not None
        return KnownAccount(row.id, row.uuid, row.name, ActorKind(row.kind), row.team_id, is_disabled, grants)

    def token(self, digest: bytes) -> KnownToken | None:
        """Return the token with this SHA-256, None also when it was revoked."""
        row = self._connection.execute(_TOKEN, {"digest": digest}).one_or_none()
        if row is None:
            return None
        scopes = _texts(row.scopes)
        return KnownToken(
            row.id,
            row.account_id,
            row.prefix,
            row.expires_at,
            None if scopes is None else frozenset(map(Action, scopes)),
            _texts(row.pacticipants),
            _texts(row.environments),
        )

    def newest_changes(self) -> frozenset[tuple[int, datetime]]:
        """Return what differs from an earlier answer if anything has changed since."""
        return frozenset((id_, at) for id_, at in self._connection.execute(_NEWEST))

    def note_change(self) -> None:
        """Make all processes forget within a second what they know of accounts."""
        self._connection.execute(_ADD)
        self._connection.execute(_FORGET, {"back": -KEPT.total_seconds()})

    def owners(self, names: Iterable[str]) -> Mapping[str, frozenset[int]]:
        """Return the ids of the teams that own each pacticipant; those that do not exist are left out."""
        found: dict[str, set[int]] = {}
        for name, team_id in self._connection.execute(_OWNERS, {"names": list(names)}):
            found.setdefault(name, set()).update(() if team_id is None else (team_id,))
        return {name: frozenset(teams) for name, teams in found.items()}

    def owned(self) -> Sequence[tuple[str, int]]:
        """Return each pacticipant that a team owns, with that team; once for each of its teams."""
        return [(name, team_id) for name, team_id in self._connection.execute(_OWNED)]

    def team_names(self, ids: Iterable[int]) -> Sequence[str]:
        """Return the names of teams, sorted."""
        return self._connection.scalars(_TEAM_NAMES, {"ids": list(ids)}).all()

    def own(self, name: str, team_id: int, now: datetime) -> None:
        """Give a pacticipant to a team."""
        later(self._connection, _OWN, {"name": name, "team_id": team_id, "now": now})

    def target(self, environment_uuid: str) -> Target | None:
        """Return who may deploy to an environment. A production is protected unless it says otherwise."""
        found = _targets(self._connection.execute(_TARGET, {"uuid": environment_uuid}))
        return next(iter(found), None)

    def targets_of(self, pacticipant: str, version: str | None = None) -> list[Target]:
        """Return the environments that a version of the pacticipant, or any of them, is in now."""
        statement = _TARGETS_OF_PACTICIPANT if version is None else _TARGETS_OF_VERSION
        return _targets(self._connection.execute(statement, {"name": pacticipant, "number": version}))


def _targets(rows: Iterable[Any]) -> list[Target]:
    protected: dict[str, bool] = {}
    deployers: dict[str, set[int]] = {}
    for name, is_production, is_protected, team_id in rows:
        protected[name] = bool(is_production if is_protected is None else is_protected)
        deployers.setdefault(name, set()).update(() if team_id is None else (team_id,))
    return [
        Target(name, is_protected, frozenset(deployers[name])) for name, is_protected in protected.items()
    ]


def _texts(stored: Any) -> frozenset[str] | None:
    return None if stored is None else frozenset(json.loads(stored))
