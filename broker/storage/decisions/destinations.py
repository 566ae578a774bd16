"""A version, and what is in each environment that has to do with it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    String,
    bindparam,
    cast,
    literal,
    null,
    select,
    union,
    union_all,
)

from broker.domain.decisions.selectors import Choice, Selector, VersionRef
from broker.domain.model import BranchMembership, Version
from broker.storage.conditions import IS_DEPLOYED, IS_SUPPORTED, id_of
from broker.storage.dialects import ONE
from broker.storage.tables import (
    branch_versions,
    branches,
    deployed_versions,
    environments,
    integrations,
    pacticipants,
    released_versions,
    service_contract_publications,
    service_contract_sets,
    tags,
    versions,
)
from tally.values import dataclass


class _Part(IntEnum):
    VERSION = 0
    BRANCH = 1
    TAG = 2
    ENVIRONMENT = 3
    DEPLOYED = 4
    RELEASED = 5


@dataclass(frozen=True)
class Presence:
    """A version in an environment: deployed (to an instance, perhaps), or released and supported."""

    pacticipant: str
    version: VersionRef
    environment: str
    released: bool
    instance: str
    since: datetime


@dataclass(frozen=True)
class Destinations:
    """A version, the environments with whether each is a production one, and what is in them.

    *present* has the versions of its application, and of those that it needs or that need it. *choice* is the
    version as a question finds it.
    """

    version: Version
    choice: Choice
    environments: Mapping[str, bool]
    present: tuple[Presence, ...]
    pacticipant_ids: Mapping[str, int]
    with_contracts: frozenset[int]
    """The ids of those versions among *present* that have service contracts."""

    def choices(self, names: Iterable[str], environment: str | None = None) -> list[Choice]:
        """Return the versions of these applications in an environment, or in any: a choice for each."""
        found = []
        for name in sorted(names):
            versions_there = tuple(
                dict.fromkeys(
                    item.version
                    for item in self.present
                    if item.pacticipant == name and environment in {None, item.environment}
                )
            )
            found.append(
                Choice(
                    Selector(name, environment=environment or "any"),
                    versions_there,
                    specified=False,
                    pacticipant_id=self.pacticipant_ids.get(name, 0),
                    has_contracts=any(version.id in self.with_contracts for version in versions_there),
                )
            )
        return found


_ME: ColumnElement[Any] = id_of("pacticipant")
_COLUMNS = (
    "pacticipant_id",
    "pacticipant",
    "version_id",
    "number",
    "position",
    "name",
    "flag",
    "since",
    "text",
)
_any_set = select(service_contract_sets.c.id).where(service_contract_sets.c.pacticipant_id == _ME).limit(ONE)
_VERSION = (
    select(
        literal(_Part.VERSION.value).label("part"),
        versions.c.pacticipant_id,
        pacticipants.c.name.label("pacticipant"),
        versions.c.id.label("version_id"),
        versions.c.number,
        versions.c.position,
        versions.c.build_url.label("name"),
        _any_set.exists().label("flag"),
        versions.c.created_at.label("since"),
        cast(null(), String).label("text"),
    )
    .join_from(versions, pacticipants, pacticipants.c.id == versions.c.pacticipant_id)
    .where(versions.c.pacticipant_id == _ME, versions.c.number == bindparam("number"))
)
_THIS = (
    select(versions.c.id)
    .where(versions.c.pacticipant_id == _ME, versions.c.number == bindparam("number"))
    .scalar_subquery()
)


def _part(part: _Part, columns: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    types = {"pacticipant_id": BigInteger, "version_id": BigInteger, "position": BigInteger}
    labelled = (
        columns.get(name, cast(null(), types[name]) if name in types else null()).label(name)
        for name in _COLUMNS
    )
    return select(literal(part.value), *labelled)


_others = union(
    select(integrations.c.provider_id.label("id")).where(integrations.c.consumer_id == _ME),
    select(integrations.c.consumer_id).where(integrations.c.provider_id == _ME),
    select(_ME),
).subquery("others")


def _present(part: _Part, table: Any, still: ColumnElement[bool], text: ColumnElement[Any]) -> Select[Any]:
    has_documents = (
        select(service_contract_publications.c.version_id)
        .where(service_contract_publications.c.version_id == versions.c.id)
        .exists()
    )
    # Their ids are all in the index of what is current; with other columns, SQLite would read the history.
    current = (
        select(table.c.id)
        .join_from(_others, table, table.c.pacticipant_id == _others.c.id)
        .where(still)
        .subquery("current")
    )
    return (
        _part(
            part,
            {
                "pacticipant_id": table.c.pacticipant_id,
                "pacticipant": pacticipants.c.name,
                "version_id": versions.c.id,
                "number": versions.c.number,
                "position": versions.c.position,
                "name": environments.c.name,
                "flag": has_documents,
                "since": table.c.created_at,
                "text": text,
            },
        )
        .select_from(current)
        .join(table, table.c.id == current.c.id)
        .join(versions, versions.c.id == table.c.version_id)
        .join(pacticipants, pacticipants.c.id == table.c.pacticipant_id)
        .join(environments, environments.c.id == table.c.environment_id)
    )


_DESTINATIONS: CompoundSelect[Any] = union_all(
    _VERSION,
    _part(
        _Part.BRANCH,
        {
            "name": branches.c.name,
            "flag": branches.c.head_version_id == branch_versions.c.version_id,
            "version_id": branch_versions.c.id,
        },
    )
    .join_from(branch_versions, branches, branches.c.id == branch_versions.c.branch_id)
    .where(branch_versions.c.version_id == _THIS),
    _part(_Part.TAG, {"name": tags.c.name, "version_id": tags.c.id}).where(tags.c.version_id == _THIS),
    _part(_Part.ENVIRONMENT, {"name": environments.c.name, "flag": environments.c.production}),
    _present(_Part.DEPLOYED, deployed_versions, IS_DEPLOYED, deployed_versions.c.application_instance),
    _present(_Part.RELEASED, released_versions, IS_SUPPORTED, null()),
)


class VersionDestinations:
    """Find a version and what is in all environments with one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, pacticipant: str, number: str) -> Destinations | None:
        """Return what there is; None when the version does not exist."""
        rows = self._connection.execute(_DESTINATIONS, {"pacticipant": pacticipant, "number": number}).all()
        of_part = {part: [row for row in rows if row.part == part] for part in _Part}
        if not of_part[_Part.VERSION]:
            return None
        head = of_part[_Part.VERSION][0]
        there = [*of_part[_Part.DEPLOYED], *of_part[_Part.RELEASED]]
        choice = Choice(
            Selector(pacticipant, version=number),
            (_ref(head),),
            pacticipant_id=head.pacticipant_id,
            has_contracts=bool(head.flag),
        )
        return Destinations(
            replace(
                _version(head),
                branches=tuple(
                    BranchMembership(row.name, latest=bool(row.flag))
                    for row in sorted(of_part[_Part.BRANCH], key=lambda row: row.version_id)
                ),
                tags=tuple(row.name for row in sorted(of_part[_Part.TAG], key=lambda row: row.version_id)),
            ),
            choice,
            {
                row.name: bool(row.flag)
                for row in sorted(of_part[_Part.ENVIRONMENT], key=lambda row: (not row.flag, row.name))
            },
            tuple(map(_presence, there)),
            {row.pacticipant: row.pacticipant_id for row in (head, *there)},
            frozenset(row.version_id for row in there if row.flag),
        )


def _version(row: Any) -> Version:
    return Version(row.version_id, row.pacticipant, row.number, row.position, row.name, row.since, row.since)


def _ref(row: Any) -> VersionRef:
    return VersionRef(row.version_id, row.number, row.position)


def _presence(row: Any) -> Presence:
    is_released = row.part == _Part.RELEASED
    return Presence(row.pacticipant, _ref(row), row.name, is_released, row.text or "", row.since)
