"""What the page of a team shows: people, what it owns, and service accounts with tokens and trusts."""

from collections.abc import Sequence
from datetime import datetime

from broker.domain.accounts.account import Account, Member, StoredToken, Team
from broker.domain.accounts.permissions import Role
from broker.domain.accounts.trust import Trust
from broker.services.accounts import teams
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class ServiceAccount:
    """A service account of the team; *tokens* are those that can be used."""

    account: Account
    roles: Sequence[Role]
    tokens: Sequence[StoredToken]
    trusts: Sequence[Trust]


@dataclass(frozen=True)
class TeamPage:
    """A team with all that it has."""

    team: Team
    members: Sequence[Member]
    pacticipants: Sequence[str]
    services: Sequence[ServiceAccount]


def team_page(storage: Storage, name: str, now: datetime) -> TeamPage:
    """Return the team with this name: eight statements. Raises NotFoundError."""
    team = teams.find(storage, name)
    services = storage.accounts.of_team(team.id)
    found: Sequence[ServiceAccount] = ()
    if services:
        tokens = storage.tokens.of_team(team.id, now)
        roles = storage.account_roles.all()
        trusts = [each for each in storage.trusts.every() if each.account.team_id == team.id]
        found = [
            ServiceAccount(
                account,
                [each.role for each in roles.get(account.id, ()) if each.team_id == team.id],
                [each for each in tokens if each.account_id == account.id],
                [each for each in trusts if each.account.id == account.id],
            )
            for account in services
        ]
    return TeamPage(team, storage.teams.members(team.id), storage.teams.pacticipants(team.id), found)
