"""Find out to which team something is to belong, and whether its author may decide that."""

from broker.domain.accounts.belonging import Belonging
from broker.domain.accounts.permissions import Action
from broker.domain.errors import ValidationError
from broker.services import permission
from broker.storage.storage import Storage


def team_of_new(storage: Storage, action: Action, belonging: Belonging | None) -> int | None:
    """Return the id of the team of something new; None is all of the broker.

    Raises PermissionDeniedError, and ValidationError for an unknown team, or when it has to be named.
    """
    team_id = _only_team(storage, action) if belonging is None else _named(storage, belonging)
    permission.require_team(storage, action, team_id)
    return team_id


def team_of_changed(
    storage: Storage, action: Action, current: int | None, belonging: Belonging | None
) -> int | None:
    """Return the id of the team of something that is changed: who moves it may change it in both."""
    permission.require_team(storage, action, current)
    if belonging is None:
        return current
    team_id = _named(storage, belonging)
    permission.require_team(storage, action, team_id)
    return team_id


def team_ids(storage: Storage, field: str, names: tuple[str, ...]) -> list[int]:
    """Return the ids of teams. Raises ValidationError for those that do not exist."""
    found = {name: storage.teams.find(name) for name in names}
    if unknown := [name for name, team in found.items() if team is None]:
        raise ValidationError({field: [f"there is no team '{name}'" for name in unknown]})
    return list(dict.fromkeys(team.id for team in found.values() if team is not None))


def _named(storage: Storage, belonging: Belonging) -> int | None:
    return team_ids(storage, "team", (belonging.team,))[0] if belonging.team is not None else None


def _only_team(storage: Storage, action: Action) -> int | None:
    actor = storage.asking.actor
    if actor.may_everywhere(action):
        return None
    teams = actor.teams_for(action)
    if len(teams) > 1:
        names = ", ".join(storage.access.team_names(teams))
        raise ValidationError({"team": [f"is missing: you may do this for several teams, {names}"]})
    return next(iter(teams), None)
