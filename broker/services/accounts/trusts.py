"""Which pipelines get a token of which service account: add, list, test and remove trusts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from broker.domain import limits
from broker.domain.accounts import authority
from broker.domain.accounts.account import TokenLimits
from broker.domain.accounts.actor import Actor, ActorKind
from broker.domain.accounts.permissions import EVERYWHERE_ACTIONS, SCOPES, Action
from broker.domain.accounts.trust import Trust, TrustConditions, TrustedAccount, check_conditions
from broker.domain.errors import NotFoundError, PermissionDeniedError, StateRuleError, ValidationError
from broker.domain.webhooks import allowed_hosts
from broker.services.accounts.issuer_documents import unacceptable_address
from broker.services.permission import require_team
from broker.settings.settings import Settings
from broker.storage.storage import Storage

MOST: Final = 10_000
"""Trusts in all."""
LONGEST_ISSUER: Final = limits.REFERENCE


def visible(storage: Storage, actor: Actor, team: str | None = None) -> Sequence[Trust]:
    """Return the trusts that the actor may change, of one team or of all."""
    return [
        trust
        for trust in storage.trusts.every()
        if actor.may_for_team(Action.MANAGE_TEAM, trust.account.team_id)
        and (team is None or trust.account.team == team)
    ]


def find(storage: Storage, actor: Actor, uuid: str) -> Trust:
    """Return a trust. Raises NotFoundError, also where the actor may not change it."""
    found = storage.trusts.find(uuid)
    if found is None or not actor.may_for_team(Action.MANAGE_TEAM, found.account.team_id):
        raise NotFoundError(f"There is no trust {uuid}")
    return found


def add(
    storage: Storage, account: str, conditions: TrustConditions, settings: Settings, now: datetime
) -> Trust:
    """Let pipelines that meet the conditions get tokens of a service account.

    Raises ValidationError, StateRuleError and PermissionDeniedError.
    """
    found = storage.trusts.account_named(account)
    require_team(storage, Action.MANAGE_TEAM, found.team_id if found else None)
    if found is None:
        raise ValidationError({"account": ["is not the name of an account"]})
    if found.kind is not ActorKind.SERVICE:
        raise ValidationError({"account": ["is a person: pipelines use service accounts"]})
    _require_all_of(storage, found, conditions)
    check_conditions(conditions)
    _refuse_impossible_scopes(storage, found, conditions)
    _check_addresses(conditions, settings)
    if storage.trusts.count() >= MOST:
        raise StateRuleError({"trusts": [f"are {MOST} already: remove those that nobody uses"]})
    uuid = storage.trusts.add(found.id, conditions, now)
    added = storage.trusts.find(uuid)
    assert added is not None, "stored just now"  # noqa: S101 - for the type
    return added


def remove(storage: Storage, actor: Actor, uuid: str, now: datetime) -> Trust:
    """Remove a trust, and return it. The tokens that pipelines got by it are valid no more."""
    found = find(storage, actor, uuid)
    require_team(storage, Action.MANAGE_TEAM, found.account.team_id)
    storage.trusts.remove(found, now)
    storage.asking.access_changed_at = now
    return found


def _require_all_of(storage: Storage, account: TrustedAccount, conditions: TrustConditions) -> None:
    """Let those pass who may do all that the pipeline could do, as for a token of the account."""
    actor = storage.asking.actor
    grants = [role.grant for role in storage.account_roles.of(account.id)]
    is_limited = actor.pacticipants is not None or actor.environments is not None
    if is_limited or not authority.may_act_for(actor, account.team_id, grants):
        raise PermissionDeniedError(
            f"{actor.name} may not let pipelines be {account.name}, which may do more. An "
            "administrator of the broker can, with a token without limits."
        )
    more = frozenset[Action]() if actor.scopes is None else conditions.scopes - actor.scopes - {Action.READ}
    if more:
        reasons = [f"cannot have '{scope}': your own token does not" for scope in sorted(more)]
        raise ValidationError({"scopes": reasons})


def possible_scopes(storage: Storage, account_id: int, team_id: int | None) -> frozenset[Action]:
    """Return the scopes of tokens that an account can ever use.

    What no team gives, one of a team can use only by a role that it has everywhere.
    """
    if team_id is None:
        return SCOPES
    grants = [role.grant for role in storage.account_roles.of(account_id)]
    return SCOPES - set(authority.useless_scopes(TokenLimits(EVERYWHERE_ACTIONS), grants))


def _refuse_impossible_scopes(storage: Storage, account: TrustedAccount, conditions: TrustConditions) -> None:
    useless = sorted(conditions.scopes - possible_scopes(storage, account.id, account.team_id))
    if useless:
        reasons = [
            f"cannot have '{scope}': no role in a team allows it, and {account.name} is of one"
            for scope in useless
        ]
        raise ValidationError({"scopes": reasons})


def _check_addresses(conditions: TrustConditions, settings: Settings) -> None:
    """Refuse an issuer whose keys could never be fetched, and a token that could be for anybody."""
    issuer = conditions.issuer
    reason = unacceptable_address(issuer)
    host = "" if reason else urlsplit(issuer).hostname or ""
    if reason is None and len(issuer) > LONGEST_ISSUER:
        reason = f"must have at most {LONGEST_ISSUER} characters"
    if reason is None and not allowed_hosts.is_listed(host, settings.issuer_host_whitelist):
        reason = f"is at {host}, which is not in TALLY_ISSUER_HOST_WHITELIST"
    if reason is not None:
        raise ValidationError({"issuer": [reason]})
    if conditions.audience is None and not settings.addresses:
        # The address that a client asks at is no proof of where it wanted to go.
        raise ValidationError(
            {"audience": ["is missing: give one, or set TALLY_BASE_URL to the address of this broker"]}
        )
