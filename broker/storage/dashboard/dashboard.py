"""The pacts on a dashboard: seven statements, eight with service contracts, whatever the history."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Connection,
    Executable,
    Select,
    Table,
    bindparam,
    func,
    null,
    select,
    union_all,
)

from broker.domain.dashboard.dashboard import DashboardItem, DashboardPact, DashboardResult
from broker.domain.decisions.evidence import Kind, judge
from broker.domain.model import Pacticipant, Version
from broker.domain.pacticipants.details import LatestTag
from broker.domain.pagination import Page
from broker.storage.conditions import (
    IN_ENVIRONMENT_NOW,
    IS_LATEST_WITH_TAG,
    is_current,
    newest,
    newest_first,
    newest_of_pair,
    newest_result,
)
from broker.storage.dialects import is_in
from broker.storage.overview.compared import ComparedPacts, NewestComparison
from broker.storage.pacticipants.versions import Versions
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import (
    integrations,
    pact_publications,
    pact_versions,
    pacticipants,
    service_contract_sets,
    tags,
    verifications,
)

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_BY_CONSUMER = (func.lower(_consumers.c.name), _consumers.c.id)
# A page has pacts of the first consumers by name. Each of their integrations has a pact at least, so as many
# integrations as pacts up to the end of the page are enough, with the others of their consumers.
_CONSUMERS_UP_TO_PAGE = (
    select(integrations.c.consumer_id)
    .join(_consumers, _consumers.c.id == integrations.c.consumer_id)
    .where(newest_of_pair(integrations.c.consumer_id, integrations.c.provider_id).is_not(None))
    .order_by(*_BY_CONSUMER)
    .limit(bindparam("page_end"))
)


def _tag_after(consumer_id: ColumnElement[int], *conditions: ColumnElement[bool]) -> ColumnElement[str]:
    return (
        select(func.min(tags.c.name))
        .where(tags.c.pacticipant_id == consumer_id, *conditions)
        .scalar_subquery()
    )


def _latest_with_tag(tag: CTE) -> ColumnElement[int]:
    pact = pact_publications.alias()
    return (
        newest(tags, pact.c.id)
        .join_from(pact, tags, tags.c.version_id == pact.c.consumer_version_id)
        .where(
            pact.c.consumer_id == tag.c.consumer_id,
            pact.c.provider_id == tag.c.provider_id,
            is_current(pact),
            tags.c.pacticipant_id == tag.c.consumer_id,
            tags.c.name == tag.c.name,
        )
        .scalar_subquery()
    )


def _tag_of(pair: CTE) -> CTE:
    """Return each tag that a consumer uses, once.

    It steps through the index from one name to the next. `distinct` would read the tags of all versions.
    """
    consumer_id = pair.c.consumer_id
    tag = select(consumer_id, pair.c.provider_id, _tag_after(consumer_id).label("name")).cte(
        "tag", recursive=True
    )
    next_name = _tag_after(tag.c.consumer_id, tags.c.name > tag.c.name)
    return tag.union_all(
        select(tag.c.consumer_id, tag.c.provider_id, next_name).where(tag.c.name.is_not(None))
    )


def _in_environments(pair: CTE, table: Table, still_there: ColumnElement[bool]) -> Select[Any]:
    return (
        select(pact_publications.c.id, null())
        .select_from(pair)
        .join(table, table.c.pacticipant_id == pair.c.consumer_id)
        .join(
            pact_publications,
            (pact_publications.c.consumer_version_id == table.c.version_id)
            & (pact_publications.c.provider_id == pair.c.provider_id)
            & is_current(pact_publications),
        )
        .where(still_there)
    )


def _shown(which: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Return the statement for the publications that are shown of these integrations: their ids, and tags."""
    pair = select(integrations.c.consumer_id, integrations.c.provider_id).where(which).cte("pair")
    tag = _tag_of(pair)
    return union_all(
        select(
            newest_of_pair(pair.c.consumer_id, pair.c.provider_id).label("id"), null().label("tag")
        ).select_from(pair),
        select(_latest_with_tag(tag), tag.c.name).where(tag.c.name.is_not(None)),
        *(_in_environments(pair, table, still_there) for table, still_there in IN_ENVIRONMENT_NOW),
    )


_SHOWN_OF_CONSUMERS = _shown(is_in(integrations.c.consumer_id, "consumer_ids"))
_SHOWN_OF_PAIR = _shown(
    (integrations.c.consumer_id == bindparam("consumer_id"))
    & (integrations.c.provider_id == bindparam("provider_id"))
)
_HAS_DOCUMENTS = (
    select(1)
    .where(service_contract_sets.c.pacticipant_id == pact_publications.c.provider_id)
    .correlate(pact_publications)
    .exists()
)
_DETAILS = (
    select(
        pact_publications.c.id,
        _consumers.c.name.label("consumer"),
        _providers.c.name.label("provider"),
        pact_publications.c.consumer_version_id,
        pact_publications.c.created_at.label("published_at"),
        verifications.c.provider_version_id,
        verifications.c.success,
        verifications.c.pending,
        verifications.c.created_at.label("verified_at"),
        pact_versions.c.sha,
        _HAS_DOCUMENTS.label("has_documents"),
    )
    .select_from(pact_publications)
    .join(pact_versions, pact_versions.c.id == pact_publications.c.pact_version_id)
    .join(_consumers, _consumers.c.id == pact_publications.c.consumer_id)
    .join(_providers, _providers.c.id == pact_publications.c.provider_id)
    .outerjoin(verifications, verifications.c.id == newest_result(pact_publications.c.pact_version_id))
    .where(is_in(pact_publications.c.id, "ids"))
    .order_by(
        *_BY_CONSUMER, newest_first(pact_publications), func.lower(_providers.c.name), pact_publications.c.id
    )
)
_TAGS = (
    select(tags.c.version_id, tags.c.name, IS_LATEST_WITH_TAG)
    .where(is_in(tags.c.version_id, "version_ids"))
    .order_by(tags.c.id)
)


class Dashboard:
    """The latest pact of each integration, the latest with each tag, and those in environments."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, page: Page) -> list[DashboardItem]:
        """Return a page of pacts, in the order of consumers, the newest version first, and of providers."""
        up_to_page = {"page_end": page.offset + page.size}
        consumer_ids = list(dict.fromkeys(self._connection.scalars(_CONSUMERS_UP_TO_PAGE, up_to_page)))
        if not consumer_ids:
            return []
        return self._items(_SHOWN_OF_CONSUMERS, {"consumer_ids": consumer_ids}, page)

    def of_pair(self, consumer: Pacticipant, provider: Pacticipant, page: Page) -> list[DashboardItem]:
        """Return a page of the pacts of one integration, the newest version first."""
        return self._items(_SHOWN_OF_PAIR, {"consumer_id": consumer.id, "provider_id": provider.id}, page)

    def _items(self, shown: CompoundSelect[Any], values: dict[str, Any], page: Page) -> list[DashboardItem]:
        latest_tags: dict[int, list[str]] = {}
        for publication_id, tag in self._rows(shown, values):
            if publication_id is not None:
                latest_tags.setdefault(publication_id, []).extend([] if tag is None else [tag])
        found = list(self._rows(_DETAILS, {"ids": list(latest_tags)}))
        rows = found[page.offset : page.offset + page.size]
        compared = ComparedPacts(self._connection).newest(
            [(row.consumer, row.provider, row.sha) for row in rows if row.has_documents]
        )
        decided = [_decided(row, compared.get((row.consumer, row.provider, row.sha))) for row in rows]
        consumer_versions = {row.consumer_version_id for row in rows}
        provider_versions = {verified_by for verified_by, *_ in decided if verified_by is not None}
        versions = Versions(self._connection, StandingMarks()).find_by_ids(
            consumer_versions | provider_versions
        )
        tagged = self._tags(provider_versions)
        return [
            _item(row, verdict, latest_tags[row.id], versions=versions, tagged=tagged)
            for row, verdict in zip(rows, decided, strict=True)
        ]

    def _tags(self, version_ids: Collection[int]) -> Mapping[int, tuple[LatestTag, ...]]:
        found: dict[int, tuple[LatestTag, ...]] = {}
        for version_id, name, latest in self._rows(_TAGS, {"version_ids": list(version_ids)}):
            found[version_id] = (*found.get(version_id, ()), LatestTag(name, latest=bool(latest)))
        return found

    def _rows(self, statement: Executable, values: dict[str, Any]) -> Iterable[Any]:
        return self._connection.execute(statement, values)


_Verdict = tuple[int | None, Any, Any, Any]
"""The version that decided, and whether it is a success, whether the pact was pending, and when."""


def _decided(row: Any, found: NewestComparison | None) -> _Verdict:
    """Return the result of the row, or the comparison where that decides."""
    if found is not None:
        judgement = judge(None if row.success is None else bool(row.success), found.evidence)
        if judgement.kind is Kind.COMPARED and judgement.success is not None:
            return found.version_id, judgement.success, False, found.compared_at
    return row.provider_version_id, row.success, row.pending, row.verified_at


def _item(
    row: Any,
    decided: _Verdict,
    latest_tags: Sequence[str],
    *,
    versions: Mapping[int, Version],
    tagged: Mapping[int, tuple[LatestTag, ...]],
) -> DashboardItem:
    # All columns at once: a dashboard has hundreds of rows, and a look-up by name takes its time.
    _, consumer, provider, consumer_version, published_at, *_ = row
    verified_by, success, pending, verified_at = decided
    result = None
    if verified_by is not None:
        result = DashboardResult(
            versions[verified_by], bool(success), bool(pending), verified_at, tagged.get(verified_by, ())
        )
    version = versions[consumer_version]
    tag_names = tuple(tag for tag in version.tags if tag in latest_tags)
    pact = DashboardPact(consumer, provider, version, published_at, tag_names)
    return DashboardItem(pact, result)
