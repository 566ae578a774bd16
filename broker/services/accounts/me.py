"""Who asks, and what they may do."""

from collections.abc import Mapping, Sequence
from typing import Literal

from broker.domain.accounts.account import Account, AccountRole
from broker.domain.accounts.actor import Actor
from broker.domain.accounts.permissions import SCOPES, Action
from broker.storage.storage import Storage
from tally.values import dataclass

Where = Literal["all"] | Sequence[str]
"""For what somebody may do something: for all, or for what these teams own."""
_FOR_ALL = frozenset({Action.READ})
"""Who may do it at all may do it to everything."""


@dataclass(frozen=True)
class Asker:
    """Who asks: with the account, if there is one, its roles in teams and everywhere, and what follows."""

    actor: Actor
    account: Account | None
    teams: Mapping[str, Sequence[str]]
    everywhere: Sequence[str]
    may: Mapping[Action, Where]


def describe(storage: Storage, actor: Actor) -> Asker:
    """Return what is known of who asks."""
    account = None if actor.account_id is None else storage.accounts.by_id(actor.account_id)
    names = storage.teams.names({grant.team_id for grant in actor.grants if grant.team_id is not None})
    roles = [AccountRole(grant.role, grant.team_id, names.get(grant.team_id or 0)) for grant in actor.grants]
    teams: dict[str, list[str]] = {name: [] for name in sorted(names.values(), key=str.casefold)}
    for role in sorted(roles, key=lambda role: role.role):
        if role.team in teams:
            teams[role.team].append(role.role)
    everywhere = sorted(role.role for role in roles if role.team_id is None)
    may = {action: where for action in sorted(SCOPES) if (where := _where(actor, action, names))}
    return Asker(actor, account, teams, everywhere, may)


def _where(actor: Actor, action: Action, names: Mapping[int, str]) -> Where:
    if actor.is_too_limited(action):
        return ()
    if actor.may_for_team(action, None) or (action in _FOR_ALL and actor.may_somewhere(action)):
        return "all"
    return sorted(names[team_id] for team_id in actor.teams_for(action) if team_id in names)
