"""Personal tokens, and those of service accounts: made, shown once, listed, revoked."""

import secrets
from datetime import datetime

from broker.domain.accounts import authority
from broker.domain.accounts.account import MOST_TOKENS, StoredToken, TokenLimits, TokenWish
from broker.domain.accounts.actor import Actor
from broker.domain.accounts.permissions import Action
from broker.domain.accounts.tokens import CHANCE_BYTES, TokenKind, expiry, new_token
from broker.domain.errors import NotFoundError, PermissionDeniedError, StateRuleError, ValidationError
from broker.domain.names import did_you_mean
from broker.services import permission
from broker.services.accounts import accounts
from broker.services.accounts.accounts import FoundAccount
from broker.storage.storage import Storage


def own(storage: Storage, now: datetime) -> list[StoredToken]:
    """Return the valid tokens of who asks, the newest first. Raises PermissionDeniedError without account."""
    return storage.tokens.of(_own_account(storage).account.id, now)


def create_own(storage: Storage, wish: TokenWish, now: datetime) -> tuple[StoredToken, str]:
    """Make a personal token for who asks; return it, and its text, which nobody can read again.

    Raises PermissionDeniedError for service accounts: somebody else makes theirs.
    """
    found = _own_account(storage)
    permission.require_own(storage, found.account.id)
    if not found.account.is_person:
        raise PermissionDeniedError(
            f"{found.account.name} is a service account, and makes no tokens for itself. An administrator of "
            "its team does."
        )
    return _create(storage, found, TokenKind.PERSONAL, wish, now)


def of_account(storage: Storage, name: str, now: datetime) -> list[StoredToken]:
    """Return the valid tokens of an account, the newest first. Raises PermissionDeniedError."""
    found = accounts.find(storage, name)
    _require_tokens_of(storage, found)
    return storage.tokens.of(found.account.id, now)


def create(storage: Storage, name: str, wish: TokenWish, now: datetime) -> tuple[StoredToken, str]:
    """Make a token for a service account; return it, and its text, which nobody can read again.

    Raises PermissionDeniedError, also for who may less than the account: the token would be theirs.
    """
    found = accounts.find(storage, name)
    account = found.account
    if account.is_person:
        if account.id == storage.asking.actor.account_id:
            return create_own(storage, wish, now)
        raise PermissionDeniedError(
            f"Only {account.name} makes tokens for {account.name}. For a pipeline, create a service account."
        )
    storage.asking.is_asked = True
    if not authority.may_act_for(storage.asking.actor, account.team_id, found.grants):
        _refuse(storage, found)
    return _create(storage, found, TokenKind.SERVICE, wish, now)


def find(storage: Storage, uuid: str) -> StoredToken:
    """Return a token that who asks may see. Raises NotFoundError, also for others' tokens."""
    token = storage.tokens.find(uuid)
    if token is not None:
        found = _of_token(storage, token)
        if found.account.id == storage.asking.actor.account_id or _may_manage(storage, found):
            return token
    raise NotFoundError(f"No token with uuid '{uuid}' found")


def revoke(storage: Storage, uuid: str, now: datetime) -> None:
    """Let a token be used no more, anywhere, within seconds. Revoking it again changes nothing.

    Raises NotFoundError and PermissionDeniedError.
    """
    token = find(storage, uuid)
    storage.asking.is_asked = True
    found = _of_token(storage, token)
    actor = storage.asking.actor
    if actor.scopes is not None and actor.via != token.prefix and not _may_manage(storage, found):
        # Whoever has found the token of a pipeline could end all others of its account.
        raise PermissionDeniedError(
            f"{actor.name} may not revoke other tokens with this one: it has scopes, and ends itself alone."
        )
    if not storage.tokens.revoke(token.id, now):
        return
    storage.asking.access_changed_at = now
    storage.note("token", _shown(token), team=found.account.team, before=summary(token))


def summary(token: StoredToken) -> dict[str, object]:
    """Return what the audit log says of a token; what is called a token there is starred."""
    return {
        "account": token.account,
        "kind": token.kind,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": _listed(token.limits.scopes),
        "pacticipants": _listed(token.limits.pacticipants),
        "environments": _listed(token.limits.environments),
        "expiresAt": token.expires_at,
    }


def _create(
    storage: Storage, found: FoundAccount, kind: TokenKind, wish: TokenWish, now: datetime
) -> tuple[StoredToken, str]:
    actor, account = storage.asking.actor, found.account
    limits = authority.within(wish.limits, actor)
    if problems := authority.beyond(limits, actor):
        raise ValidationError(problems)
    _check_limits(storage, limits, found)
    expires_at = _expiry(actor, kind, wish, now)
    if account.is_disabled:
        raise StateRuleError({"account": ["is disabled: enable it first"]})
    storage.accounts.lock(account.id)
    if storage.tokens.count(account.id, now) >= MOST_TOKENS:
        raise StateRuleError(
            {"account": [f"has {MOST_TOKENS} tokens already, which is the most: revoke one that is not used"]}
        )
    made = new_token(kind, secrets.token_bytes(CHANCE_BYTES))
    uuid = storage.tokens.add(
        account.id,
        kind,
        wish.name,
        prefix=made.prefix,
        digest=made.digest,
        limits=limits,
        expires_at=expires_at,
        now=now,
    )
    stored = storage.tokens.find(uuid)
    assert stored is not None  # noqa: S101 - it was stored a moment ago, in this transaction
    storage.note("token", _shown(stored), team=account.team, after=summary(stored))
    return stored, made.text


def _expiry(actor: Actor, kind: TokenKind, wish: TokenWish, now: datetime) -> datetime:
    """Return when the token expires. Raises ValidationError for a personal one that outlives its maker's.

    Otherwise whoever has found a token would have one for a year. That of a service account may live longer:
    who manages the account sees it, and revokes it.
    """
    latest = actor.expires_at if kind is TokenKind.PERSONAL else None
    if wish.days is None:
        usual = expiry(now)
        return usual if latest is None else min(usual, latest)
    wished = expiry(now, wish.days)
    if latest is not None and wished > latest:
        reason = (
            f"cannot be {wish.days}: your own token expires at {latest:%Y-%m-%d %H:%M} UTC. Leave it out, or "
            "make the token on the page of your tokens"
        )
        raise ValidationError({"expiresInDays": [reason]})
    return wished


def _check_limits(storage: Storage, limits: TokenLimits, found: FoundAccount) -> None:
    """Raise ValidationError for limits that the account can never be within, by field."""
    problems: dict[str, list[str]] = {}
    if useless := authority.useless_scopes(limits, found.grants):
        problems["scopes"] = [
            f"cannot have '{scope}': {found.account.name} may not do that" for scope in useless
        ]
    if limits.environments:
        known = [environment.name for environment in storage.environments.all()]
        missing = sorted(limits.environments - set(known))
        if missing:
            problems["environments"] = [
                f"has '{name}', which is no environment{did_you_mean(name, known)}" for name in missing
            ]
    if problems:
        raise ValidationError(problems)


def _own_account(storage: Storage) -> FoundAccount:
    actor = storage.asking.actor
    account = None if actor.account_id is None else storage.accounts.by_id(actor.account_id)
    if account is None:
        raise PermissionDeniedError(
            f"{actor.name} has no account, and so no tokens. Log in with an account, or use its token."
        )
    return FoundAccount(account, storage.account_roles.of(account.id))


def _of_token(storage: Storage, token: StoredToken) -> FoundAccount:
    account = storage.accounts.by_id(token.account_id)
    assert account is not None  # noqa: S101 - the token refers to it
    return FoundAccount(account, storage.account_roles.of(account.id))


def _require_tokens_of(storage: Storage, found: FoundAccount) -> None:
    storage.asking.is_asked = True
    if found.account.id != storage.asking.actor.account_id and not _may_manage(storage, found):
        _refuse(storage, found)


def _may_manage(storage: Storage, found: FoundAccount) -> bool:
    """Return whether the actor may see and revoke the tokens of somebody else."""
    actor, account = storage.asking.actor, found.account
    if actor.may_everywhere(Action.ACCOUNTS):
        return True
    return not account.is_person and authority.manages(actor, account.team_id)


def _refuse(storage: Storage, found: FoundAccount) -> None:
    account = found.account
    if account.is_person or not authority.manages(storage.asking.actor, account.team_id):
        needed = Action.ACCOUNTS if account.is_person or account.team_id is None else Action.MANAGE_TEAM
        permission.refuse(storage, needed, f"tokens of {account.name}")
    raise PermissionDeniedError(
        f"{storage.asking.actor.name} may not make tokens for {account.name}, which may do more. An "
        "administrator of the broker can."
    )


def _shown(token: StoredToken) -> str:
    return f"{token.account} {token.name} ({token.prefix})"


def _listed(limit: frozenset[str] | frozenset[Action] | None) -> list[str] | None:
    return None if limit is None else sorted(limit)
