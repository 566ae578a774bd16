"""Accounts, teams and tokens, as they are stored."""

from dataclasses import field
from datetime import date, datetime

from broker.domain.accounts.actor import ActorKind, Grant
from broker.domain.accounts.permissions import Action, Role
from broker.domain.accounts.tokens import TokenKind
from tally.values import dataclass

MOST_TOKENS = 100
"""Tokens of one account that are valid at the same time."""
MOST_LIMITS = 100
"""Pacticipants, and environments, that one token may be limited to."""
MOST_ROLES = 200
"""Roles of one account."""
LONGEST_EMAIL = 254
LONGEST_PASSWORD = 1024
"""Characters that are read; the rules for passwords say how many there may be."""
LOG_IN_LINK_MINUTES = 15
"""How long a link lives by which somebody logs in once."""


@dataclass(frozen=True)
class Account:
    """A person or a service account. *team* is the name of the team of a service account."""

    id: int
    uuid: str
    kind: ActorKind
    name: str
    display_name: str
    email: str | None
    team_id: int | None
    team: str | None
    disabled_at: datetime | None
    last_seen_on: date | None
    created_at: datetime
    updated_at: datetime

    @property
    def is_person(self) -> bool:
        return self.kind is ActorKind.PERSON

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None


@dataclass(frozen=True)
class NewAccount:
    """An account to be stored. *password_hash* is that of a person who logs in by a password."""

    name: str
    kind: ActorKind
    display_name: str
    email: str | None = None
    team_id: int | None = None
    password_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AccountRole:
    """A role of an account in a team; everywhere without one.

    *from_group* is the group of an identity provider that gave it, if one did.
    """

    role: Role
    team_id: int | None = None
    team: str | None = None
    from_group: str | None = None

    @property
    def grant(self) -> Grant:
        return Grant(self.role, self.team_id)


@dataclass(frozen=True)
class Team:
    """People who own pacticipants together."""

    id: int
    uuid: str
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Member:
    """An account in a team, with its roles there."""

    account: Account
    roles: tuple[Role, ...]
    from_group: str | None = None


@dataclass(frozen=True)
class StoredToken:
    """What is kept of a token. *account* is the name of its account; *limits* are what it takes away."""

    id: int
    uuid: str
    account_id: int
    account: str
    kind: TokenKind
    name: str
    prefix: str
    limits: "TokenLimits"
    origin: str | None
    expires_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None
    created_at: datetime

    def is_valid(self, now: datetime) -> bool:
        """Return whether it was not revoked and has not expired."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True)
class TokenLimits:
    """What a token takes away from its account: None takes nothing away."""

    scopes: frozenset[Action] | None = None
    pacticipants: frozenset[str] | None = None
    environments: frozenset[str] | None = None


@dataclass(frozen=True)
class TokenWish:
    """A token that somebody asks for; it lives *days*, or as long as is usual."""

    name: str
    days: int | None
    limits: TokenLimits = field(default_factory=TokenLimits)


@dataclass(frozen=True)
class LeftOver:
    """What a team still has, by name: it cannot be deleted as long as it has any."""

    webhooks: int
    secrets: tuple[str, ...]
    service_accounts: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.webhooks or self.secrets or self.service_accounts)
