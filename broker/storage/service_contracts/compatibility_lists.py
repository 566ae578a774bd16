"""Reading how the documents of a version compare with those of other versions, as it was found last."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select, union_all

from broker.domain.model import Version
from broker.domain.pagination import Page, PartOfList
from broker.domain.service_contracts.compatibility import (
    CompatibilityVerdict,
    EarlierVersion,
    ListedCompatibility,
)
from broker.domain.service_contracts.policy import DocumentPolicy
from broker.storage.conditions import IN_ENVIRONMENT_NOW, newest
from broker.storage.pagination import Pageable
from broker.storage.tables import (
    compatibilities,
    environments,
    service_contract_publications,
    service_contract_set_documents,
    service_contracts,
    versions,
)

_OF = service_contract_publications
_own = service_contract_set_documents.alias("own")
_theirs = service_contract_set_documents.alias("theirs")
_found = compatibilities
_earlier = service_contracts.alias("earlier")
_later = service_contracts.alias("later")
_again = compatibilities.alias("again")
_HAVE_IT = (
    versions.join(_OF, _OF.c.version_id == versions.c.id)
    .join(_theirs, _theirs.c.set_id == _OF.c.set_id)
    .join(_own, _own.c.name == _theirs.c.name)
)
"""Versions that have a document of the name of one that the set has."""
_OTHER = versions.c.id != bindparam("version_id")
_newest_that_has_it = (
    newest(versions, versions.c.number)
    .select_from(
        versions.join(_OF, _OF.c.version_id == versions.c.id).join(_theirs, _theirs.c.set_id == _OF.c.set_id)
    )
    .where(_OTHER, _theirs.c.name == _own.c.name, _theirs.c.service_contract_id == _found.c.earlier_id)
    .correlate(_own, _found)
    .scalar_subquery()
)
# With another mode, two contents may have been compared again: the address of the two has that.
_is_last = ~exists().where(
    _again.c.later_id == _found.c.later_id,
    _again.c.earlier_id == _found.c.earlier_id,
    _again.c.id > _found.c.id,
).correlate(_found)
_LISTED = (
    select(
        _own.c.name,
        _found.c.earlier_id,
        _earlier.c.sha.label("earlier_sha"),
        _later.c.sha,
        _found.c.mode,
        _found.c.lenient,
        _found.c.verdict,
        _found.c.created_at,
        _newest_that_has_it.label("number"),
    )
    .select_from(_own)
    .join(_found, _found.c.later_id == _own.c.service_contract_id)
    .join(_earlier, _earlier.c.id == _found.c.earlier_id)
    .join(_later, _later.c.id == _found.c.later_id)
    .where(_own.c.set_id == bindparam("set_id"), _is_last)
    .order_by(_own.c.name, _found.c.id.desc())
)
_OF_SET = Pageable(_LISTED)
_NEWEST_OF_SET = _LISTED.limit(bindparam("size"))
_PLACES = union_all(
    *(
        select(
            _theirs.c.name,
            _theirs.c.service_contract_id,
            versions.c.number,
            environments.c.name.label("place"),
        )
        .select_from(_HAVE_IT)
        .join(there, there.c.version_id == versions.c.id)
        .join(environments, environments.c.id == there.c.environment_id)
        .where(
            _own.c.set_id == bindparam("set_id"),
            _theirs.c.service_contract_id.in_(bindparam("earlier_ids", expanding=True)),
            _OTHER,
            is_there,
        )
        for there, is_there in IN_ENVIRONMENT_NOW
    )
)


class CompatibilityLists:
    """Comparisons of documents with other ones, as people and programs read them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_set(self, version: Version, set_id: int, page: Page) -> PartOfList[ListedCompatibility]:
        """Return those of the documents of a version, by document, the newest first."""
        values: dict[str, Any] = {"version_id": version.id, "set_id": set_id}
        rows, total = _OF_SET.read(self._connection, values, page)
        return PartOfList(self._with_places(rows, values), total, page)

    def newest_of_set(self, version: Version, set_id: int, size: int) -> list[ListedCompatibility]:
        """Return at most *size* of them, without their number."""
        values: dict[str, Any] = {"version_id": version.id, "set_id": set_id}
        rows = list(self._connection.execute(_NEWEST_OF_SET, {**values, "size": size}))
        return self._with_places(rows, values)

    def _with_places(self, rows: Sequence[Any], values: Mapping[str, Any]) -> list[ListedCompatibility]:
        places: dict[tuple[str, int], list[EarlierVersion]] = {}
        if rows:
            ids = {"earlier_ids": sorted({row.earlier_id for row in rows})}
            for row in self._connection.execute(_PLACES, {**values, **ids}):
                found = places.setdefault((row.name, row.service_contract_id), [])
                found.append(EarlierVersion(row.number, row.place))
        return [_listed(row, places.get((row.name, row.earlier_id), ())) for row in rows]


def _listed(row: Row[Any], places: Any) -> ListedCompatibility:
    found = sorted(set(places), key=lambda item: (item.environment, item.number))
    if row.number is not None and row.number not in {item.number for item in found}:
        found.insert(0, EarlierVersion(row.number))
    return ListedCompatibility(
        row.name,
        row.sha,
        row.earlier_sha,
        DocumentPolicy(row.mode, row.lenient),
        CompatibilityVerdict(row.verdict),
        row.created_at,
        tuple(found),
    )
