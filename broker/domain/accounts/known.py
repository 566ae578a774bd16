"""What a process remembers of accounts and tokens, so that a request asks the database nothing."""

from dataclasses import replace
from datetime import datetime

from broker.domain.accounts.actor import Actor, ActorKind, Grant
from broker.domain.accounts.permissions import Action
from tally.values import dataclass


@dataclass(frozen=True)
class KnownAccount:
    """An account with everything that its actor is made of."""

    id: int
    uuid: str
    name: str
    kind: ActorKind
    team_id: int | None
    is_disabled: bool
    grants: frozenset[Grant]

    def actor(self, via: str) -> Actor:
        """Return who asks, when it is this account; *via* says by what it is known."""
        return Actor(
            self.name,
            self.kind,
            via,
            uuid=self.uuid,
            account_id=self.id,
            team_id=self.team_id,
            grants=self.grants,
        )


@dataclass(frozen=True)
class KnownToken:
    """A token that was not revoked, and what it takes away from its account."""

    id: int
    account_id: int
    prefix: str
    expires_at: datetime
    scopes: frozenset[Action] | None
    pacticipants: frozenset[str] | None
    environments: frozenset[str] | None

    def actor(self, account: KnownAccount) -> Actor:
        """Return who asks, when it is with this token of *account*."""
        return replace(
            account.actor(self.prefix),
            scopes=self.scopes,
            pacticipants=self.pacticipants,
            environments=self.environments,
            expires_at=self.expires_at,
        )
