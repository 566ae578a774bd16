"""Entries of what no client asks for: what the broker does by itself, and commands on its machine."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Self

from broker.domain.accounts.actor import BROKER, Actor
from broker.domain.audit.entry import NewEntry
from broker.settings.settings import Settings
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class OnMachine:
    """Who acts on the machine; without accounts there are entries only if it *is_audited_always*."""

    actor: Actor
    is_audited_always: bool = False

    @classmethod
    def by_itself(cls, settings: Settings) -> Self:
        """Return the broker, which nobody has asked."""
        return cls(BROKER, settings.audit == "always")

    @classmethod
    def by_command(cls, settings: Settings) -> Self:
        """Return the broker, which somebody with a shell on its machine has asked."""
        return cls(replace(BROKER, via="cli"), settings.audit == "always")

    def note(  # noqa: PLR0913 - what an entry says, all named at the call
        self,
        storage: Storage,
        action: str,
        *,
        kind: str,
        name: str,
        now: datetime,
        before: Any = None,
        after: Any = None,
    ) -> None:
        """Store an entry in the transaction of what was done, if there are entries."""
        if self.is_audited_always or storage.access.any_accounts():
            about: dict[str, Any] = {"subject_kind": kind, "subject_name": name}
            entry = NewEntry(at=now, actor=self.actor, action=action, before=before, after=after, **about)
            storage.audit_entries.add(entry)
