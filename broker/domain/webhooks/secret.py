"""Secrets of webhooks, whose values are never shown."""

from datetime import datetime

from broker.domain.accounts.belonging import Belonging
from tally.values import dataclass


@dataclass(frozen=True)
class Secret:
    """A named value, as it is shown: without the value.

    Only webhooks of its team use it, or of no team if it has none, and only for its *hosts*; None is any.
    """

    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime
    team_id: int | None = None
    team: str | None = None
    hosts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class NewSecret:
    """A secret as a user describes it; what is None of its *belonging* and *hosts* stays as it is."""

    name: str
    description: str | None
    value: str
    belonging: Belonging | None = None
    hosts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class SealedSecret:
    """A secret as a webhook uses it: its encrypted value, whose it is, and where it may be sent."""

    token: bytes
    team_id: int | None = None
    hosts: tuple[str, ...] | None = None
