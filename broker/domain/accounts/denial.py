"""What somebody is told who may not do something: which permission is missing, and who can give it."""

from collections.abc import Sequence

from broker.domain.accounts.actor import Actor, ActorKind, Target
from broker.domain.accounts.permissions import EVERYWHERE_ACTIONS, Action

_BROKER = "An administrator of the broker"


def denial(actor: Actor, action: Action, what: str = "", teams: Sequence[str] = ()) -> str:
    """Return why the actor may not do this to *what*, which these *teams* own."""
    return f"{_needed(actor, action, what)} {_limit(actor, action) or _grant(action, teams)}"


def deployment_denial(
    actor: Actor, pacticipant: str, target: Target, teams: Sequence[str], *, lacks_list: bool
) -> str:
    """Return why the actor may not record that what these *teams* own is there, or is no more.

    *lacks_list* says that they have the role, and the environment lists none of the teams.
    """
    kind = "the protected environment" if target.is_protected else "the environment"
    advice = _limit(actor, Action.DEPLOY)
    if not advice and actor.environments is not None and target.name not in actor.environments:
        advice = "This token is for other environments. Whoever makes these tokens can make one for this one."
    if not advice and lacks_list:
        advice = f"{_BROKER} can list the team {' or '.join(teams)} among its deployers."
    needed = _needed(actor, Action.DEPLOY, f"{pacticipant} in {kind} {target.name}")
    return f"{needed} {advice or _grant(Action.DEPLOY, teams)}"


def _needed(actor: Actor, action: Action, what: str) -> str:
    about = f" for {what}" if what else ""
    return f"{actor.name} may not do this: it needs the permission '{action}'{about}."


def _limit(actor: Actor, action: Action) -> str:
    """Return what takes the permission away from the actor, whatever their roles are; or nothing."""
    if actor.kind is ActorKind.SETTINGS and action not in (actor.scopes or ()):
        return "No user or token of the settings has it. Use an account, with a token of its own."
    if actor.scopes is not None and action not in actor.scopes:
        return "This token has other scopes. Whoever makes these tokens can make one with it."
    if actor.is_too_limited(action):
        return "This token is limited to some applications or environments. Use one that is not."
    return ""


def _grant(action: Action, teams: Sequence[str]) -> str:
    if action in EVERYWHERE_ACTIONS or not teams:
        return f"{_BROKER} can grant it."
    return f"An administrator of the team {' or '.join(teams)} can grant it."
