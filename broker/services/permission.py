"""Ask, inside a transaction, whether its actor may do what it is about to do.

Every change asks here. A transaction in which nobody has asked is not committed (`broker/web/permitted.py`),
so that a change that forgets to ask is an error and no hole.
"""

from collections.abc import Collection, Sequence

from broker.domain.accounts.actor import Actor, Target
from broker.domain.accounts.asking import RefusedAction
from broker.domain.accounts.denial import denial, deployment_denial
from broker.domain.accounts.look_alikes import look_alike
from broker.domain.accounts.permissions import ALWAYS_ENFORCED, Action
from broker.domain.errors import PermissionDeniedError
from broker.domain.model import Environment
from broker.storage.storage import Storage

_CREATING = frozenset({Action.PUBLISH, Action.VERIFY})


def require(storage: Storage, action: Action, *names: str) -> None:
    """Let the actor do this to pacticipants, or raise PermissionDeniedError.

    A pacticipant that is not there yet will belong to the team for which the actor publishes.
    """
    actor = _asked(storage, *names)
    if actor.may_everywhere(action):
        return
    allowed = storage.asking.allowed
    if not (unknown := [name for name in names if (action, name) not in allowed]):
        return
    owners = storage.access.owners(unknown)
    for name in unknown:
        teams = owners.get(name)
        if teams is None:
            teams = _teams_of_new(storage, action, name)
        if not actor.may(action, name, teams):
            refuse(storage, action, name, owned_by=teams)
        allowed.add((action, name))  # also what was refused, if that is only reported: it is reported once


def require_everywhere(storage: Storage, action: Action) -> None:
    """Let the actor do this to what no team owns, or raise PermissionDeniedError."""
    actor = _asked(storage)
    if not actor.may_everywhere(action):
        refuse(storage, action, "all of the broker")


def require_team(storage: Storage, action: Action, team_id: int | None) -> None:
    """Let the actor do this for a team (without one, for all), or raise PermissionDeniedError."""
    actor = _asked(storage)
    if not actor.may_for_team(action, team_id):
        refuse(storage, action, "this team" if team_id is not None else "what is of no team")


def require_own(storage: Storage, account_id: int) -> None:
    """Let the actor change something of an account of their own, or raise PermissionDeniedError."""
    actor = _asked(storage)
    if actor.account_id != account_id:
        refuse(storage, Action.ACCOUNTS, "the account of somebody else")


def require_deployment(storage: Storage, pacticipant: str, environment: Environment) -> None:
    """Let the actor record that a pacticipant is in an environment, or not any more."""
    actor = _asked(storage, pacticipant)
    if not _may_deploy_everywhere(actor):
        target = storage.access.target(environment.uuid) or Target(environment.name)
        _require_targets(storage, pacticipant, [target])


def require_end_of_deployments(storage: Storage, pacticipant: str, version: str | None = None) -> None:
    """Let the actor remove a version, or all, of a pacticipant: that ends where they are deployed."""
    if not _may_deploy_everywhere(storage.asking.actor):
        _require_targets(storage, pacticipant, storage.access.targets_of(pacticipant, version))


def _may_deploy_everywhere(actor: Actor) -> bool:
    return actor.may_everywhere(Action.ADMINISTER) and actor.environments is None and actor.scopes is None


def _require_targets(storage: Storage, pacticipant: str, targets: Sequence[Target]) -> None:
    if not targets:
        return
    actor = storage.asking.actor
    teams = storage.access.owners([pacticipant]).get(pacticipant, frozenset())
    for target in targets:
        if not actor.may_deploy(pacticipant, teams, target):
            names = storage.access.team_names(teams) if teams else ()
            lacks_list = actor.may(Action.DEPLOY, pacticipant, teams) and not target.deployers & set(teams)
            why = deployment_denial(actor, pacticipant, target, names, lacks_list=lacks_list and bool(teams))
            kind = "the protected environment" if target.is_protected else "the environment"
            refuse(storage, Action.DEPLOY, f"{pacticipant} in {kind} {target.name}", why=why)


def refuse(
    storage: Storage, action: Action, what: str, *, owned_by: Collection[int] = (), why: str = ""
) -> None:
    """Raise PermissionDeniedError, unless permissions are only reported.

    It says *why*, or else which permission is missing, and who grants it.
    """
    asking = storage.asking
    asking.refused.append(RefusedAction(action, what))
    if asking.is_enforced or action in ALWAYS_ENFORCED:
        teams = storage.access.team_names(owned_by) if owned_by else ()
        raise PermissionDeniedError(why or denial(asking.actor, action, what, teams))


def _asked(storage: Storage, *names: str) -> Actor:
    storage.asking.is_asked = True
    storage.asking.names.extend(name for name in names if name not in storage.asking.names)
    return storage.asking.actor


def _teams_of_new(storage: Storage, action: Action, name: str) -> frozenset[int]:
    """Return the team that a new pacticipant will belong to, if there is one that follows from the actor."""
    actor = storage.asking.actor
    teams = actor.teams_for(action)
    if action not in _CREATING:
        return teams  # there is nothing to do this to, and the answer will say so
    if actor.team_id in teams:
        teams = frozenset({actor.team_id})
    if len(teams) > 1:
        names = ", ".join(storage.access.team_names(teams))
        why = (
            f"{name} does not exist yet, and {actor.name} publishes for several teams: {names}. Create it for"
            f" one of them first: tally teams own TEAM {name}"
        )
        refuse(storage, action, f"{name}, which is new", why=why)
        return teams
    for team_id in teams:
        require_distinct(storage, action, [name], teams)
        storage.asking.new_owners[name] = team_id
    return teams


def require_distinct(
    storage: Storage, action: Action, names: Collection[str], teams: Collection[int] | None = None
) -> None:
    """Refuse to create pacticipants that readers take for those of other teams than these (or the actor's).

    Who may publish for all teams may create them.
    """
    actor = storage.asking.actor
    if not names or actor.may_everywhere(action):
        return
    owned = storage.access.owned()
    for name in names:
        found = look_alike(name, owned, actor.teams_for(action) if teams is None else teams)
        if found is not None:
            other, team_id = found
            (team,) = storage.access.team_names([team_id])
            why = (
                f"The new name {name!a} looks like {other}, which the team {team} owns: choose another one, "
                "or let an administrator of the broker create it"
            )
            refuse(storage, action, f"{name}, which is new", why=why)
