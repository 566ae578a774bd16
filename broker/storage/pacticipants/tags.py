"""Tags of versions, and the record of those that were removed."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Delete, Insert, bindparam, delete, literal, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant, Version
from broker.domain.pacticipants.details import LatestTag, Tag
from broker.domain.pacts.pact import PublishedPact
from broker.storage.conditions import IS_LATEST_WITH_TAG, IS_NEWER_TAG, NEWER_TAG, is_current
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import former_tags, pact_publications, pacticipants, tags, versions

_BY_NAME = select(tags.c.name, tags.c.created_at).where(
    tags.c.version_id == bindparam("version_id"), tags.c.name == bindparam("tag")
)
_OF_VERSION = (
    select(tags.c.name, IS_LATEST_WITH_TAG)
    .join(versions, versions.c.id == tags.c.version_id)
    .join(pacticipants, pacticipants.c.id == versions.c.pacticipant_id)
    .where(pacticipants.c.name == bindparam("pacticipant"), versions.c.number == bindparam("number"))
    .order_by(tags.c.name)
)
_this = pact_publications.alias("this")
_newer = pact_publications.alias("newer_pacts")
_newer_pact_with_tag = (
    select(literal(1))
    .join_from(NEWER_TAG, _newer, _newer.c.consumer_version_id == NEWER_TAG.c.version_id)
    .where(
        IS_NEWER_TAG,
        _newer.c.provider_id == _this.c.provider_id,
        is_current(_newer),
    )
    .exists()
)
_WHOSE_NEWEST_PACT_IT_IS = (
    select(tags.c.name)
    .join(_this, _this.c.consumer_version_id == tags.c.version_id)
    .join(pacticipants, pacticipants.c.id == _this.c.provider_id)
    .where(
        tags.c.version_id == bindparam("version_id"),
        pacticipants.c.name == bindparam("provider"),
        is_current(_this),
        ~_newer_pact_with_tag,
    )
    .order_by(tags.c.name)
)
_ADD = insert(tags).on_conflict_do_nothing(index_elements=["version_id", "name"]).returning(tags.c.name)


def _removal(which: ColumnElement[bool]) -> tuple[Insert, Delete]:
    """Return the statements that record tags of a version as former ones and then delete them."""
    kept = ("pacticipant_id", "version_id", "name", "position", "created_at")
    now = bindparam("now", type_=former_tags.c.removed_at.type)
    of_version = tags.c.version_id == bindparam("version_id")
    doomed = select(*(tags.c[name] for name in kept), now).where(of_version, which)
    return (
        insert(former_tags).from_select([*kept, "removed_at"], doomed),
        delete(tags).where(of_version, which),
    )


_REMOVE_ONE = _removal(tags.c.name == bindparam("tag"))
_REMOVE_OTHERS = _removal(tags.c.name.not_in(bindparam("kept", expanding=True)))


class Tags:
    """Tags; a version has each at most once."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def find(self, version: Version, name: str) -> Tag | None:
        row = self._connection.execute(_BY_NAME, {"version_id": version.id, "tag": name}).first()
        return Tag(*row) if row else None

    def of_version(self, pacticipant: str, number: str) -> list[LatestTag]:
        """Return the tags of a version by name, each with whether this is the latest version that has it."""
        rows = self._connection.execute(_OF_VERSION, {"pacticipant": pacticipant, "number": number})
        return [LatestTag(name, latest=bool(latest)) for name, latest in rows]

    def whose_newest_pact_is(self, pact: PublishedPact) -> list[str]:
        """Return the tags of the version for which the pact is the newest between the two."""
        values = {"version_id": pact.version_id, "provider": pact.provider}
        return list(self._connection.scalars(_WHOSE_NEWEST_PACT_IT_IS, values))

    def add(
        self, pacticipant: Pacticipant, version: Version, names: Collection[str], now: datetime
    ) -> set[str]:
        """Tag the version, in the order of *names*. Return those of them that it did not have yet."""
        values = {
            "pacticipant_id": pacticipant.id,
            "version_id": version.id,
            "position": version.position,
            "created_at": now,
        }
        rows = [{**values, "name": name} for name in dict.fromkeys(names)]
        if not rows:
            return set()
        self._marks.version_joined(pacticipant.name, version.id, names)
        return set(self._connection.scalars(_ADD, rows))

    def delete(self, version: Version, name: str, now: datetime) -> None:
        """Take the tag off the version, if it has it."""
        for statement in _REMOVE_ONE:
            self._connection.execute(statement, {"version_id": version.id, "tag": name, "now": now})
        self._marks.branch_moved(version.pacticipant, [name])

    def keep_only(self, version: Version, names: Collection[str], now: datetime) -> None:
        """Take all tags off the version but *names*."""
        values = {"version_id": version.id, "kept": list(names), "now": now}
        for statement in _REMOVE_OTHERS:
            self._connection.execute(statement, values)
        self._marks.moved(version.pacticipant)
