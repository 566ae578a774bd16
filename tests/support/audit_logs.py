"""Audit logs to read, to change by hand, and to verify."""

from datetime import UTC, datetime, timedelta

from broker.domain.accounts.actor import Actor, ActorKind
from broker.domain.audit.entry import NewEntry
from broker.services.audit import reading, sealing
from tally.audit.sealed import from_document

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ADA = Actor("ada", ActorKind.PERSON, "session", uuid="7b0f4f8e-5a54-4a2c-9a35-3f0d4b1c2a10")


def an_entry(name="Shop", *, actor=ADA, at=NOW, **more):
    """An entry to add."""
    given = {"action": "publish", "subject_kind": "pacticipant", "after": {"name": name}, **more}
    return NewEntry(at=at, actor=actor, subject_name=name, **given)


def add(database, *names, **more):
    """Add an entry about each of these."""
    with database.transaction() as storage:
        for name in names:
            storage.audit_entries.add(an_entry(name, **more))


def seal(database, *, now=NOW, holder="test"):
    """Seal what has no seal."""
    with database.transaction() as storage:
        return sealing.seal_some(storage, holder, now)


def sealed_log(database, *seals, now=NOW):
    """Add entries, a seal for each list of names."""
    for number, names in enumerate(seals):
        add(database, *names, at=now + timedelta(seconds=number))
        seal(database, now=now + timedelta(seconds=number))


def entries(database, which):
    """All entries, in the order of their seals."""
    with database.reading() as storage:
        return storage.audit_entries.oldest_first(which, 1000)


def read_seals(database):
    """The seals with their entries, as whoever verifies gets them."""
    after = 0
    while True:
        with database.reading() as storage:
            found, is_more = reading.seals(storage, after)
        for each in found:
            document = {**each.seal.to_document(), "hashes": each.seal.hashes()}
            yield from_document(document, [entry.to_document() for entry in each.entries])
        if not is_more:
            return
        after = found[-1].seal.number
