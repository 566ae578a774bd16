"""For whom a transaction works, and what it must do for them before it is committed."""

from dataclasses import field
from datetime import datetime

from broker.domain.accounts.actor import BROKER, Actor
from broker.domain.accounts.permissions import Action
from tally.values import dataclass


@dataclass(frozen=True)
class RefusedAction:
    """What an actor may not do, and to what."""

    action: Action
    what: str


@dataclass
class Asking:
    """The actor of one transaction.

    *is_asked* says that somebody has asked whether the actor may do this: what nobody asks for is not
    committed. *allowed* has what was found to be theirs, so that it is looked up once, and *refused* what
    they may not do. *new_owners* has the teams of pacticipants that the transaction creates, by name, and
    *access_changed_at* is when it changed what somebody may do, if it did.
    """

    actor: Actor = BROKER
    at: datetime | None = None
    """When the transaction was begun, if a client asks."""
    is_enforced: bool = True
    """Whether what the actor may not do is refused; otherwise it is only reported."""
    is_asked: bool = False
    names: list[str] = field(default_factory=list)
    """The pacticipants that somebody has asked about."""
    allowed: set[tuple[Action, str]] = field(default_factory=set)
    refused: list[RefusedAction] = field(default_factory=list)
    new_owners: dict[str, int] = field(default_factory=dict)
    access_changed_at: datetime | None = None
