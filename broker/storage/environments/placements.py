"""Which versions are where, now or at a moment, for the pages of environments. Each method is a statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union,
    union_all,
)

from broker.domain.environments.grid import Placement
from broker.domain.pagination import Page
from broker.storage.conditions import IN_ENVIRONMENT_NOW
from broker.storage.decisions import past
from broker.storage.dialects import is_in
from broker.storage.pagination import containing, pattern
from broker.storage.tables import (
    deployed_versions,
    integrations,
    pacticipants,
    service_contract_dependencies,
    service_contract_publications,
    versions,
)
from tally.values import dataclass

NO_INSTANCE: ColumnElement[str] = cast(literal(""), String)
_NOW, _PAST = IN_ENVIRONMENT_NOW, past.IN_ENVIRONMENT


@dataclass(frozen=True)
class Near:
    """The versions of the applications on a page, and of all that they need or that need them.

    *ids* are those of all these by name. *with_contracts* are the ids of versions that have documents.
    """

    placements: Sequence[Placement]
    ids: Mapping[str, int]
    with_contracts: frozenset[int]


@cache
def presences(*, is_past: bool) -> FromClause:
    """Select what is deployed, and what is released and supported."""
    parts = [
        select(
            table.c.pacticipant_id,
            table.c.environment_id,
            table.c.version_id,
            table.c.created_at.label("since"),
            literal_column("0" if table is deployed_versions else "1").label("released"),
            (table.c.application_instance if table is deployed_versions else NO_INSTANCE).label("instance"),
        ).where(there)
        for table, there in (_PAST if is_past else _NOW)
    ]
    return union_all(*parts).subquery("presences")


def next_environment(environment_id: ColumnElement[Any], number: int) -> ColumnElement[Any]:
    """Return the environment after one of so many; their ids are parameters, see `steps`."""
    if not number:
        return null()
    return case(
        *((environment_id == bindparam(f"here_{step}"), bindparam(f"next_{step}")) for step in range(number)),
        else_=None,
    )


def steps(order: Mapping[int, int]) -> dict[str, int]:
    """Return the parameters of `next_environment`: the id of the next environment, by that of each."""
    numbered = enumerate(order.items())
    return {name: value for step, pair in numbered for name, value in zip(_names(step), pair, strict=True)}


def _names(step: int) -> tuple[str, str]:
    return f"here_{step}", f"next_{step}"


def is_waiting(of: FromClause, following: ColumnElement[Any], *, is_past: bool) -> ColumnElement[bool]:
    """Whether neither the version of a presence nor a later one is in the environment that follows."""
    own, later = versions.alias("own"), versions.alias("later")
    position = select(own.c.position).where(own.c.id == of.c.version_id).correlate(of).scalar_subquery()
    arrived = [
        select(1)
        .select_from(table.join(later, later.c.id == table.c.version_id))
        .where(
            table.c.pacticipant_id == of.c.pacticipant_id,
            table.c.environment_id == following,
            later.c.position >= position,
            there,
        )
        .correlate(of)
        .exists()
        for table, there in (_PAST if is_past else _NOW)
    ]
    return and_(following.is_not(None), *(~found for found in arrived))


@cache
def _page(number: int, *, is_past: bool, by_name: bool, search: bool, team: bool) -> Select[Any]:
    here = presences(is_past=is_past)
    following = next_environment(here.c.environment_id, number)
    waits = func.min(case((is_waiting(here, following, is_past=is_past), here.c.since), else_=None))
    name = func.lower(pacticipants.c.name)
    found = (
        select(here.c.pacticipant_id, func.count().over())
        .join_from(here, pacticipants, pacticipants.c.id == here.c.pacticipant_id)
        .group_by(here.c.pacticipant_id, pacticipants.c.name)
        .order_by(*([] if by_name else [waits.is_(None), waits]), name, here.c.pacticipant_id)
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )
    if search:
        found = found.where(containing(pacticipants.c.name))
    if team:
        found = found.where(is_in(here.c.pacticipant_id, "members"))
    return found


def _near(*, is_past: bool) -> Select[Any]:
    ids = [
        select(pacticipants.c.id).where(is_in(pacticipants.c.id, "ids")),
        *(
            select(table.c[found]).where(is_in(table.c[of], "ids"))
            for table in (integrations, service_contract_dependencies)
            for found, of in (("provider_id", "consumer_id"), ("consumer_id", "provider_id"))
        ),
    ]
    near = union(*ids).subquery("near")
    here = presences(is_past=is_past)
    documents = service_contract_publications
    return (
        select(
            pacticipants.c.id,
            pacticipants.c.name,
            here.c.environment_id,
            versions.c.id,
            versions.c.number,
            versions.c.position,
            here.c.since,
            here.c.released,
            here.c.instance,
            documents.c.version_id,
        )
        .join_from(near, pacticipants, pacticipants.c.id == near.c.id)
        .outerjoin(here, here.c.pacticipant_id == near.c.id)
        .outerjoin(versions, versions.c.id == here.c.version_id)
        .outerjoin(documents, documents.c.version_id == versions.c.id)
        .order_by(versions.c.position.desc(), here.c.since.desc())
    )


_NEAR = {is_past: _near(is_past=is_past) for is_past in (False, True)}


@dataclass(frozen=True)
class Wanted:
    """Which applications are wanted: with *search* in their name, among *members*, at the moment *at*."""

    search: str = ""
    members: frozenset[int] | None = None
    at: datetime | None = None
    by_name: bool = False


class Placements:
    """Which versions are where. *order* has the id of the next environment by that of each."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, wanted: Wanted, order: Mapping[int, int], page: Page) -> tuple[list[int], int]:
        """Return the ids of the applications on a page, and the number of all: who waits longest is first."""
        statement = _page(
            len(order),
            is_past=wanted.at is not None,
            by_name=wanted.by_name,
            search=bool(wanted.search),
            team=wanted.members is not None,
        )
        values = {
            **steps(order),
            "q": pattern(wanted.search),
            "members": sorted(wanted.members or ()),
            "at": wanted.at,
            "size": page.size,
            "skipped": page.offset,
        }
        rows = self._connection.execute(statement, values).all()
        return [row[0] for row in rows], rows[0][1] if rows else 0

    def near(self, ids: Sequence[int], at: datetime | None) -> Near:
        """Return the versions of these applications and of all around them, the newest first."""
        placements, by_name, with_contracts = [], {}, set()
        statement = _NEAR[at is not None]
        for row in self._connection.execute(statement, {"ids": list(ids), "at": at}).all():
            pacticipant_id, name, environment_id, version_id, number, position, since, *how, document = row
            by_name[name] = pacticipant_id
            if version_id is None:
                continue
            released, instance = how
            placements.append(
                Placement(
                    pacticipant_id,
                    name,
                    environment_id,
                    version_id,
                    number,
                    position,
                    since,
                    bool(released),
                    instance,
                )
            )
            if document is not None:
                with_contracts.add(version_id)
        return Near(placements, by_name, frozenset(with_contracts))
