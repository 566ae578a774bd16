"""Sessions: who is logged in to the pages. A row ends with the log-out."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from broker.domain.accounts.session import Session
from broker.storage.dialects import AS_BYTES
from broker.storage.tables import sessions

_COLUMNS = sessions.c
_SELECT = select(
    _COLUMNS.digest,
    _COLUMNS.account_id,
    _COLUMNS.csrf,
    _COLUMNS.via,
    _COLUMNS.rights,
    _COLUMNS.address,
    _COLUMNS.agent,
    _COLUMNS.created_at,
    _COLUMNS.expires_at,
    _COLUMNS.idle_until,
).execution_options(**AS_BYTES)
_BY_DIGEST = _COLUMNS.digest == bindparam("asked")
_FIND = _SELECT.where(_BY_DIGEST)
_OF_ACCOUNT = _SELECT.where(
    _COLUMNS.account_id == bindparam("account"),
    _COLUMNS.expires_at > bindparam("now"),
    _COLUMNS.idle_until > bindparam("now"),
).order_by(_COLUMNS.created_at.desc(), _COLUMNS.id.desc())
_ADD = insert(sessions)
_STAY = update(sessions).where(_BY_DIGEST).values(idle_until=bindparam("until"))
_RENEW = (
    update(sessions)
    .where(_BY_DIGEST)
    .values(digest=bindparam("new_digest"), csrf=bindparam("new_csrf"), rights=bindparam("new_rights"))
)
_REMOVE = delete(sessions).where(_BY_DIGEST)
_REMOVE_OF = delete(sessions).where(_COLUMNS.account_id == bindparam("account"))
_REMOVE_OTHERS = _REMOVE_OF.where(_COLUMNS.digest != bindparam("but"))
_REMOVABLE = (
    select(_COLUMNS.id)
    .where((_COLUMNS.expires_at <= bindparam("now")) | (_COLUMNS.idle_until <= bindparam("now")))
    .order_by(_COLUMNS.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_REMOVE_ENDED = delete(sessions).where(_COLUMNS.id.in_(_REMOVABLE))


class Sessions:
    """The sessions of all accounts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session, *, most: int) -> None:
        """Store a new session; of the account's older ones, the newest stay, so that there are *most*."""
        self._connection.execute(_ADD, vars(session))
        listed = self.of_account(session.account_id, session.created_at)
        for old in listed[most:]:
            self.remove(old.digest)

    def find(self, digest: bytes) -> Session | None:
        """Return the session, also one that is over."""
        row = self._connection.execute(_FIND, {"asked": digest}).one_or_none()
        return None if row is None else _session(row)

    def of_account(self, account_id: int, now: datetime) -> list[Session]:
        """Return the account's sessions that are not over, the newest first."""
        rows = self._connection.execute(_OF_ACCOUNT, {"account": account_id, "now": now})
        return [_session(row) for row in rows]

    def stay(self, digest: bytes, until: datetime) -> bool:
        """Let a session last until then, if nothing more is asked for; False when it is gone."""
        return self._connection.execute(_STAY, {"asked": digest, "until": until}).rowcount == 1

    def renew(self, digest: bytes, new: Session) -> bool:
        """Give a session the id, the key of forms and the rights of *new*; False when it is gone."""
        values = {"new_digest": new.digest, "new_csrf": new.csrf, "new_rights": new.rights}
        return self._connection.execute(_RENEW, {"asked": digest, **values}).rowcount == 1

    def remove(self, digest: bytes) -> bool:
        """End a session; return whether there was one."""
        return self._connection.execute(_REMOVE, {"asked": digest}).rowcount == 1

    def remove_of(self, account_id: int, *, but: bytes | None = None) -> int:
        """End the sessions of an account, all *but* one; return how many."""
        if but is None:
            return self._connection.execute(_REMOVE_OF, {"account": account_id}).rowcount
        return self._connection.execute(_REMOVE_OTHERS, {"account": account_id, "but": but}).rowcount

    def remove_ended(self, now: datetime, *, most: int) -> int:
        """Remove at most *most* sessions that are over; return how many."""
        return self._connection.execute(_REMOVE_ENDED, {"now": now, "most": most}).rowcount


def _session(row: Any) -> Session:
    digest, *rest = row
    return Session(bytes(digest), *rest)
