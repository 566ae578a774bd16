"""Requests that were carried out, by the key that the client gave them, with their answers.

The row of a request is committed together with its change. The key itself is not stored, only a digest of it.
How long ago a request came is told by the clock of the database.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well
from sqlalchemy.exc import OperationalError

from broker.storage.dialects import AS_BYTES, ONE
from broker.storage.direct_statements import later
from broker.storage.moments import NOW, in_seconds
from broker.storage.tables import idempotency_keys
from tally.values import dataclass

LIFETIME = timedelta(hours=24)
"""How long a request may be repeated."""
MOST_KEPT = 100_000
"""How many requests are kept; when a day has more, the oldest go earlier."""
PATIENCE = 50
"""Milliseconds that a request waits for one with the same key before it is told that there is one."""
_LOCK_NOT_AVAILABLE = "55P03"
_COLUMNS = idempotency_keys.c
_EXPIRED = in_seconds("minus_lifetime")
_LIFETIME = {"minus_lifetime": -LIFETIME.total_seconds()}
_FIND = (
    select(
        _COLUMNS.method,
        _COLUMNS.path,
        _COLUMNS.request_digest,
        _COLUMNS.created_at,
        NOW.label("now"),
        _COLUMNS.status,
        _COLUMNS.content_type,
        _COLUMNS.location,
        _COLUMNS.body,
    )
    .where(_COLUMNS.digest == bindparam("digest_of_key"), _COLUMNS.created_at > _EXPIRED)
    .execution_options(**AS_BYTES)
)
_GIVEN = ("digest", "method", "path", "request_digest")
_NAMES = (*_GIVEN, "created_at")
_VALUES = [
    *(bindparam(f"new_{name}", type_=_COLUMNS[name].type).label(name) for name in _GIVEN),
    NOW.label("created_at"),
]


def _claim(condition: Any) -> Any:
    """Return the statement that adds a row where *condition* holds, unless a current one is there."""
    new = insert(idempotency_keys).from_select(_NAMES, select(*_VALUES).where(condition))
    replaced: Mapping[str, Any] = {name: new.excluded[name] for name in _NAMES}
    emptied = dict.fromkeys(("status", "content_type", "location", "body"), None)
    return new.on_conflict_do_update(
        index_elements=["digest"],
        set_={**replaced, **emptied},
        where=_COLUMNS.created_at <= _EXPIRED,
    )


def _most_to_wait(milliseconds: int) -> ColumnElement[str]:
    """Return what limits how long statements wait for a row, from now on in the transaction; 0 does not."""
    return func.set_config("lock_timeout", str(milliseconds), True)  # noqa: FBT003 - PostgreSQL's


_CLAIM = {
    "sqlite": _claim(true()).returning(literal(1)),
    # A second request of this key would wait for the end of the first, on a thread. The statement itself sets
    # the limit, and takes it away again.
    "postgresql": _claim(_most_to_wait(PATIENCE).is_not(None)).returning(_most_to_wait(0)),
}
_KEEP = (
    update(idempotency_keys)
    .where(_COLUMNS.digest == bindparam("digest_of_key"))
    .values(
        status=bindparam("new_status"),
        content_type=bindparam("new_content_type"),
        location=bindparam("new_location"),
        body=bindparam("new_body"),
    )
)
_LAST_KEPT = (
    select(_COLUMNS.created_at)
    .order_by(_COLUMNS.created_at.desc())
    .offset(bindparam("kept"))
    .limit(ONE)
    .scalar_subquery()
)
_REMOVABLE = (
    select(_COLUMNS.id)
    .where((_COLUMNS.created_at <= _EXPIRED) | (_COLUMNS.created_at <= _LAST_KEPT))
    .order_by(_COLUMNS.created_at, _COLUMNS.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_REMOVE = delete(idempotency_keys).where(_COLUMNS.id.in_(_REMOVABLE))


@dataclass(frozen=True)
class KeyedRequest:
    """A request with a key: *digest* is of the key and of who asks, *request_digest* of what is asked."""

    digest: bytes
    request_digest: bytes
    method: str
    path: str


@dataclass(frozen=True)
class KeptAnswer:
    """The answer to a request; *body* is compressed, and None when it was too large to be kept."""

    status: int
    content_type: str | None
    location: str | None
    body: bytes | None


@dataclass(frozen=True)
class KnownRequest:
    """What is known of a request with a key; *answer* is None while a webhook is tried."""

    method: str
    path: str
    request_digest: bytes
    age: timedelta
    answer: KeptAnswer | None


class IdempotencyKeys:
    """The requests that were carried out with a key."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, digest: bytes) -> KnownRequest | None:
        """Return what is known of the request with this key; None for one whose time is over."""
        row = self._connection.execute(_FIND, {"digest_of_key": digest, **_LIFETIME}).first()
        if row is None:
            return None
        method, path, request_digest, begun_at, now, status, *rest = row
        answer = None if status is None else KeptAnswer(status, *rest)
        return KnownRequest(method, path, request_digest, now - begun_at, answer)

    def claim(self, request: KeyedRequest) -> bool:
        """Note that the request is carried out; return False when it was already, or is at the moment.

        Then the transaction can only be rolled back. On SQLite a request cannot be carried out at the moment:
        this transaction is the only one that writes.
        """
        values = {f"new_{name}": getattr(request, name) for name in _GIVEN} | _LIFETIME
        try:
            claimed = self._connection.execute(_CLAIM[self._connection.dialect.name], values)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            return False
        return claimed.first() is not None

    def keep(self, digest: bytes, answer: KeptAnswer) -> None:
        """Store the answer to the request with this key."""
        values = {f"new_{name}": value for name, value in vars(answer).items()}
        later(self._connection, _KEEP, {"digest_of_key": digest, **values})

    def remove_old(self, *, most: int, kept: int = MOST_KEPT) -> int:
        """Remove at most *most* requests whose time is over, or that are not among about the newest *kept*.

        Return how many were removed.
        """
        values = {"kept": kept, "most": most, **_LIFETIME}
        return self._connection.execute(_REMOVE, values).rowcount
