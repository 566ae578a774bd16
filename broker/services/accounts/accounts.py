"""Accounts: who there is, and what changes who they are."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import field
from datetime import datetime, timedelta

from broker.domain.access import digest
from broker.domain.accounts import authority
from broker.domain.accounts.account import LOG_IN_LINK_MINUTES, Account, AccountRole, NewAccount
from broker.domain.accounts.account_names import broken_name_rule, written
from broker.domain.accounts.actor import Grant
from broker.domain.accounts.permissions import Action
from broker.domain.errors import NotFoundError, PermissionDeniedError, StateRuleError, ValidationError
from broker.domain.names import did_you_mean
from broker.services import permission
from broker.storage.storage import Storage
from tally.values import dataclass

LINK_BYTES = 32
"""Bytes of chance in the code of a link."""


@dataclass(frozen=True)
class AccountChange:
    """What is to be different; None leaves it as it is. *email* "" removes it."""

    display_name: str | None = None
    email: str | None = None
    is_disabled: bool | None = None
    password_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class FoundAccount:
    """An account with its roles."""

    account: Account
    roles: Sequence[AccountRole]

    @property
    def grants(self) -> frozenset[Grant]:
        return frozenset(role.grant for role in self.roles)


def everyone(storage: Storage) -> list[FoundAccount]:
    """Return every account, sorted by name."""
    roles = storage.account_roles.all()
    return [FoundAccount(account, roles.get(account.id, [])) for account in storage.accounts.all()]


def find(storage: Storage, name: str) -> FoundAccount:
    """Return the account with this name, whatever its case. Raises NotFoundError."""
    account = storage.accounts.find(name)
    if account is None:
        hint = did_you_mean(name, [each.name for each in storage.accounts.all()])
        raise NotFoundError(f"No account with name '{name}' found{hint}")
    return FoundAccount(account, storage.account_roles.of(account.id))


def create(storage: Storage, new: NewAccount, grants: Collection[Grant], now: datetime) -> FoundAccount:
    """Add an account with its first roles; the caller has asked whether the actor may.

    Raises ValidationError for a name that it cannot have, and PermissionDeniedError for a role that the actor
    cannot give.
    """
    storage.asking.is_asked = True
    refuse_to_give(storage, grants)
    name = written(new.name)
    if broken := broken_name_rule(name):
        raise ValidationError({"name": [broken]})
    account_id = storage.accounts.add(NewAccount(**{**vars(new), "name": name}), now)
    if account_id is None:
        alike = storage.accounts.alike(name)
        raise StateRuleError({"name": [f"is taken, or looks like that of an account: '{alike}'"]})
    storage.account_roles.change(account_id, added=grants, removed=(), now=now)
    storage.asking.access_changed_at = now
    created = find(storage, name)
    storage.note("account", name, team=created.account.team, after=summary(created))
    return created


def create_person(
    storage: Storage, new: NewAccount, grants: Collection[Grant], now: datetime
) -> FoundAccount:
    """Add the account of a person. Raises as `create`."""
    permission.require_everywhere(storage, Action.ACCOUNTS)
    return create(storage, new, grants, now)


def change(storage: Storage, name: str, wanted: AccountChange, now: datetime) -> FoundAccount:
    """Change an account. People may describe themselves; all else is for administrators.

    Raises StateRuleError when the last administrator would be disabled.
    """
    found = find(storage, name)
    account = found.account
    actor = storage.asking.actor
    describes_only = wanted.is_disabled is None and wanted.password_hash is None
    if describes_only and account.id == actor.account_id and actor.scopes is None:
        permission.require_own(storage, account.id)
    else:
        require_authority(storage, found)
    if wanted.password_hash is not None and not account.is_person:
        raise StateRuleError({"password": ["is for people: a service account has tokens"]})
    _describe(storage, account, wanted, now)
    if wanted.is_disabled is not None and wanted.is_disabled != account.is_disabled:
        _switch(storage, found, now)
    if wanted.password_hash is not None:
        storage.accounts.set_password(account.id, wanted.password_hash, now)
        storage.accounts.end_sessions(account.id)
        storage.asking.access_changed_at = now
    changed = find(storage, account.name)
    after = summary(changed) | ({"passwordChanged": True} if wanted.password_hash is not None else {})
    storage.note("account", account.name, team=account.team, before=summary(found), after=after)
    return changed


def delete(storage: Storage, name: str, now: datetime) -> None:
    """Remove an account, with its tokens, trusts and sessions. The audit log keeps what it did.

    Raises PermissionDeniedError, and StateRuleError for the last administrator.
    """
    found = find(storage, name)
    require_authority(storage, found)
    account = found.account
    if account.is_person and authority.is_administrator(found.grants):
        keep_an_administrator(storage, account, "account")
    storage.accounts.delete(account.id)
    storage.asking.access_changed_at = now
    storage.note("account", account.name, team=account.team, before=summary(found))


def make_log_in_link(storage: Storage, name: str, now: datetime) -> tuple[str, datetime]:
    """Return the code of a link by which a person logs in once, and when it expires.

    A link replaces those that nobody has used. Raises PermissionDeniedError, and StateRuleError for
    who cannot log in.
    """
    found = find(storage, name)
    require_authority(storage, found)
    if not found.account.is_person:
        raise StateRuleError({"account": ["is a service account, which does not log in: make it a token"]})
    if found.account.is_disabled:
        raise StateRuleError({"account": ["is disabled: enable it first"]})
    code = secrets.token_urlsafe(LINK_BYTES)
    expires_at = now + timedelta(minutes=LOG_IN_LINK_MINUTES)
    storage.log_in_links.remove_of(found.account.id)
    storage.log_in_links.add(digest(code), found.account.id, now=now, expires_at=expires_at)
    storage.note("log-in link", found.account.name, after={"expiresAt": expires_at})
    return code, expires_at


def require_authority(storage: Storage, found: FoundAccount) -> None:
    """Let the actor change who somebody is, or raise PermissionDeniedError.

    An administrator of the broker may, whose token allows as much as the account. Whoever may log in as
    somebody has all that they have: an administrator of a team may not, but may change service accounts of
    the team that have no more than they have themselves.
    """
    account = found.account
    if account.is_person or account.team_id is None:
        permission.require_everywhere(storage, Action.ACCOUNTS)
    else:
        permission.require_team(storage, Action.MANAGE_TEAM, account.team_id)
    refuse_to_give(storage, found.grants)


def refuse_to_give(storage: Storage, grants: Collection[Grant]) -> None:
    """Raise PermissionDeniedError for a role that the actor can neither give nor take away."""
    actor = storage.asking.actor
    more = authority.more_than_theirs(actor, grants)
    if more is None:
        return
    where = (
        "everywhere" if more.team_id is None else f"in {storage.teams.names([more.team_id])[more.team_id]}"
    )
    raise PermissionDeniedError(
        f"{actor.name} may not do this: it needs all that the role '{more.role}' {where} allows, and the "
        f"permission '{Action.ACCOUNTS if more.team_id is None else Action.MANAGE_TEAM}' there. An "
        "administrator of the broker can grant it."
    )


def keep_an_administrator(storage: Storage, account: Account, field: str) -> None:
    """Raise StateRuleError when nobody else is an administrator. Who does the same at once waits."""
    if storage.accounts.lock_administrators() == {account.id}:
        reason = (
            f"cannot be changed: {account.name} is the last administrator who can log in. Make somebody else "
            "one first"
        )
        raise StateRuleError({field: [reason]})


def note_all(storage: Storage, name: str, before: FoundAccount | None = None) -> None:
    """Tell the audit log all that several steps have done; each has told its own part only."""
    found = find(storage, name)
    storage.note(
        "account",
        found.account.name,
        team=found.account.team,
        before=None if before is None else summary(before),
        after=summary(found),
    )


def summary(found: FoundAccount) -> dict[str, object]:
    """Return what the audit log says of an account."""
    account = found.account
    return {
        "kind": account.kind,
        "displayName": account.display_name,
        "email": account.email,
        "disabled": account.is_disabled,
        "roles": [{"role": role.role, "team": role.team} for role in found.roles],
    }


def _describe(storage: Storage, account: Account, wanted: AccountChange, now: datetime) -> None:
    if wanted.display_name is None and wanted.email is None:
        return
    shown = account.display_name if wanted.display_name is None else wanted.display_name
    email = account.email if wanted.email is None else wanted.email or None
    storage.accounts.describe(account.id, shown, email, now)


def _switch(storage: Storage, found: FoundAccount, now: datetime) -> None:
    account = found.account
    if account.is_disabled:
        storage.accounts.enable(account.id, now)
    else:
        if account.is_person and authority.is_administrator(found.grants):
            keep_an_administrator(storage, account, "disabled")
        storage.accounts.disable(account.id, now)
        storage.accounts.end_sessions(account.id)
    storage.asking.access_changed_at = now
