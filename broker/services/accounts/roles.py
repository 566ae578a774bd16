"""Roles: who gets which, and who may give it."""

from collections.abc import Collection, Iterable
from datetime import datetime

from broker.domain.accounts import authority
from broker.domain.accounts.account import Account
from broker.domain.accounts.actor import Grant
from broker.domain.accounts.permissions import Action, Role
from broker.domain.errors import StateRuleError, ValidationError
from broker.domain.names import did_you_mean
from broker.services import permission
from broker.services.accounts import accounts
from broker.services.accounts.accounts import FoundAccount
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class WantedRole:
    """A role that somebody is to have, in the team of this name; without one, everywhere."""

    role: Role
    team: str | None = None


def grants_of(storage: Storage, wanted: Iterable[WantedRole]) -> frozenset[Grant]:
    """Return the roles with the ids of their teams, which stay until the transaction ends.

    Raises ValidationError for teams that are not there, and for roles in the wrong place.
    """
    found: set[Grant] = set()
    problems: list[str] = []
    for each in wanted:
        team = None if each.team is None else storage.teams.find(each.team)
        if each.team is not None and (team is None or not storage.teams.lock(team.id)):
            names = [known.name for known in storage.teams.all()]
            problems.append(f"there is no team '{each.team}'{did_you_mean(each.team, names)}")
            continue
        grant = Grant(each.role, None if team is None else team.id)
        found.add(grant)
        problems.extend(filter(None, [authority.misplaced(grant)]))
    if problems:
        raise ValidationError({"roles": problems})
    return frozenset(found)


def replace(storage: Storage, name: str, wanted: Collection[WantedRole], now: datetime) -> FoundAccount:
    """Give an account exactly these roles, everywhere and in all teams.

    Raises PermissionDeniedError for each that the actor can neither give nor take away, and StateRuleError
    when there would be no administrator left.
    """
    storage.asking.is_asked = True
    found = accounts.find(storage, name)
    if not storage.asking.actor.may_somewhere(Action.MANAGE_TEAM):
        permission.refuse(storage, Action.MANAGE_TEAM, "the roles of others")
    return change(storage, found, grants_of(storage, wanted), now)


def replace_in_team(
    storage: Storage, found: FoundAccount, team_id: int, roles: Collection[Role], now: datetime
) -> FoundAccount:
    """Give an account exactly these roles in a team; those elsewhere stay. Raises as `replace`."""
    elsewhere = {grant for grant in found.grants if grant.team_id != team_id}
    return change(storage, found, elsewhere | {Grant(role, team_id) for role in roles}, now)


def change(storage: Storage, found: FoundAccount, wanted: Collection[Grant], now: datetime) -> FoundAccount:
    """Give an account exactly these roles. Raises as `replace`."""
    account, wanted = found.account, frozenset(wanted)
    if account.is_person and authority.is_administrator(found.grants - wanted):
        accounts.keep_an_administrator(storage, account, "roles")
    storage.accounts.lock(account.id)
    before = FoundAccount(account, storage.account_roles.of(account.id))  # as others have left it
    added, removed = wanted - before.grants, before.grants - wanted
    accounts.refuse_to_give(storage, added | removed)
    _refuse_foreign(storage, account, added)
    problems = list(filter(None, map(authority.misplaced, sorted(added, key=str))))
    if problems:
        raise ValidationError({"roles": problems})
    if not added and not removed:
        return before
    storage.account_roles.change(account.id, added=added, removed=removed, now=now)
    storage.asking.access_changed_at = now
    changed = accounts.find(storage, account.name)
    teams = {role.team for each in (before, changed) for role in each.roles if role.grant in added | removed}
    storage.note(
        "roles",
        account.name,
        team=teams.pop() if len(teams) == 1 else None,
        before=accounts.summary(before)["roles"],
        after=accounts.summary(changed)["roles"],
    )
    return changed


def _refuse_foreign(storage: Storage, account: Account, added: Collection[Grant]) -> None:
    """Raise StateRuleError for a service account of another team: its own team could change it no more."""
    if account.is_person or storage.asking.actor.may_everywhere(Action.ACCOUNTS):
        return
    if any(grant.team_id != account.team_id for grant in added):
        reason = f"are for a service account of {account.team or 'no team'}: create one of your own team"
        raise StateRuleError({"roles": [reason]})
