"""Who asks, and what they may do."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from broker.domain.accounts.permissions import (
    ALLOWED,
    OF_ENVIRONMENTS,
    OF_TEAMS,
    PROTECTED_DEPLOYERS,
    Action,
    Role,
)
from tally.values import dataclass


class ActorKind(StrEnum):
    """What kind of client asks."""

    PERSON = "person"
    SERVICE = "service"
    SETTINGS = "settings"
    """A user or a token of the broker's settings."""
    NOBODY = "nobody"
    """Nobody that is known: the broker is open, or it is read without credentials."""
    BROKER = "broker"
    """The broker itself: its worker, its clean-up, a command on its machine."""


@dataclass(frozen=True)
class Grant:
    """A role in a team, by the team's id; everywhere without one."""

    role: Role
    team_id: int | None = None


@dataclass(frozen=True)
class Target:
    """Where something is to be deployed: whether the environment is protected, and the teams it lists."""

    name: str
    is_protected: bool = False
    deployers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Actor:
    """Who asks. What they may do follows from their grants; what limits a token takes away from that.

    *scopes*, *pacticipants* and *environments* are None where nothing is taken away. *via* says by what they
    are known: the prefix of a token, "session", "settings", "cli".
    """

    name: str
    kind: ActorKind
    via: str
    uuid: str = ""
    account_id: int | None = None
    team_id: int | None = None
    """The team of a service account."""
    grants: frozenset[Grant] = frozenset()
    scopes: frozenset[Action] | None = None
    pacticipants: frozenset[str] | None = None
    environments: frozenset[str] | None = None
    expires_at: datetime | None = None
    """When their token expires; None without a token that does."""

    def may_somewhere(self, action: Action) -> bool:
        """Return whether there is anything at all to which they may do this."""
        return self._is_in_scope(action) and any(action in ALLOWED[grant.role] for grant in self.grants)

    def may_everywhere(self, action: Action) -> bool:
        """Return whether they may do this to whatever there is, also to what no team owns."""
        return (
            self._is_in_scope(action)
            and self.pacticipants is None
            and not self.is_too_limited(action)
            and any(grant.team_id is None and action in ALLOWED[grant.role] for grant in self.grants)
        )

    def may(self, action: Action, pacticipant: str, teams: Collection[int]) -> bool:
        """Return whether they may do this to a pacticipant that these *teams* own."""
        return (
            self._is_in_scope(action)
            and (self.pacticipants is None or pacticipant in self.pacticipants)
            and bool(self._roles(action, teams))
        )

    def may_deploy(self, pacticipant: str, teams: Collection[int], target: Target) -> bool:
        """Return whether they may record that a pacticipant is there, or is no more."""
        if self.environments is not None and target.name not in self.environments:
            return False
        if not self.may(Action.DEPLOY, pacticipant, teams):
            return False
        if not target.is_protected:
            return True
        listed = [team for team in teams if team in target.deployers]
        roles = self._roles(Action.DEPLOY, listed) if listed else set()
        everywhere = {grant.role for grant in self.grants if grant.team_id is None}
        return Role.ADMINISTRATOR in everywhere or bool(roles & PROTECTED_DEPLOYERS)

    def may_for_team(self, action: Action, team_id: int | None) -> bool:
        """Return whether they may do this for a team; without one, for all."""
        return (
            self._is_in_scope(action)
            and not self.is_too_limited(action)
            and bool(self._roles(action, () if team_id is None else (team_id,)))
        )

    def is_too_limited(self, action: Action) -> bool:
        """Return whether their token is for some pacticipants or environments, and this reaches further."""
        return (self.pacticipants is not None and action in OF_TEAMS) or (
            self.environments is not None and action in OF_ENVIRONMENTS
        )

    def teams_for(self, action: Action) -> frozenset[int]:
        """Return the ids of the teams in which they may do this."""
        if not self._is_in_scope(action):
            return frozenset()
        return frozenset(
            grant.team_id
            for grant in self.grants
            if grant.team_id is not None and action in ALLOWED[grant.role]
        )

    def _is_in_scope(self, action: Action) -> bool:
        return self.scopes is None or action in self.scopes or action is Action.OWN_ACCOUNT

    def _roles(self, action: Action, teams: Collection[int]) -> set[Role]:
        return {
            grant.role
            for grant in self.grants
            if action in ALLOWED[grant.role] and (grant.team_id is None or grant.team_id in teams)
        }


EVERYTHING = frozenset({Grant(Role.ADMINISTRATOR)})
BROKER = Actor("broker", ActorKind.BROKER, "broker", grants=EVERYTHING)
"""Who does what no client has asked for."""
