"""What somebody is told who may not do something: which permission is missing, and who can give it."""

from collections.abc import Sequence

from broker.domain.accounts.actor import Actor, ActorKind
from broker.domain.accounts.permissions import EVERYWHERE_ACTIONS, Action

_BROKER = "An administrator of the broker"


def denial(actor: Actor, action: Action, what: str = "", teams: Sequence[str] = ()) -> str:
    """Return why the actor may not do this to *what*, which these *teams* own."""
    about = f" for {what}" if what else ""
    needed = f"{actor.name} may not do this: it needs the permission '{action}'{about}."
    if actor.kind is ActorKind.SETTINGS and action not in (actor.scopes or ()):
        return f"{needed} No user or token of the settings has it. Use an account, with a token of its own."
    if actor.scopes is not None and action not in actor.scopes:
        return f"{needed} This token has other scopes. Whoever makes these tokens can make one with it."
    if actor.is_too_limited(action):
        return f"{needed} This token is limited to some applications or environments. Use one that is not."
    return f"{needed} {_granted_by(action, teams)} can grant it."


def _granted_by(action: Action, teams: Sequence[str]) -> str:
    if action in EVERYWHERE_ACTIONS or not teams:
        return _BROKER
    return f"An administrator of the team {' or '.join(teams)}"
