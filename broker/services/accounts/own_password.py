"""A person's own password: set by whoever has the one before, in a session that goes on with a new id."""

from datetime import datetime

from broker.domain.accounts.session import Session
from broker.domain.errors import NotFoundError, StateRuleError, ValidationError
from broker.services import permission
from broker.services.accounts import passwords, sessions
from broker.services.accounts.sessions import Begun
from broker.storage.accounts.log_ins import Person
from broker.storage.storage import Storage
from tally.values import dataclass

CURRENT, NEW, AGAIN = "current", "password", "again"
"""The fields: the password so far, the new one, and the new one once more."""


@dataclass(frozen=True)
class Owner:
    """Whose password it is.

    Who logs in *by a provider alone* sets none: with one they could log in when they have lost their groups.
    """

    person: Person
    is_by_provider_alone: bool

    @property
    def has_password(self) -> bool:
        return self.person.password_hash is not None


def owner_of(storage: Storage, session: Session) -> Owner:
    """Return who is logged in. Raises NotFoundError."""
    person = storage.log_ins.by_id(session.account_id)
    if person is None:
        raise NotFoundError("This account was removed.")
    return Owner(person, person.password_hash is None and storage.log_ins.has_identity(person.id))


def check_new(person: Person, new: str, again: str) -> None:
    """Raise ValidationError for a password that the person cannot have, or that was not typed twice."""
    passwords.check(new, account=person.name, field=NEW)
    if new != again:
        raise ValidationError({AGAIN: ["is not the same as the new password"]})


def hash_of_new(person: Person, current: str, new: str) -> str | None:
    """Return the hash of the new password; None when the one so far is wrong.

    No transaction waits for the hashes. Raises ValidationError, and passwords.TooManyHashesError.
    """
    if person.password_hash is not None:
        if not passwords.is_right(current, person.password_hash):
            return None
        if new == current:
            raise ValidationError({NEW: ["is the one that you have: choose another"]})
    return passwords.hash_of(new)


def change(storage: Storage, person: Person, hashed: str, session: Session, now: datetime) -> Begun:
    """Store a new password: other sessions and links of the account end, and this session gets a new id.

    Raises StateRuleError when the password was changed meanwhile, or the session has ended.
    """
    permission.require_own(storage, person.id)
    begun = sessions.renew(storage, session, now)
    if begun is None or storage.log_ins.by_id(person.id) != person:
        raise StateRuleError({NEW: ["was changed meanwhile, or you were logged out: log in, and try again"]})
    storage.accounts.set_password(person.id, hashed, now)
    sessions.end_all(storage, person.id, now, but=begun.session)
    storage.log_in_links.remove_of(person.id)
    storage.asking.access_changed_at = now
    storage.note("account", person.name, after={"passwordChanged": True})
    return begun
