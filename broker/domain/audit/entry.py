"""An entry of the audit log: who did what, to what, and what came of it."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson

from broker.domain.accounts.actor import Actor
from broker.domain.audit.details import details
from tally.audit.hashing import canonical_fields
from tally.values import dataclass

MOST_OF_A_NAME = 500
"""Characters of one name that are kept; an index of PostgreSQL takes 2,704 bytes."""
_UNREADABLE = {0: "\ufffd", **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}


class Outcome(StrEnum):
    """What came of what was asked."""

    DONE = "done"
    REFUSED = "refused"
    """The actor may not."""
    FAILED = "failed"
    """A log-in or an exchange that did not succeed."""
    OVERRIDDEN = "overridden"
    """Done although can-i-deploy said no."""
    REPORTED = "reported"
    """Done although the actor may not: TALLY_PERMISSIONS=report refuses nothing."""


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """What is to be stored. *before* and *after* are values of JSON; they are redacted and cut when stored.

    *action* is an Action, or what happened otherwise: "log-in", "exchange", "clean-up". *team* is a name.
    """

    at: datetime
    actor: Actor
    action: str
    subject_kind: str
    subject_name: str
    outcome: Outcome = Outcome.DONE
    address: str | None = None
    team: str | None = None
    before: Any = None
    after: Any = None
    request_id: str | None = None


@dataclass(frozen=True)
class Entry:
    """A stored entry; *before* and *after* are canonical JSON.

    The moment is in UTC, to the microsecond. *seal* is the number of its seal, None before it is sealed.
    """

    uuid: str
    at: datetime
    actor_uuid: str | None
    actor_name: str
    actor_kind: str
    via: str
    address: str | None
    action: str
    subject_kind: str
    subject_name: str
    team: str | None
    before: bytes | None
    after: bytes | None
    request_id: str | None
    outcome: str
    seal: int | None = None

    def canonical(self) -> bytes:
        """Return the JSON that is hashed, the same on every database."""
        return canonical_fields(self._fields(), self.before or b"null", self.after or b"null")

    def to_document(self) -> dict[str, Any]:
        """Return what the API says of it, without its seal and links."""
        return {
            **self._fields(),
            "before": None if self.before is None else orjson.loads(self.before),
            "after": None if self.after is None else orjson.loads(self.after),
        }

    def _fields(self) -> dict[str, Any]:
        return {
            "uuid": self.uuid,
            "at": moment_text(self.at),
            "actor": {"uuid": self.actor_uuid, "name": self.actor_name, "kind": self.actor_kind},
            "via": self.via,
            "address": self.address,
            "action": self.action,
            "subject": {"kind": self.subject_kind, "name": self.subject_name},
            "team": self.team,
            "before": None,
            "after": None,
            "requestId": self.request_id,
            "outcome": self.outcome,
        }


def stored_entry(new: NewEntry, uuid: str) -> Entry:
    """Return the entry to store: without secrets, and no longer than the log takes."""
    return Entry(
        uuid=uuid,
        at=new.at.astimezone(UTC),
        actor_uuid=new.actor.uuid or None,
        actor_name=short(new.actor.name),
        actor_kind=new.actor.kind.value,
        via=short(new.actor.via),
        address=None if new.address is None else short(new.address),
        action=short(new.action),
        subject_kind=short(new.subject_kind, most=32),
        subject_name=short(new.subject_name),
        team=None if new.team is None else short(new.team),
        before=details(new.before),
        after=details(new.after),
        request_id=None if new.request_id is None else short(new.request_id),
        outcome=new.outcome.value,
    )


def short(text: str, *, most: int = MOST_OF_A_NAME) -> str:
    """Return a name as the log keeps it: what no database holds is replaced, and what is cut is said."""
    if not text.isascii() or "\0" in text:  # most are plain: looking is quicker than replacing
        text = text.translate(_UNREADABLE)
    if len(text) <= most:
        return text
    cut = f"… ({len(text)} characters)"
    return text[: most - len(cut)] + cut


def moment_text(moment: datetime) -> str:
    """Return a moment as the log says it: always to the microsecond, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
