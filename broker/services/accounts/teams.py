"""Teams: who is in them, what they own, and their service accounts."""

from collections.abc import Collection, Sequence
from datetime import datetime

from broker.domain.accounts import authority
from broker.domain.accounts.account import Account, LeftOver, Member, NewAccount, Team
from broker.domain.accounts.account_names import broken_name_rule, written
from broker.domain.accounts.actor import Grant
from broker.domain.accounts.permissions import Action, Role
from broker.domain.errors import NotFoundError, PermissionDeniedError, StateRuleError, ValidationError
from broker.domain.names import did_you_mean
from broker.services import permission
from broker.services.accounts import accounts, roles
from broker.services.accounts.accounts import FoundAccount
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class TeamCounts:
    """A team in a list."""

    team: Team
    members: int
    pacticipants: int


@dataclass(frozen=True)
class TeamDetails:
    """A team with all that it has."""

    team: Team
    members: Sequence[Member]
    pacticipants: Sequence[str]
    service_accounts: Sequence[FoundAccount]


@dataclass(frozen=True)
class TeamChange:
    """What is to be different; None leaves it as it is. A *description* "" removes it."""

    name: str | None = None
    description: str | None = None


def everyone(storage: Storage) -> list[TeamCounts]:
    """Return every team, sorted by name."""
    counts = storage.teams.counts()
    return [TeamCounts(team, *counts.get(team.id, (0, 0))) for team in storage.teams.all()]


def find(storage: Storage, name: str) -> Team:
    """Return the team with this name, whatever its case. Raises NotFoundError."""
    found = storage.teams.find(name)
    if found is None:
        hint = did_you_mean(name, [team.name for team in storage.teams.all()])
        raise NotFoundError(f"No team with name '{name}' found{hint}")
    return found


def details(storage: Storage, name: str) -> TeamDetails:
    """Return a team with its members, pacticipants and service accounts. Raises NotFoundError."""
    team = find(storage, name)
    service_accounts = [
        FoundAccount(account, storage.account_roles.of(account.id))
        for account in storage.accounts.of_team(team.id)
    ]
    return TeamDetails(
        team, storage.teams.members(team.id), storage.teams.pacticipants(team.id), service_accounts
    )


def create(storage: Storage, name: str, description: str | None, now: datetime) -> TeamDetails:
    """Add a team. Raises ValidationError for a name that it cannot have, PermissionDeniedError."""
    permission.require_everywhere(storage, Action.ACCOUNTS)
    name = _checked(name)
    if storage.teams.add(name, description, now) is None:
        raise _taken(storage, name)
    storage.note("team", name, team=name, after={"description": description})
    return details(storage, name)


def change(storage: Storage, name: str, wanted: TeamChange, now: datetime) -> TeamDetails:
    """Describe a team, or give it another name. Raises as `create`."""
    team = find(storage, name)
    permission.require_team(storage, Action.MANAGE_TEAM, team.id)
    new_name = team.name if wanted.name is None else _checked(wanted.name)
    if new_name != team.name:
        permission.require_everywhere(storage, Action.ACCOUNTS)  # others know it by its name
        alike = storage.teams.alike(new_name)
        if alike not in {None, team.name}:
            raise _taken(storage, new_name)
    said = team.description if wanted.description is None else wanted.description or None
    if not storage.teams.change(team.id, new_name, said, now):
        raise StateRuleError({"name": ["is taken"]})
    storage.note(
        "team",
        team.name,
        team=team.name,
        before={"name": team.name, "description": team.description},
        after={"name": new_name, "description": said},
    )
    return details(storage, new_name)


def delete(storage: Storage, name: str, now: datetime) -> None:
    """Remove a team: its members stay, without their roles in it; what it owned has one owner less.

    Raises StateRuleError that says what it still has.
    """
    permission.require_everywhere(storage, Action.ACCOUNTS)
    found = details(storage, name)
    team = found.team
    storage.teams.lock(team.id)
    if left := left_over(storage, team):
        raise StateRuleError({"team": [left]})
    storage.teams.delete(team.id)
    storage.asking.access_changed_at = now
    before = {"pacticipants": found.pacticipants, "members": [each.account.name for each in found.members]}
    storage.note("team", team.name, team=team.name, before=before)


def left_over(storage: Storage, team: Team) -> str:
    """Return what a team still has and must be removed before it; "" for nothing."""
    left = storage.teams.left_over(team.id)
    return _has_still(team, left) if left else ""


def put_member(
    storage: Storage, name: str, account: str, wanted: Collection[Role], now: datetime
) -> FoundAccount:
    """Give somebody exactly these roles in a team. Raises PermissionDeniedError and NotFoundError."""
    team = _managed(storage, name)
    found = accounts.find(storage, account)
    _check_same_team(found.account, team)
    return roles.replace_in_team(storage, found, team.id, wanted, now)


def remove_member(storage: Storage, name: str, account: str, now: datetime) -> None:
    """Take all roles in a team away from somebody. Raises PermissionDeniedError and NotFoundError."""
    team = _managed(storage, name)
    found = accounts.find(storage, account)
    if not any(grant.team_id == team.id for grant in found.grants):
        raise NotFoundError(f"{found.account.name} has no role in the team '{team.name}'")
    roles.replace_in_team(storage, found, team.id, (), now)


def own(storage: Storage, name: str, pacticipant: str, now: datetime) -> bool:
    """Give a pacticipant to a team, and create it first if need be; return whether the team did not have it.

    Who publishes for the team may create it. One that is there already is given by an administrator, or
    shared by who manages a team that owns it.
    """
    team = find(storage, name)
    before = storage.teams.owners(pacticipant)
    _require_giving(storage, team, pacticipant)
    pacticipants.check_names({"pacticipant": pacticipant})
    if not storage.teams.lock(team.id):
        raise NotFoundError(f"No team with name '{name}' found")
    known = storage.pacticipants.find_or_create([pacticipant], now)[pacticipant]
    is_new = storage.teams.own(team.id, known.id, now)
    _note_owners(storage, team, pacticipant, before)
    return is_new


def disown(storage: Storage, name: str, pacticipant: str) -> None:
    """Take a pacticipant away from a team. Raises NotFoundError when the team does not have it."""
    team = _managed(storage, name)
    before = storage.teams.owners(pacticipant)
    known = storage.pacticipants.find(pacticipant)
    if known is None or not storage.teams.disown(team.id, known.id):
        raise NotFoundError(f"The team '{team.name}' does not own '{pacticipant}'")
    _note_owners(storage, team, pacticipant, before)


def create_service_account(
    storage: Storage, name: str, new: NewAccount, wanted: Collection[Role], now: datetime
) -> FoundAccount:
    """Add a service account of a team, with these roles in it. Raises as `accounts.create`."""
    team = _managed(storage, name)
    of_team = NewAccount(**{**vars(new), "team_id": team.id})
    grants = [Grant(role, team.id) for role in wanted]
    if problems := [problem for problem in map(authority.misplaced, grants) if problem]:
        raise ValidationError({"roles": problems})
    return accounts.create(storage, of_team, grants, now)


def _managed(storage: Storage, name: str) -> Team:
    """Return a team that the actor manages, and that stays until the transaction ends."""
    team = find(storage, name)
    permission.require_team(storage, Action.MANAGE_TEAM, team.id)
    if not storage.teams.lock(team.id):
        raise NotFoundError(f"No team with name '{name}' found")
    return team


def _require_giving(storage: Storage, team: Team, pacticipant: str) -> None:
    actor = storage.asking.actor
    storage.asking.is_asked = True
    if actor.may_everywhere(Action.ACCOUNTS):
        return
    owners = storage.access.owners([pacticipant]).get(pacticipant)
    if owners is None:
        may = actor.may(Action.PUBLISH, pacticipant, {team.id})
        needed = Action.PUBLISH
    else:
        # It is theirs already, and stays theirs: another team may be invited to it.
        may = actor.may(Action.MANAGE_TEAM, pacticipant, owners)
        needed = Action.MANAGE_TEAM if owners else Action.ACCOUNTS
    if not may:
        permission.refuse(storage, needed, pacticipant, owned_by=owners or ())
        raise PermissionDeniedError(f"{actor.name} may not give {pacticipant} to a team.")
    if owners is None:
        permission.require_distinct(storage, Action.PUBLISH, [pacticipant], {team.id})


def _note_owners(storage: Storage, team: Team, pacticipant: str, before: Sequence[str]) -> None:
    after = storage.teams.owners(pacticipant)
    storage.note("pacticipant", pacticipant, team=team.name, before={"teams": before}, after={"teams": after})


def _checked(name: str) -> str:
    name = written(name)
    if broken := broken_name_rule(name):
        raise ValidationError({"name": [broken]})
    return name


def _taken(storage: Storage, name: str) -> StateRuleError:
    return StateRuleError(
        {"name": [f"is taken, or looks like that of a team: '{storage.teams.alike(name)}'"]}
    )


def _check_same_team(account: Account, team: Team) -> None:
    if not account.is_person and account.team_id != team.id:
        reason = f"is a service account of {account.team or 'no team'}: create one for {team.name}"
        raise StateRuleError({"account": [reason]})


def _has_still(team: Team, left: LeftOver) -> str:
    parts = []
    if left.webhooks:
        parts.append(f"{left.webhooks} webhook{'s' if left.webhooks > 1 else ''}")
    if left.secrets:
        parts.append(f"the secrets {', '.join(left.secrets)}")
    if left.service_accounts:
        parts.append(f"the service accounts {', '.join(left.service_accounts)}")
    return f"'{team.name}' still has {' and '.join(parts)}: remove them first"
