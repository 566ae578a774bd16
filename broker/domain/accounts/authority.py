"""What an actor may give and take away: never more than they have."""

from collections.abc import Iterable

from broker.domain.accounts.account import TokenLimits
from broker.domain.accounts.actor import Actor, Grant
from broker.domain.accounts.permissions import ALLOWED, EVERYWHERE_ONLY, IN_TEAMS_ONLY, Action, Role

_ALWAYS = frozenset({Action.READ, Action.OWN_ACCOUNT})
"""What nobody needs a role in a team for."""


def covers(actor: Actor, grant: Grant) -> bool:
    """Return whether the actor may do all that a role allows where it is given."""
    if not actor.may_somewhere(Action.READ):
        return False
    needed = ALLOWED[grant.role] - _ALWAYS
    if needed and (actor.pacticipants is not None or actor.environments is not None):
        return False  # their token is for some of what there is, and a role is for all of it
    return all(actor.may_for_team(action, grant.team_id) for action in needed)


def manages(actor: Actor, team_id: int | None) -> bool:
    """Return whether the actor may change the members and the service accounts of a team."""
    if team_id is None:
        return actor.may_for_team(Action.ACCOUNTS, None)
    return actor.may_for_team(Action.MANAGE_TEAM, team_id)


def more_than_theirs(actor: Actor, grants: Iterable[Grant]) -> Grant | None:
    """Return a role that the actor may neither give nor take away; None when there is none.

    What the roles allow, they must be allowed as well, and to manage the team in which the role is.
    """
    for grant in sorted(grants, key=str):
        if not (manages(actor, grant.team_id) and covers(actor, grant)):
            return grant
    return None


def may_act_for(actor: Actor, team_id: int | None, grants: Iterable[Grant]) -> bool:
    """Return whether the actor may make and revoke tokens of a service account with these roles."""
    return manages(actor, team_id) and all(covers(actor, grant) for grant in grants)


def misplaced(grant: Grant) -> str | None:
    """Return what is wrong with where a role is given, or None."""
    if grant.team_id is not None and grant.role in EVERYWHERE_ONLY:
        return f"'{grant.role}' is a role everywhere: leave out the team"
    if grant.team_id is None and grant.role in IN_TEAMS_ONLY:
        return f"'{grant.role}' is a role in a team: name the team"
    return None


def within(wanted: TokenLimits, actor: Actor) -> TokenLimits:
    """Return the limits of a token that the actor makes: what is not wished for is as it is for the actor."""
    return TokenLimits(
        actor.scopes if wanted.scopes is None else wanted.scopes,
        actor.pacticipants if wanted.pacticipants is None else wanted.pacticipants,
        actor.environments if wanted.environments is None else wanted.environments,
    )


def beyond(limits: TokenLimits, actor: Actor) -> dict[str, list[str]]:
    """Return what a token would have more than the token of its maker, by field: none of it may be."""
    compared = {
        "scopes": (limits.scopes, actor.scopes),
        "pacticipants": (limits.pacticipants, actor.pacticipants),
        "environments": (limits.environments, actor.environments),
    }
    found: dict[str, list[str]] = {}
    for field, (wished, own) in compared.items():
        if own is not None and wished is not None and (more := sorted(wished - own)):
            found[field] = [f"cannot have '{text}': your own token does not" for text in more]
    return found


def useless_scopes(limits: TokenLimits, grants: Iterable[Grant]) -> list[Action]:
    """Return the scopes that the account of the token can never use, as no role of it allows them."""
    allowed = frozenset[Action]().union(*(ALLOWED[grant.role] for grant in grants))
    return sorted((limits.scopes or frozenset()) - allowed)


def is_administrator(grants: Iterable[Grant]) -> bool:
    """Return whether one of the roles is that of an administrator of the broker."""
    return Grant(Role.ADMINISTRATOR) in grants
