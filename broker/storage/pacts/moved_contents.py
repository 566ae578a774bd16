"""Contents of pacts that move to an object store, and back, and the objects that nothing needs any more.

An object is written down before it is stored, so that none is ever forgotten: as one that nothing needs,
until a row names it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    LargeBinary,
    Table,
    bindparam,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from broker.storage.conditions import IN_ENVIRONMENT_NOW, IS_MOVED, STORED_CONTENT, is_current
from broker.storage.dialects import AS_BYTES
from broker.storage.elsewhere import key_in, pointer, whole_of
from broker.storage.tables import branch_versions, content_objects, pact_publications, pact_versions, tags

LONGEST_MOVE = timedelta(hours=1)
"""From the moment that an object is written down until a row may name it."""
_ID = pact_versions.c.id == bindparam("of_id")
_IS_STORED = bindparam("stored", type_=LargeBinary) == STORED_CONTENT
_KEY = content_objects.c.key == bindparam("of_key")
_here = pact_publications.alias("here")
_newer = pact_publications.alias("newer")


def _is_newest(*same: ColumnElement[bool], among: FromClause) -> ColumnElement[bool]:
    """Whether no later version of the consumer, that is *among* others in the *same* way, has such a pact."""
    later = (
        select(1)
        .select_from(among)
        .where(
            _newer.c.consumer_id == _here.c.consumer_id,
            _newer.c.provider_id == _here.c.provider_id,
            _newer.c.position > _here.c.position,
            is_current(_newer),
            *same,
        )
    )
    return ~later.correlate(_here, branch_versions, tags).exists()


_on_branch, _with_tag = branch_versions.alias("newer_on_branch"), tags.alias("newer_with_tag")


def _is_newest_of(table: Table, newer: Any, same: str) -> ColumnElement[bool]:
    """Return whether this is the newest pact of something that its version has, such as of a branch."""
    return (
        select(1)
        .where(
            table.c.version_id == _here.c.consumer_version_id,
            _is_newest(
                newer.c[same] == table.c[same],
                among=_newer.join(newer, newer.c.version_id == _newer.c.consumer_version_id),
            ),
        )
        .correlate(_here)
        .exists()
    )


_NEWEST_ON_A_BRANCH = _is_newest_of(branch_versions, _on_branch, "branch_id")
_NEWEST_WITH_A_TAG = _is_newest_of(tags, _with_tag, "name")
_IN_AN_ENVIRONMENT = (
    select(1).where(record.c.version_id == _here.c.consumer_version_id, still).correlate(_here).exists()
    for record, still in IN_ENVIRONMENT_NOW
)
_IS_NEEDED_HERE = (
    select(1)
    .where(
        _here.c.pact_version_id == pact_versions.c.id,
        or_(
            _here.c.created_at > bindparam("before"),
            is_current(_here)
            & or_(_is_newest(among=_newer), _NEWEST_ON_A_BRANCH, _NEWEST_WITH_A_TAG, *_IN_AN_ENVIRONMENT),
        ),
    )
    .correlate(pact_versions)
    .exists()
)
_TO_MOVE = (
    select(pact_versions.c.id)
    .where(
        pact_versions.c.id > bindparam("after"),
        func.length(STORED_CONTENT) > bindparam("larger"),
        pact_versions.c.created_at <= bindparam("before"),
        not_(_IS_NEEDED_HERE),
    )
    .order_by(pact_versions.c.id)
    .limit(bindparam("most"))
)
_TEXT = select(STORED_CONTENT).where(_ID).execution_options(**AS_BYTES)
_REPLACE = update(pact_versions).where(_ID, _IS_STORED).values(content=bindparam("text", type_=LargeBinary))
_MOVED = (
    select(pact_versions.c.id, STORED_CONTENT)
    .where(pact_versions.c.id > bindparam("after"), IS_MOVED)
    .order_by(pact_versions.c.id)
    .limit(bindparam("most"))
    .execution_options(**AS_BYTES)
)
_USE = (
    update(content_objects)
    .where(_KEY, content_objects.c.unneeded_since > bindparam("begun"))
    .values(pact_version_id=bindparam("by"), unneeded_since=None)
)
_FREE = update(content_objects).where(_KEY).values(pact_version_id=None, unneeded_since=bindparam("now"))
_IS_FREE = content_objects.c.pact_version_id.is_(None)
_DATE = (
    update(content_objects)
    .where(_IS_FREE, content_objects.c.unneeded_since.is_(None))
    .values(unneeded_since=bindparam("now"))
)
_UNNEEDED = (
    select(content_objects.c.key)
    .where(_IS_FREE, content_objects.c.unneeded_since <= bindparam("before"))
    .order_by(content_objects.c.unneeded_since, content_objects.c.key)
    .limit(bindparam("most"))
)
_FORGET = delete(content_objects).where(_KEY, _IS_FREE)


class MovedContents:
    """Contents that are in an object store, or may go there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def to_move(self, *, larger: int, before: datetime, after: int, most: int) -> Sequence[int]:
        """Return the ids, from *after* on, of contents with more bytes than *larger* that may move.

        They were not published since the moment *before*. Those that are in an environment, or the newest of
        the pair, of a branch or with a tag, stay: questions of pipelines are about these.
        """
        values = {"larger": larger, "before": before, "after": after, "most": most}
        return list(self._connection.scalars(_TO_MOVE, values))

    def stored(self, content_id: int) -> bytes | None:
        """Return what the row has; None when it was deleted."""
        found: Any = self._connection.scalar(_TEXT, {"of_id": content_id})
        return None if found is None else bytes(found)

    def expect(self, key: str, now: datetime) -> None:
        """Write down an object that is to be stored."""
        values = {"key": key, "pact_version_id": None, "unneeded_since": now}
        self._connection.execute(insert(content_objects).values(values))

    def replace(self, content_id: int, content: bytes, key: str, now: datetime) -> bool:
        """Have an object in place of the content; return False when the row has changed, or after an hour."""
        begun = now - LONGEST_MOVE
        used = self._connection.execute(_USE, {"of_key": key, "begun": begun, "by": content_id})
        if not used.rowcount:
            return False
        values = {"of_id": content_id, "stored": content, "text": pointer(key)}
        if self._connection.execute(_REPLACE, values).rowcount:
            return True
        self._connection.execute(_FREE, {"of_key": key, "now": now})
        return False

    def reader(self) -> Callable[[bytes], bytes]:
        """Return what reads what a row has, outside of transactions; it raises ContentStoreError."""
        return whole_of(self._connection.dialect)

    def moved(self, *, after: int, most: int) -> Sequence[tuple[int, bytes]]:
        """Return the ids, from *after* on, of contents in an object store, with what the rows have."""
        rows = self._connection.execute(_MOVED, {"after": after, "most": most})
        return [(number, bytes(stored)) for number, stored in rows]

    def bring_back(self, content_id: int, stored: bytes, content: bytes, now: datetime) -> bool:
        """Have the content in place of its object; return False when the row has changed."""
        values = {"of_id": content_id, "stored": stored, "text": content}
        self._connection.execute(_FREE, {"of_key": key_in(stored), "now": now})
        return self._connection.execute(_REPLACE, values).rowcount > 0

    def date_unneeded(self, now: datetime) -> None:
        """Write down since when those objects are not needed whose contents were deleted."""
        self._connection.execute(_DATE, {"now": now})

    def unneeded(self, before: datetime, most: int) -> Sequence[str]:
        """Return the keys of objects that nothing has needed since the moment *before*."""
        return list(self._connection.scalars(_UNNEEDED, {"before": before, "most": most}))

    def forget(self, key: str) -> None:
        """Forget an object that was removed."""
        self._connection.execute(_FORGET, {"of_key": key})
