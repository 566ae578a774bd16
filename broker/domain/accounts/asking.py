"""For whom a transaction works, and what it must do for them before it is committed."""

from dataclasses import dataclass, field
from datetime import datetime

from broker.domain.accounts.actor import BROKER, Actor


@dataclass
class Asking:
    """The actor of one transaction.

    *is_asked* says that somebody has asked whether the actor may do this: what nobody asks for is not
    committed. *new_owners* has the teams of pacticipants that the transaction creates, by name, and
    *access_changed_at* is when it changed what somebody may do, if it did.
    """

    actor: Actor = BROKER
    at: datetime | None = None
    """When the transaction was begun, if a client asks."""
    is_enforced: bool = True
    """Whether what the actor may not do is refused; otherwise it is only counted."""
    is_asked: bool = False
    names: list[str] = field(default_factory=list)
    """The pacticipants that somebody has asked about."""
    new_owners: dict[str, int] = field(default_factory=dict)
    access_changed_at: datetime | None = None
