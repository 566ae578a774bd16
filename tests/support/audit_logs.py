"""Audit logs to read, to change by hand, and to verify."""

from datetime import UTC, datetime, timedelta

from broker.domain.accounts.actor import Actor, ActorKind
from broker.domain.audit.entry import NewEntry, Outcome
from broker.services.audit import reading, sealing
from broker.storage.leases import AUDIT_SEALS
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


def seal(database, *, now=NOW, holder="test", keeps_lease=False):
    """Seal what has no seal."""
    with database.transaction() as storage:
        made = sealing.seal_some(storage, holder, now)
        if not keeps_lease:
            storage.leases.give_back(AUDIT_SEALS, holder)
        return made


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


def of_a_retailer(database, now):
    """Fill a log with what happens in a day at a retailer."""
    for turn in range(12):
        at = now - timedelta(hours=24 - 2 * turn)
        with database.transaction() as storage:
            for actor, action, name, more in _OF_A_RETAILER:
                kind = action.partition(".")[0]
                about = {"action": action, "subject_kind": kind, "subject_name": name, **more}
                found = {"address": "203.0.113.7", "request_id": f"r{turn}"}
                storage.audit_entries.add(NewEntry(at=at, actor=actor, **about, **found))
        if turn < 11:
            seal(database, now=at)


_CI = Actor("checkout-ci", ActorKind.SERVICE, "tallyc_4f6a1c2b", uuid="0e6a9d0e-0b62-4a4c-8d0e-6b2f4a1c2d3e")
_EVE = Actor("<b>eve", ActorKind.NOBODY, "password")
_HEADERS = {"Authorization": "Bearer abcdef0123456789"}
_WEBHOOK = {
    "team": "selling",
    "before": {"url": "https://ci.example.org/verify", "headers": _HEADERS},
    "after": {"url": "https://ci.example.org/orders", "events": ["contract_published"], "text": "x" * 400},
}
_OF_A_RETAILER = (
    (_CI, "contracts.publish", "", {"team": "selling", "after": {"branch": "main"}}),
    (_CI, "deployed_versions.record", "Checkout / 1.7.0 / production", {}),
    (ADA, "webhooks.replace", "CI of Orders", _WEBHOOK),
    (ADA, "pacticipants.delete", "A" * 300, {"outcome": Outcome.REFUSED}),
    (_EVE, "log-in", "eve", {"outcome": Outcome.FAILED}),
)
