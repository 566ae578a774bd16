"""Removing old entries of the audit log: whole seals, whose hashes stay, so that the rest can be verified."""

from datetime import datetime

from broker.domain.accounts.actor import BROKER, Actor
from broker.domain.audit.entry import NewEntry
from broker.storage.storage import Storage
from tally.audit.age import months_before

AT_ONCE = 200
"""Seals whose entries are removed in one transaction."""


def remove_some(storage: Storage, months: int, now: datetime, actor: Actor = BROKER) -> int:
    """Remove the entries of some seals made more than *months* ago; return how many seals.

    That some were removed is an entry itself.
    """
    numbers = storage.audit_seals.older_than(months_before(now, months), AT_ONCE)
    if not numbers:
        return 0
    count = storage.audit_seals.remove_entries(numbers, now)
    storage.audit_entries.add(
        NewEntry(
            at=now,
            actor=actor,
            action="clean-up",
            subject_kind="audit-log",
            subject_name=f"seals {numbers[0]} to {numbers[-1]}",
            after={"removedEntries": count, "months": months},
        )
    )
    return len(numbers)
