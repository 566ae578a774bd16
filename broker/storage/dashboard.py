"""The pacts that a dashboard shows: seven statements, whatever the history."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from broker.domain.dashboard import DashboardItem, DashboardPact, DashboardResult
from broker.domain.model import Pacticipant, Version
from broker.domain.paging import Page
from broker.domain.version import LatestTag
from broker.storage.one import ONE
from broker.storage.overview import newest_result
from broker.storage.tables import (
    deployed_versions,
    integrations,
    pact_publications,
    pacticipants,
    released_versions,
    tags,
    verifications,
)
from broker.storage.tags import IS_LATEST
from broker.storage.versions import Versions

Pair = tuple[int, int]
_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_PAIRS = (
    select(integrations.c.consumer_id, integrations.c.provider_id)
    .order_by(integrations.c.contract_data_updated_at.desc().nulls_last(), integrations.c.id)
    .limit(bindparam("page_size"))
    .offset(bindparam("page_offset"))
)
_chosen: BindParameter[Any] = bindparam("pairs", expanding=True)
_pair = (
    select(integrations.c.consumer_id, integrations.c.provider_id)
    .where(tuple_(integrations.c.consumer_id, integrations.c.provider_id).in_(_chosen))
    .cte("pair")
)


def _tag_after(consumer_id: ColumnElement[int], *conditions: ColumnElement[bool]) -> ColumnElement[str]:
    return (
        select(func.min(tags.c.name))
        .where(tags.c.pacticipant_id == consumer_id, *conditions)
        .scalar_subquery()
    )


# Each tag of a consumer, once, by going from one to the next in the index: not by reading all that are set.
_tag = select(_pair.c.consumer_id, _pair.c.provider_id, _tag_after(_pair.c.consumer_id).label("name")).cte(
    "tag", recursive=True
)
_tag = _tag.union_all(
    select(
        _tag.c.consumer_id,
        _tag.c.provider_id,
        _tag_after(_tag.c.consumer_id, tags.c.name > _tag.c.name),
    ).where(_tag.c.name.is_not(None))
)


def _latest(pair: Any, *tagged: ColumnElement[bool]) -> ColumnElement[int]:  # noqa: ANN401 - a CTE
    newest = pact_publications.alias()
    statement = select(newest.c.id).where(
        newest.c.consumer_id == pair.c.consumer_id,
        newest.c.provider_id == pair.c.provider_id,
        ~newest.c.superseded,
    )
    if tagged:
        statement = statement.join(tags, tags.c.version_id == newest.c.consumer_version_id).where(
            tags.c.pacticipant_id == pair.c.consumer_id, *tagged
        )
        return statement.order_by(tags.c.position.desc()).limit(ONE).scalar_subquery()
    return statement.order_by(newest.c.position.desc()).limit(ONE).scalar_subquery()


def _in_environments(table: Any, still_there: ColumnElement[bool]) -> Select[Any]:  # noqa: ANN401 - two tables
    return (
        select(pact_publications.c.id, null())
        .select_from(_pair)
        .join(table, table.c.pacticipant_id == _pair.c.consumer_id)
        .join(
            pact_publications,
            (pact_publications.c.consumer_version_id == table.c.version_id)
            & (pact_publications.c.provider_id == _pair.c.provider_id)
            & ~pact_publications.c.superseded,
        )
        .where(still_there)
    )


_SHOWN: CompoundSelect[Any] = union_all(
    select(_latest(_pair).label("id"), null().label("tag")).select_from(_pair),
    select(_latest(_tag, tags.c.name == _tag.c.name), _tag.c.name).where(_tag.c.name.is_not(None)),
    _in_environments(deployed_versions, deployed_versions.c.undeployed_at.is_(None)),
    _in_environments(released_versions, released_versions.c.support_ended_at.is_(None)),
)
_any_result = verifications.alias("any_result")
_DETAILS = (
    select(
        pact_publications.c.id,
        _consumers.c.name,
        _providers.c.name,
        pact_publications.c.consumer_version_id,
        pact_publications.c.created_at,
        verifications.c.provider_version_id,
        verifications.c.success,
        verifications.c.pending,
        verifications.c.created_at,
        select(literal(1))
        .where(
            _any_result.c.consumer_id == pact_publications.c.consumer_id,
            _any_result.c.provider_id == pact_publications.c.provider_id,
        )
        .exists(),
    )
    .select_from(pact_publications)
    .join(_consumers, _consumers.c.id == pact_publications.c.consumer_id)
    .join(_providers, _providers.c.id == pact_publications.c.provider_id)
    .outerjoin(verifications, verifications.c.id == newest_result(pact_publications.c.pact_version_id))
    .where(pact_publications.c.id.in_(bindparam("ids", expanding=True)))
)
_TAGS = (
    select(tags.c.version_id, tags.c.name, IS_LATEST)
    .where(tags.c.version_id.in_(bindparam("version_ids", expanding=True)))
    .order_by(tags.c.id)
)


class Dashboard:
    """Of each integration the latest pact, the latest with each tag, and those in environments."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, page: Page) -> list[DashboardItem]:
        """Return the pacts of a page of integrations, the ones with the newest contract data first."""
        place = {"page_size": page.size, "page_offset": page.offset}
        return self._items([(row[0], row[1]) for row in self._rows(_PAIRS, place)])

    def of_pair(self, consumer: Pacticipant, provider: Pacticipant) -> list[DashboardItem]:
        """Return the pacts of one integration."""
        return self._items([(consumer.id, provider.id)])

    def _items(self, pairs: Sequence[Pair]) -> list[DashboardItem]:
        latest_tags: dict[int, list[str]] = {}
        for publication_id, tag in self._rows(_SHOWN, {"pairs": pairs}) if pairs else ():
            if publication_id is not None:
                latest_tags.setdefault(publication_id, []).extend([] if tag is None else [tag])
        rows = list(self._rows(_DETAILS, {"ids": list(latest_tags)}))
        provider_versions = {row[5] for row in rows if row[5] is not None}
        versions = Versions(self._connection).find_by_ids({row[3] for row in rows} | provider_versions)
        tagged = self._tags(provider_versions)
        return [_item(row, latest_tags[row[0]], versions, tagged) for row in rows]

    def _tags(self, version_ids: Collection[int]) -> Mapping[int, tuple[LatestTag, ...]]:
        found: dict[int, tuple[LatestTag, ...]] = {}
        for version_id, name, latest in self._rows(_TAGS, {"version_ids": list(version_ids)}):
            found[version_id] = (*found.get(version_id, ()), LatestTag(name, latest=bool(latest)))
        return found

    def _rows(self, statement: Any, values: dict[str, Any]) -> Iterable[Any]:  # noqa: ANN401 - any statement
        return self._connection.execute(statement, values)


def _item(
    row: Any,  # noqa: ANN401 - the columns of _DETAILS
    latest_tags: Sequence[str],
    versions: Mapping[int, Version],
    tagged: Mapping[int, tuple[LatestTag, ...]],
) -> DashboardItem:
    _, consumer, provider, version_id, published_at, by_id, success, pending, verified_at, was_verified = row
    result = None
    if by_id is not None:
        result = DashboardResult(
            versions[by_id], bool(success), bool(pending), verified_at, tagged.get(by_id, ())
        )
    pact = DashboardPact(consumer, provider, versions[version_id], published_at, tuple(sorted(latest_tags)))
    return DashboardItem(pact, result, was_verified=bool(was_verified))
